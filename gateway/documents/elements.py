"""A large JSON object read one element at a time, so that only the text is in memory."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from gateway.documents.form import STRICT
from gateway.documents.refusal import DocumentRefused

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_DECODER: Final = json.JSONDecoder(**STRICT)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an object that is read entry by entry."""

    name: str
    value: Any


def elements(text: str, array: str, document: str, bank: str = "") -> Iterator[tuple[str | None, Any]]:
    """Each key and value of the JSON object in `text`, but for the array under `array`: that gives its elements.

    An element comes without a key (None), after `array` itself with an empty list. So does each entry of the object
    under `bank`, as an `Entry`, after `bank` itself with an empty object. `document` is for the message.

    Raises:
        DocumentRefused: `malformed`, also where an object has a key twice or a number is none.
    """
    try:
        yield from _Scan(text).fields(array, bank)
    except (ValueError, RecursionError, IndexError) as error:
        problem = f"it is not JSON: {error if isinstance(error, ValueError) else 'it ends too early'}"
        hint = "Write it as one JSON object in UTF-8"
        raise DocumentRefused("malformed", problem, hint, document=document) from error


def utf8(raw: bytes, document: str) -> str:
    """The text of a document.

    Raises:
        DocumentRefused: `malformed`: it is no UTF-8.
    """
    try:
        return str(raw, "utf-8")
    except UnicodeDecodeError as error:
        problem = f"it is no UTF-8 at byte {error.start}"
        raise DocumentRefused("malformed", problem, "Write it in UTF-8", document=document) from error


class _Scan:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def fields(self, array: str, bank: str) -> Iterator[tuple[str | None, Any]]:
        self._expect("{")
        for key in self._keys():
            if key == array and self._taken("["):
                yield array, []
                yield from ((None, element) for element in self._array())
            elif key == bank and self._taken("{"):
                yield bank, {}
                yield from ((None, Entry(name, self._value())) for name in self._keys())
            else:
                yield key, self._value()
        self._skip()
        if self._at != len(self._text):
            raise json.JSONDecodeError("Extra data", self._text, self._at)

    def _array(self) -> Iterator[Any]:
        first = True
        while not self._taken("]"):
            if not first:
                self._expect(",")
            first = False
            yield self._value()

    def _keys(self) -> Iterator[str]:
        """The keys of the object that was begun; its reader takes each one's value before it asks for the next."""
        seen: set[str] = set()
        while not self._taken("}"):
            if seen:
                self._expect(",")
            key = self._key()
            if key in seen:
                msg = f"the key {key!r} is there twice"
                raise ValueError(msg)
            seen.add(key)
            self._expect(":")
            yield key

    def _key(self) -> str:
        key = self._value()
        if not isinstance(key, str):
            raise json.JSONDecodeError("Expecting a key in double quotes", self._text, self._at)
        return key

    def _value(self) -> Any:
        self._skip()
        value, self._at = _DECODER.raw_decode(self._text, self._at)
        return value

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _taken(self, sign: str) -> bool:
        self._skip()
        if self._text.startswith(sign, self._at):
            self._at += len(sign)
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._taken(sign):
            raise json.JSONDecodeError(f"Expecting {sign!r}", self._text, self._at)
