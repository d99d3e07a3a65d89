"""GS1: what a code with a product or another key of GS1 says, from a Digital Link, an element string or a bar code."""

from dataclasses import dataclass
from typing import Final, Literal

from gateway.codecs.gs1.characters import is_decimal
from gateway.codecs.gs1.check_digits import check_digit, check_digit_holds, check_pair, check_pair_holds
from gateway.codecs.gs1.digital_link import digital_link, is_address, parse_digital_link
from gateway.codecs.gs1.element_string import element_string, is_element_string, parse_element_string
from gateway.codecs.gs1.elements import Element, Gs1Error
from gateway.codecs.gs1.retail import RetailKind, read_retail

__all__ = [
    "Element",
    "Gs1Error",
    "Gs1Reading",
    "check_digit",
    "check_digit_holds",
    "check_pair",
    "check_pair_holds",
    "digital_link",
    "element_string",
    "read_gs1",
]

MAX_TEXT_CHARS: Final = 8192

Gs1Kind = Literal["digital_link", "element_string"] | RetailKind

_OF_ADDRESSES: Final = ("]Q1", "]d1")
"""The symbology identifiers (ISO/IEC 15424) of codes that may hold a Digital Link."""
_RETAIL_DIGITS: Final = {"]E0": 13, "]E4": 8}
"""How many digits follow a retail bar code's; a UPC-A's twelve with a zero before them."""


@dataclass(frozen=True, slots=True)
class Gs1Reading:
    """What the text was, and its elements in the order of appearance; a GTIN has 14 digits."""

    kind: Gs1Kind
    elements: tuple[Element, ...]


def read_gs1(text: str) -> Gs1Reading:
    """Read a text as a scanner hands it over.

    Raises:
        Gs1Error: it is nothing of GS1's, or breaks GS1's rules.
    """
    if len(text) > MAX_TEXT_CHARS:
        msg = f"{len(text)} characters are more than any code holds ({MAX_TEXT_CHARS})"
        raise Gs1Error(msg)
    symbology, content = text[:3], text[3:]
    address = content if symbology in _OF_ADDRESSES else text
    if is_address(address):
        return Gs1Reading("digital_link", tuple(parse_digital_link(address)))
    if is_element_string(text):
        return Gs1Reading("element_string", tuple(parse_element_string(text)))
    digits = content if symbology in _RETAIL_DIGITS else text
    if len(digits) != _RETAIL_DIGITS.get(symbology, len(digits)):
        msg = f"{symbology} is followed by {_RETAIL_DIGITS[symbology]} digits, not by {len(digits)} characters"
        raise Gs1Error(msg)
    retail = read_retail(digits)
    if retail is not None:
        kind, gtin = retail
        return Gs1Reading(kind, (("01", gtin),))
    raise Gs1Error(_not_gs1(digits))


def _not_gs1(text: str) -> str:
    if is_decimal(text) and len(text) in {8, 12, 13}:
        return f"the check digit of {text} is wrong: {text[-1]}, not {check_digit(text[:-1])}"
    return (
        "it is no Digital Link (https://…), no element string (FNC1, ]d2…, (01)…), no EAN or UPC of 8, 12 or 13 digits"
    )
