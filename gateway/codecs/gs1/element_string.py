"""Element strings: what GS1-128, GS1 DataMatrix, GS1 QR and DataBar Expanded hold.

Source: GS1 General Specifications 7.8 (concatenation), 5.2 (FNC1); ISO/IEC 15424 (symbology identifiers).
"""

import re
from collections.abc import Iterable
from typing import Final

from gateway.codecs.gs1.elements import (
    MAX_ELEMENTS,
    Element,
    Gs1Error,
    check_repeats,
    check_value,
    identifier_of,
)
from gateway.codecs.gs1.identifiers import IDENTIFIERS, Identifier

SEPARATOR: Final = "\x1d"
"""FNC1 as readers transmit it."""

_SYMBOLOGIES: Final = ("]C1", "]e0", "]d2", "]Q3", "]J1")
_BRACKETED: Final = re.compile(r"(?<!\\)\(([0-9]{2,4})\)")
_ESCAPED: Final = "\\("
"""A bracket of a value, where the bracketed form would take it for an identifier's."""


def is_element_string(text: str) -> bool:
    """Whether `text` says of itself that it is one: FNC1 (`^` where it is printed), a symbology identifier, `(01)…`."""
    return text.startswith((SEPARATOR, "^", *_SYMBOLOGIES)) or _BRACKETED.match(text) is not None


def parse_element_string(text: str) -> list[Element]:
    """The elements of a text for which `is_element_string` holds, in their order.

    Raises:
        Gs1Error: an identifier is unknown, a value is wrong, or one identifier has two values.
    """
    elements = _bracketed(text) if text.startswith("(") else _concatenated(text)
    check_repeats(elements)
    return elements


def element_string(elements: Iterable[Element]) -> str:
    """The elements as a reader would transmit them, FNC1 first.

    Raises:
        Gs1Error: an identifier is unknown or a value is wrong.
    """
    parts: list[str] = []
    separated = True
    for ai, value in elements:
        identifier = identifier_of(ai)
        check_value(identifier, value)
        parts += [SEPARATOR] * separated + [ai, value]
        separated = not identifier.predefined
    return "".join(parts)


def _bracketed(text: str) -> list[Element]:
    _, *parts = _BRACKETED.split(text)
    values = (value.replace(_ESCAPED, "(") for value in parts[1::2])
    elements = list(zip(parts[::2], values, strict=True))
    for ai, value in _bounded(elements):
        check_value(identifier_of(ai), value)
    return elements


def _concatenated(text: str) -> list[Element]:
    if text.startswith("]"):
        left = text[3:].removeprefix(SEPARATOR)
    else:
        left = text[1:].replace("^", SEPARATOR) if text.startswith("^") else text[1:]
    elements: list[Element] = []
    while left or not elements:
        identifier = _leading(left)
        left = left[len(identifier.ai) :]
        end = _length(identifier) if identifier.predefined else left.find(SEPARATOR)
        value = left if end == -1 else left[:end]
        left = left[len(value) :].removeprefix(SEPARATOR)
        check_value(identifier, value)
        elements.append((identifier.ai, value))
        _bounded(elements)
    return elements


def _length(identifier: Identifier) -> int:
    return sum(component.longest for component in identifier.components)


def _leading(text: str) -> Identifier:
    found = next((text[:length] for length in (2, 3, 4) if text[:length] in IDENTIFIERS), None)
    if found is None:
        msg = f"there is no application identifier at {text[:4]!r}" if text else "there is nothing after FNC1"
        raise Gs1Error(msg)
    return IDENTIFIERS[found]


def _bounded(elements: list[Element]) -> list[Element]:
    if len(elements) > MAX_ELEMENTS:
        msg = f"more than {MAX_ELEMENTS} elements"
        raise Gs1Error(msg)
    return elements
