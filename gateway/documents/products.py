"""The products document: what the shop sells, by GTIN, from JSON."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from gateway.documents.form import Form, LanguageTag, fill, invalid, read_json
from gateway.documents.gtin import gtin_14
from gateway.model.documents import Products

DOCUMENT: Final = "products"

Price = Annotated[float, Field(ge=0)]


class _ProductForm(Form):
    gtin: str
    names: dict[LanguageTag, str] = Field(min_length=1)
    price: Price | None = None
    prior_price: Price | None = None
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    image: str | None = None
    attributes: dict[str, Any] = Field(default_factory=dict)
    variants: list[Any] = Field(default_factory=list)
    alternatives: list[str] = Field(default_factory=list)
    complements: list[str] = Field(default_factory=list)
    rating: Any = None
    reviews: Any = None


class _ProductsForm(Form):
    document: Literal["products"]
    serial: int = Field(ge=0)
    products: list[dict[str, Any]]


def compile_products(raw: bytes) -> Products:
    """The products of `raw`, a JSON object `{"document": "products", "serial": 7, "products": [{"gtin": …}, …]}`.

    Raises:
        DocumentRefused: `malformed` or `invalid`, with the key that is wrong.
    """
    form = fill(_ProductsForm, read_json(raw, DOCUMENT), DOCUMENT)
    products: dict[str, dict[str, Any]] = {}
    for place, written in enumerate(form.products):
        key = f"products[{place}]"
        product = fill(_ProductForm, written, DOCUMENT, key)
        gtin = _gtin(product.gtin, f"{key}.gtin")
        if gtin in products:
            raise invalid(DOCUMENT, f"{key}.gtin", f"{product.gtin} is there twice", "Keep one of the two")
        if product.currency is None and (product.price is not None or product.prior_price is not None):
            raise invalid(DOCUMENT, f"{key}.currency", "a price has no currency", 'Add one such as "EUR"')
        products[gtin] = {**written, "gtin": gtin}
    return Products(form.serial, products)


def _gtin(text: str, key: str) -> str:
    try:
        return gtin_14(text)
    except ValueError as error:
        raise invalid(DOCUMENT, key, str(error), "Write the number under the product's bar code") from error
