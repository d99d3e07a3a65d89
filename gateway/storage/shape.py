"""How a frozen dataclass is written as JSON and read back equal, worked out once from its fields' types."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import IntEnum
from functools import partial
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from gateway.model.amount import rounded
from gateway.model.time import At

T = TypeVar("T")
Convert = Callable[[Any], Any]
Pair = tuple[Convert | None, Convert | None]
"""To JSON and from JSON; None where the value goes as it is."""

_AS_IT_IS: Pair = (None, None)
_PLAIN = (str, int, float, bool, object, Any)


class Shape(Generic[T]):
    """The JSON object of one dataclass of two fields or more, a key a field.

    Keys that this code does not know are ignored and missing ones take their default, so that the code before or
    after this one reads what this one wrote. Floats keep every bit (Python writes the shortest that reads back equal).
    """

    def __init__(self, cls: type[T], without: tuple[str, ...] = ()) -> None:
        """Work out `cls`, leaving out the fields that are kept elsewhere.

        Raises:
            TypeError: a field is of a type that has no JSON here.
        """
        hints = get_type_hints(cls)
        self._cls = cls
        own = tuple(field.name for field in fields(cls))  # type: ignore[arg-type]  # fields() checks that it is one
        self._names = tuple(name for name in own if name not in without)
        self._read = attrgetter(*self._names)
        pairs = {name: _pair(hints[name]) for name in self._names}
        self._writes = tuple((name, write) for name, (write, _) in pairs.items() if write)
        self._reads = tuple((name, read) for name, (_, read) in pairs.items() if read)

    def to_json(self, value: T) -> dict[str, Any]:
        """The object, of JSON's own types."""
        written: dict[str, Any] = dict(zip(self._names, self._read(value), strict=True))
        for name, write in self._writes:
            written[name] = write(written[name])
        return written

    def from_json(self, written: Mapping[str, Any], **placed: object) -> T:
        """The value; `placed` are fields that were kept elsewhere.

        Raises:
            TypeError, ValueError: `written` is not what `to_json` made.
        """
        held = {name: written[name] for name in self._names if name in written}
        for name, read in self._reads:
            if name in held:
                held[name] = read(held[name])
        return self._cls(**held, **placed)


def _pair(hint: Any) -> Pair:
    """The two ways of a type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _PLAIN or origin is Literal:
        return _AS_IT_IS
    if isinstance(hint, type) and not arguments:
        return _class_pair(hint)
    if origin in {Union, UnionType}:
        return _maybe_pair(arguments)
    if origin is tuple:
        return _tuple_pair(arguments)
    if origin is frozenset:
        write, read = _pair(arguments[0])
        return partial(_write_set, write), partial(_read_many, frozenset, read)
    if origin is Mapping:
        return dict, None
    raise _without_json(hint)


def _class_pair(cls: type) -> Pair:
    if cls is At:
        return _write_at, _read_at
    if cls is Decimal:
        return float, rounded
    if issubclass(cls, IntEnum):
        return int, cls
    if is_dataclass(cls):
        shape: Shape[Any] = Shape(cls)
        return shape.to_json, shape.from_json
    raise _without_json(cls)


def _maybe_pair(arguments: tuple[Any, ...]) -> Pair:
    of_value = [argument for argument in arguments if argument is not NoneType]
    if len(of_value) != 1:
        msg = f"one of {arguments} cannot be told from another in JSON"
        raise TypeError(msg)
    write, read = _pair(of_value[0])
    return write and partial(_maybe, write), read and partial(_maybe, read)


def _tuple_pair(arguments: tuple[Any, ...]) -> Pair:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        write, read = _pair(arguments[0])
        return write and partial(_read_many, list, write), partial(_read_many, tuple, read)
    writes, reads = zip(*map(_pair, arguments), strict=True)
    return partial(_each, list, writes) if any(writes) else None, partial(_each, tuple, reads) if any(reads) else tuple


def _without_json(hint: Any) -> TypeError:
    return TypeError(f"{hint} has no JSON: write and read it in {__name__}")


def _maybe(convert: Convert, value: Any) -> Any:
    return None if value is None else convert(value)


def _read_many(kind: type, convert: Convert | None, values: Any) -> Any:
    return kind(map(convert, values)) if convert else kind(values)


def _each(kind: type, converts: tuple[Convert | None, ...], values: Any) -> Any:
    return kind(convert(value) if convert else value for convert, value in zip(converts, values, strict=True))


def _write_set(convert: Convert | None, values: Any) -> Any:
    return sorted(map(convert, values) if convert else values)


def _write_at(at: At) -> tuple[float, float]:
    return at.mono_s, at.utc_s


def _read_at(pair: Any) -> At:
    mono_s, utc_s = pair
    return At(mono_s, utc_s)
