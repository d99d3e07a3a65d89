"""The bar codes of retail points of sale: EAN-13, EAN-8, UPC-A, UPC-E.

Source: GS1 General Specifications 5.1 and 7.11 (zero suppression).
"""

from typing import Final, Literal

from gateway.codecs.gs1.characters import is_decimal
from gateway.codecs.gs1.check_digits import check_digit_holds

RetailKind = Literal["ean_13", "ean_8", "upc_a", "upc_e"]

_KINDS: Final[dict[int, RetailKind]] = {13: "ean_13", 12: "upc_a", 8: "ean_8"}
_UPC_E_DIGITS: Final = 8


def read_retail(digits: str) -> tuple[RetailKind, str] | None:
    """The kind of bar code with these digits, and its GTIN-14; None if none has them.

    Eight digits are EAN-8 where its check digit holds, and otherwise UPC-E where that of the number it stands for does.
    """
    kind = _KINDS.get(len(digits))
    if kind is None or not is_decimal(digits):
        return None
    if check_digit_holds(digits):
        return kind, digits.zfill(14)
    expanded = upc_a_of(digits) if len(digits) == _UPC_E_DIGITS else None
    if expanded is None or not check_digit_holds(expanded):
        return None
    return "upc_e", expanded.zfill(14)


def upc_a_of(upc_e: str) -> str | None:
    """The twelve digits that the eight of a UPC-E stand for; None unless it begins with 0 or 1."""
    system, body, check = upc_e[0], upc_e[1:7], upc_e[7]
    if system not in "01":
        return None
    last = body[5]
    if last in "012":
        middle = f"{body[:2]}{last}0000{body[2:5]}"
    elif last == "3":
        middle = f"{body[:3]}00000{body[3:5]}"
    elif last == "4":
        middle = f"{body[:4]}00000{body[4]}"
    else:
        middle = f"{body[:5]}0000{last}"
    return system + middle + check
