"""Long work that can be done a little at a time: what does it decides nothing, who drives it says when to pause."""

from collections.abc import Generator
from typing import TypeVar

Value = TypeVar("Value")

Slices = Generator[None, None, Value]
"""Does a little between two `yield`s, well under a millisecond, and returns what all of it comes to."""


def done(work: Slices[Value]) -> Value:
    """What `work` comes to, without a pause."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            value: Value = end.value
            return value
