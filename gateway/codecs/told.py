"""What a child tells its parent: JSON objects of a few kinds, each a dataclass; encode and decode in pairs."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar

Told = TypeVar("Told")


class NotTold(ValueError):
    """A child's frame is none of what it tells."""


def encode(told: Any, kinds: Mapping[str, type]) -> bytes:
    """The frame of what a child tells, one of `kinds`."""
    kind = next(name for name, each in kinds.items() if isinstance(told, each))
    return json.dumps({"told": kind, **asdict(told)}).encode()


def decode(frame: bytes, kinds: Mapping[str, type[Told]], is_sound: Callable[[Any], bool]) -> Told:
    """What a child told, which looks at what anybody may send: nothing is believed but what `is_sound`.

    Raises:
        NotTold: it is nothing that a child tells.
    """
    try:
        fields = json.loads(frame)
        told = kinds[fields.pop("told")](**fields)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotTold("what its child says is not understood") from error
    if not is_sound(told):
        raise NotTold("what its child says is out of bounds")
    return told
