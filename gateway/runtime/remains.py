"""What is left of a large value, given back a little at a time: all at once would hold the event loop up."""

import weakref

from gateway.model.slices import Slices
from gateway.runtime.slices import in_slices


class Remains:
    """Holds the `parts` that most of the memory of a value is in, but not the value, which others may still hold."""

    def __init__(self, value: object, parts: list[object]) -> None:
        self._value = weakref.ref(value)
        self.parts = parts

    @property
    def alone(self) -> bool:
        """Whether nobody holds the value any more: then its parts go as soon as they are let go here."""
        return self._value() is None

    async def let_go(self) -> None:
        """Give the parts back, one after the other, with turns of the loop in between."""
        await in_slices(self._emptied())

    def _emptied(self) -> Slices[None]:
        while self.parts:
            self.parts.pop()
            yield
