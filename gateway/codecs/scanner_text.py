"""What a hand scanner sends for one code: a symbology identifier if it is set to, the text, and an end of line.

Source: ISO/IEC 15424 (symbology identifiers); GS1 General Specifications 5.1.3.
"""

from typing import Final

from gateway.codecs.gs1.element_string import SEPARATOR

UNKNOWN: Final = "unknown"
"""The symbology where the scanner says none."""

_GS1: Final[dict[str, str]] = {
    "]C1": "code_128",
    "]e0": "databar",
    "]d2": "data_matrix",
    "]Q3": "qr_code",
    "]J1": "dotcode",
}
_RETAIL: Final[dict[str, str]] = {"]E0": "ean_13", "]E4": "ean_8"}
_LETTERS: Final[dict[str, str]] = {
    "A": "code_39",
    "C": "code_128",
    "E": "ean_13",
    "I": "itf",
    "L": "pdf_417",
    "Q": "qr_code",
    "X": UNKNOWN,
    "d": "data_matrix",
    "e": "databar",
    "z": "aztec",
}


def read_scanned(text: str) -> tuple[str, str]:
    """The symbology and the text of a code, its identifier taken off; what GS1 wrote begins with FNC1 (0x1D)."""
    if len(text) < 3 or text[0] != "]" or (text[1] not in _LETTERS and text[:3] not in _GS1):
        return UNKNOWN, text
    prefix, rest = text[:3], text[3:]
    if prefix in _GS1:
        return _GS1[prefix], SEPARATOR + rest.removeprefix(SEPARATOR)
    if prefix in _RETAIL:
        return ("upc_a" if len(rest) == 12 else _RETAIL[prefix]), rest
    return _LETTERS[text[1]], rest
