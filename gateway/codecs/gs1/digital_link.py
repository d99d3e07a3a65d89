"""GS1 Digital Link: elements as a web address.

Source: GS1 Digital Link Standard: URI Syntax 1.6, sections 4 and 5; RFC 3986. Names for identifiers and GTINs of fewer
than 14 digits, which older links have, are read and never written.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from gateway.codecs.gs1.characters import is_decimal
from gateway.codecs.gs1.elements import (
    MAX_ELEMENTS,
    Element,
    Gs1Error,
    check_repeats,
    check_value,
    identifier_of,
)
from gateway.codecs.gs1.identifiers import IDENTIFIERS, KEY_NAMES

_SCHEMES: Final = ("https://", "HTTPS://", "http://", "HTTP://")
_HOST: Final = re.compile(r"[A-Za-z0-9.:\[\]-]+")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*")
_GTIN: Final = "01"
_GTIN_LENGTHS: Final = (8, 12, 13)


def is_address(text: str) -> bool:
    """Whether `text` begins as a web address, in either case throughout."""
    return text.startswith(_SCHEMES)


def parse_digital_link(address: str) -> list[Element]:
    """The elements of `address`, path first, GTINs of 14 digits.

    Raises:
        Gs1Error: it is no web address, its path names no primary key, or an element is wrong or out of place.
    """
    path, query = _parts(address)
    key_path = _key_path(path)
    elements = [_element(ai, value) for ai, value in key_path]
    names = [ai for ai, _ in elements]
    if not _is_sequence(names):
        msg = f"the path's identifiers {', '.join(names)} do not belong together in this order"
        raise Gs1Error(msg)
    for ai, value in _attributes(query):
        if ai in names:
            msg = f"AI {ai} stands twice"
            raise Gs1Error(msg)
        if not identifier_of(ai).attribute or _is_qualifier(ai, names):
            msg = f"AI {ai} has its place in the path, not in the query"
            raise Gs1Error(msg)
        elements.append(_element(ai, value.replace("+", " ")))
        names.append(ai)
    check_repeats(elements)
    return elements


def digital_link(elements: Iterable[Element], stem: str = "https://id.gs1.org") -> str:
    """The elements, a primary key and its qualifiers first, as an address under `stem`.

    Raises:
        Gs1Error: the first is no primary key, or an element is wrong or out of place.
    """
    path: list[Element] = []
    query: list[Element] = []
    for element in elements:
        in_path = not query and _is_sequence([*(ai for ai, _ in path), element[0]])
        (path if in_path else query).append(element)
    written = "".join(f"/{ai}/{quote(value, safe='')}" for ai, value in path)
    asked = "&".join(f"{ai}={quote(value, safe='')}" for ai, value in query)
    address = stem.rstrip("/") + written + ("?" if asked else "") + asked
    parse_digital_link(address)
    return address


def _parts(address: str) -> tuple[str, str]:
    """Path and query, still as written."""
    scheme = next((scheme for scheme in _SCHEMES if address.startswith(scheme)), None)
    if scheme is None or _ADDRESS.fullmatch(address) is None:
        msg = "it is no web address: https:// and the characters that an address may have"
        raise Gs1Error(msg)
    host, slash, path = address[len(scheme) :].partition("#")[0].partition("/")
    if not slash or _HOST.fullmatch(host) is None:
        msg = f"{host!r} is no host with a path after it"
        raise Gs1Error(msg)
    path, _, query = path.partition("?")
    return path, query


def _key_path(path: str) -> list[Element]:
    """From the last primary key of the path to its end: identifiers and their values, still as written."""
    segments = path.split("/")
    for start in range(len(segments) - 2, -1, -2):
        ai = _ai_of(segments[start])
        if ai is None:
            break
        if IDENTIFIERS[ai].qualifiers is not None:
            names = [_ai_of(segment) or "" for segment in segments[start::2]]
            return list(zip(names, segments[start + 1 :: 2], strict=True))
    msg = "its path ends in no primary key of GS1 with a value, such as /01/09506000134352"
    raise Gs1Error(msg)


def _ai_of(segment: str) -> str | None:
    ai = KEY_NAMES.get(segment, segment)
    return ai if ai in IDENTIFIERS else None


def _element(ai: str, written: str) -> Element:
    value = unquote_to_bytes(written).decode("utf-8", "replace")
    if ai == _GTIN and len(value) in _GTIN_LENGTHS and is_decimal(value):
        value = value.zfill(14)
    check_value(identifier_of(ai), value)
    return ai, value


def _is_sequence(names: Sequence[str]) -> bool:
    """Whether these are a primary key and, in their order, qualifiers of it."""
    key = IDENTIFIERS.get(names[0])
    if key is None or key.qualifiers is None:
        return False
    return len(names) == 1 or any(_is_subsequence(names[1:], sequence) for sequence in key.qualifiers)


def _is_subsequence(names: Sequence[str], sequence: Sequence[str]) -> bool:
    left = iter(sequence)
    return all(name in left for name in names)


def _is_qualifier(ai: str, names: Sequence[str]) -> bool:
    """Whether `ai` could have stood somewhere in the path of `names`."""
    key_path = [name for place, name in enumerate(names) if _is_sequence(names[: place + 1])]
    return any(_is_sequence([*key_path[:place], ai, *key_path[place:]]) for place in range(1, len(key_path) + 1))


def _attributes(query: str) -> list[Element]:
    """The parameters that are elements; others, named in letters, are not GS1's business."""
    found: list[Element] = []
    for parameter in query.split("&"):
        name, equals, value = parameter.partition("=")
        if equals and is_decimal(name):
            found.append((name, value))
    if len(found) > MAX_ELEMENTS:
        msg = f"more than {MAX_ELEMENTS} elements"
        raise Gs1Error(msg)
    return found
