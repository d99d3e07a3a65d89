"""The products document: what the shop sells, by GTIN, from JSON."""

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from gateway.documents.elements import elements, utf8
from gateway.documents.form import Form, LanguageTag, fill, invalid
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
    reading = ProductsReading(utf8(raw, DOCUMENT))
    products = dict(reading)
    return Products(reading.serial, products)


class ProductsReading:
    """The products of a document's text, one at a time, each by its GTIN-14; `serial` once all were read.

    Iterating raises DocumentRefused as `compile_products` does.
    """

    def __init__(self, text: str) -> None:
        self.serial = 0
        self._text = text

    def __iter__(self) -> Iterator[tuple[str, dict[str, Any]]]:
        written: dict[str, Any] = {}
        seen: set[str] = set()
        for key, value in elements(self._text, DOCUMENT, DOCUMENT):
            if key is not None:
                written[key] = value
                continue
            place = f"{DOCUMENT}[{len(seen)}]"
            gtin = _checked(value, place)
            if gtin in seen:
                raise invalid(DOCUMENT, f"{place}.gtin", f"{value['gtin']} is there twice", "Keep one of the two")
            seen.add(gtin)
            yield gtin, {**value, "gtin": gtin}
        self.serial = fill(_ProductsForm, written, DOCUMENT).serial


def _checked(written: Any, place: str) -> str:
    """The GTIN-14 of a product that is as it should be."""
    product = fill(_ProductForm, written, DOCUMENT, place)
    gtin = _gtin(product.gtin, f"{place}.gtin")
    if product.currency is None and (product.price is not None or product.prior_price is not None):
        raise invalid(DOCUMENT, f"{place}.currency", "a price has no currency", 'Add one such as "EUR"')
    return gtin


def _gtin(text: str, key: str) -> str:
    try:
        return gtin_14(text)
    except ValueError as error:
        raise invalid(DOCUMENT, key, str(error), "Write the number under the product's bar code") from error
