"""What a scanned or tapped text stands for in the shop: one of its own markers, or a product by its GTIN."""

import re
from typing import Final
from urllib.parse import unquote, urlsplit

from gateway.codecs.gs1 import Gs1Error, read_gs1

MAX_TEXT_CHARS: Final = 2048
MAX_MARKER_CHARS: Final = 64

_GTIN: Final = "01"
_MARKER: Final = re.compile(r"[\w.~-]+")


def marker_in(text: str) -> str | None:
    """The marker's id or the GTIN-14 that `text` (of a code, or an address on a tag) may stand for; None if neither.

    A product counts in every form of GS1's: Digital Link, element string, EAN, UPC. A web address counts by its path
    alone, since the same page has another host inside the shop: `…/m/{marker}`. Any other text is a marker's id if it
    has the form of one (up to 64 letters, digits and `_.~-`). More than 2,048 characters are not looked at.
    """
    if len(text) > MAX_TEXT_CHARS:
        return None
    text = text.strip()
    gtin = _gtin(text)
    if gtin is not None:
        return gtin
    if text[:8].lower().startswith(("http://", "https://")):
        return _in_path(text)
    return _marker(text)


def _gtin(text: str) -> str | None:
    try:
        return dict(read_gs1(text).elements).get(_GTIN)
    except Gs1Error:
        return None


def _in_path(address: str) -> str | None:
    try:
        path = urlsplit(address).path
    except ValueError:
        return None
    segments = [unquote(segment) for segment in path.rstrip("/").split("/")]
    return _marker(segments[-1]) if segments[-2:-1] == ["m"] else None


def _marker(text: str) -> str | None:
    return text if len(text) <= MAX_MARKER_CHARS and _MARKER.fullmatch(text) else None
