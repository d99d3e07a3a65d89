"""The fields of a JSON object, taken one by one and checked; what nobody took is refused by its name."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, Self, TypeVar

from gateway.model.amount import Amount, amount_of

Word = TypeVar("Word", bound=str)

_LARGEST: Final = 1e15
_HALF: Final = re.compile(r"[\ud800-\udfff]")


class FieldError(ValueError):
    """A field is missing, wrong or unknown: the message names it and says what to write; it never repeats a value."""


class Fields:
    """What is left to take of one object; `within` names the object where it lies inside another (`seen[2].`)."""

    __slots__ = ("_left", "_within")

    def __init__(self, fields: Mapping[str, Any], within: str = "") -> None:
        self._left = dict(fields)
        self._within = within

    @classmethod
    def of(cls, text: str) -> Self:
        """The fields of the object that `text` is.

        Raises:
            FieldError: `text` is no JSON object.
        """
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            reason = getattr(error, "msg", "nested too deep or a number too long")
            msg = f"not JSON ({reason}): write one JSON object a line"
            raise FieldError(msg) from error
        if not isinstance(value, dict):
            msg = "not a JSON object: write one JSON object a line"
            raise FieldError(msg)
        return cls(value)

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def text(self, key: str) -> str:
        """A string that is not empty and has an encoding: JSON can also write half a character (RFC 8259, 8.2)."""
        value = self._take(key, "a text")
        if not isinstance(value, str) or not value:
            raise self.wrong(key, "write a text that is not empty")
        if _HALF.search(value):
            raise self.wrong(key, "write whole characters, no half of a surrogate pair")
        return value

    def optional_text(self, key: str) -> str | None:
        """A string that is not empty, or None where there is none."""
        return self.text(key) if self._given(key) else None

    def text_or_null(self, key: str) -> str | None:
        """A string that is not empty, or null; the field itself must be there."""
        if key in self._left and self._left[key] is None:
            del self._left[key]
            return None
        return self.text(key)

    def number(self, key: str) -> float:
        """A finite number."""
        value = self._take(key, "a number")
        if isinstance(value, bool) or not isinstance(value, int | float) or not -_LARGEST < value < _LARGEST:
            raise self.wrong(key, "write a number")
        return float(value)

    def optional_number(self, key: str) -> float | None:
        """A finite number, or None where there is none."""
        return self.number(key) if self._given(key) else None

    def amount(self, key: str) -> Amount:
        """An amount of money, fit to be added up."""
        number = self.number(key)
        try:
            return amount_of(number)
        except ValueError as error:
            raise self.wrong(key, str(error)) from error

    def optional_amount(self, key: str) -> Amount | None:
        """An amount of money, or None where there is none."""
        return self.amount(key) if self._given(key) else None

    def integer(self, key: str, highest: int) -> int:
        """A whole number from 0 to `highest`."""
        value = self.number(key)
        if not value.is_integer() or not 0 <= value <= highest:
            raise self.wrong(key, f"write a whole number from 0 to {highest}")
        return int(value)

    def octets(self, key: str, most: int) -> bytes:
        """Bytes written in hex, at most `most` of them."""
        value = self._take(key, "bytes in hex")
        try:
            octets = bytes.fromhex(value) if isinstance(value, str) and len(value) <= 2 * most else None
        except ValueError:
            octets = None
        if octets is None:
            raise self.wrong(key, f"write up to {most} bytes in hex, two digits a byte")
        return octets

    def one_of(self, key: str, *words: Word) -> Word:
        """One of `words`."""
        value = self._take(key, f"one of {', '.join(words)}")
        for word in words:
            if word == value:
                return word
        raise self.wrong(key, f"write one of {', '.join(words)}")

    def mapping(self, key: str) -> Mapping[str, Any]:
        """An object, its fields as they are."""
        value = self._take(key, "an object")
        if not isinstance(value, dict):
            raise self.wrong(key, "write an object in braces")
        return value

    def objects(self, key: str, most: int) -> list["Fields"]:
        """A list of objects, at most `most` of them."""
        within = f"{self._within}{key}"
        return [Fields(each, f"{within}[{place}].") for place, each in enumerate(self.mappings(key, most))]

    def mappings(self, key: str, most: int) -> list[Mapping[str, Any]]:
        """A list of objects as they are, at most `most` of them."""
        values = self._take(key, "a list of objects")
        if not isinstance(values, list) or len(values) > most or not all(isinstance(each, dict) for each in values):
            raise self.wrong(key, f"write a list of up to {most} objects")
        return values

    def texts(self, key: str, most: int) -> tuple[str, ...]:
        """A list of strings that are not empty, at most `most` of them."""
        values = self._take(key, "a list of texts")
        if not isinstance(values, list) or len(values) > most or not all(isinstance(each, str) for each in values):
            raise self.wrong(key, f"write a list of up to {most} texts")
        return tuple(Fields({key: each}, self._within).text(key) for each in values)

    def finish(self) -> None:
        """Refuse what was not taken.

        Raises:
            FieldError: a field is left; it is named.
        """
        for key in self._left:
            msg = f"{self._within}{key} is not known here: take it out or correct its name"
            raise FieldError(msg)

    def wrong(self, key: str, advice: str) -> FieldError:
        """The error that says that `key` has a wrong value, and what to write."""
        return FieldError(f"{self._within}{key} is wrong: {advice}")

    def _given(self, key: str) -> bool:
        if key in self._left and self._left[key] is None:
            del self._left[key]
        return key in self._left

    def _take(self, key: str, kind: str) -> object:
        if key not in self._left:
            msg = f"{self._within}{key} is missing: write {kind}"
            raise FieldError(msg)
        return self._left.pop(key)
