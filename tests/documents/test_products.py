"""The products document."""

import json

import pytest

from gateway.documents.products import compile_products
from gateway.documents.refusal import DocumentRefused

SHOE: dict[str, object] = {
    "gtin": "9506000134352",
    "names": {"fr": "Basket"},
    "price": 79.9,
    "prior_price": 99,
    "currency": "EUR",
    "attributes": {"colour": "red"},
    "alternatives": ["09506000134369"],
}


def raw(*products: dict[str, object]) -> bytes:
    return json.dumps({"document": "products", "serial": 7, "products": products}).encode()


def test_products_are_found_by_14_digits_and_kept_as_written() -> None:
    document = compile_products(raw(SHOE))
    assert document.serial == 7
    assert document.products == {"09506000134352": {**SHOE, "gtin": "09506000134352"}}


@pytest.mark.parametrize(
    ("products", "key", "problem"),
    [
        ([{**SHOE, "gtin": "9506000134353"}], "products[0].gtin", "check digit"),
        ([{**SHOE, "gtin": "x"}], "products[0].gtin", "not a GTIN"),
        ([SHOE, SHOE], "products[1].gtin", "there twice"),
        ([{**SHOE, "colour": "red"}], "products[0].colour", "not known"),
        ([{**SHOE, "price": -1}], "products[0].price", "greater than or equal to 0"),
        ([{**SHOE, "currency": None}], "products[0].currency", "a price has no currency"),
        ([{**SHOE, "names": {}}], "products[0].names", "at least 1 item"),
    ],
)
def test_what_is_wrong_is_said_with_its_key(products: list[dict[str, object]], key: str, problem: str) -> None:
    with pytest.raises(DocumentRefused) as caught:
        compile_products(raw(*products))
    assert (caught.value.code, caught.value.key) == ("invalid", key)
    assert problem in caught.value.problem
