"""A stream and the number that stands for it in the database."""

from dataclasses import dataclass

StreamKey = tuple[str, str]
"""An incarnation and the name of one of its streams."""


@dataclass(frozen=True, slots=True)
class StreamRef:
    """A stream of an incarnation, and its number among all streams of the database."""

    incarnation: str
    name: str
    number: int

    @property
    def key(self) -> StreamKey:
        """The stream as others know it."""
        return self.incarnation, self.name
