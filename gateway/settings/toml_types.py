"""What a key takes, in the words of whoever writes TOML."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

_WRITTEN: Final[Mapping[object, str]] = MappingProxyType(
    {
        bool: "true or false",
        int: "a whole number",
        float: "a number",
        str: "text in quotation marks",
        Path: "a path in quotation marks",
        tuple: "a list in square brackets",
        Mapping: "a table",
    }
)


def as_toml(annotation: Any) -> str:
    """How a value of an option's type is written. Every option has a type that TOML can write."""
    if get_origin(annotation) in {Union, UnionType}:
        return " or ".join(as_toml(each) for each in get_args(annotation) if each is not NoneType)
    if get_origin(annotation) is Literal:
        return " or ".join(f'"{each}"' for each in get_args(annotation))
    return _WRITTEN[get_origin(annotation) or annotation]
