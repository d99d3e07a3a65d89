"""What a scanned or tapped text stands for in the shop: one of its own markers, or a product by its GTIN.

Sources: GS1 General Specifications, 7.9 (check digit); GS1 Digital Link Standard: URI Syntax, 4 (`/01/{gtin}`).
"""

import re
from itertools import pairwise
from typing import Final
from urllib.parse import unquote, urlsplit

MAX_TEXT_CHARS: Final = 2048
MAX_MARKER_CHARS: Final = 64

_GTIN_DIGITS: Final = 14
_DIGITAL_LINK_LENGTHS: Final = frozenset({8, 12, 13, 14})
_BAR_CODE_LENGTHS: Final = frozenset({8, 12, 13})
_DIGITS: Final = re.compile(r"[0-9]+")
_MARKER: Final = re.compile(r"[\w.~-]+")


def marker_in(text: str) -> str | None:
    """The marker's id or the GTIN-14 that `text` (of a code, or an address on a tag) may stand for; None if neither.

    A web address counts by its path alone, since the same page has another host inside the shop: `…/m/{marker}`, or
    `…/01/{gtin}` of GS1 Digital Link. Any other text is a GTIN where it is EAN-13, EAN-8 or UPC-A with a right check
    digit, and otherwise a marker's id if it has the form of one (up to 64 letters, digits and `_.~-`). More than 2,048
    characters are not looked at.
    """
    if len(text) > MAX_TEXT_CHARS:
        return None
    text = text.strip()
    if text[:8].lower().startswith(("http://", "https://")):
        return _in_path(text)
    return _gtin_14(text, _BAR_CODE_LENGTHS) or _marker(text)


def check_digit_holds(digits: str) -> bool:
    """Whether the last of `digits` is right for the others: weights 1 and 3 in turn from the right, modulo 10."""
    return sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(reversed(digits))) % 10 == 0


def _in_path(address: str) -> str | None:
    try:
        path = urlsplit(address).path
    except ValueError:
        return None
    segments = [unquote(segment) for segment in path.rstrip("/").split("/")]
    for key, value in pairwise(segments):
        if key == "01" and (gtin := _gtin_14(value, _DIGITAL_LINK_LENGTHS)):
            return gtin
    return _marker(segments[-1]) if segments[-2:-1] == ["m"] else None


def _marker(text: str) -> str | None:
    return text if len(text) <= MAX_MARKER_CHARS and _MARKER.fullmatch(text) else None


def _gtin_14(digits: str, lengths: frozenset[int]) -> str | None:
    """`digits` to 14 places if they are a GTIN of one of `lengths`."""
    if len(digits) not in lengths or _DIGITS.fullmatch(digits) is None or not check_digit_holds(digits):
        return None
    return digits.zfill(_GTIN_DIGITS)
