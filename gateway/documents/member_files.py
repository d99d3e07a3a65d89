"""The members in use as they lie on disk: records sealed by handle, and beside them a file of keys for each day."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from gateway.documents.day_keys import DayFile, Rows, keys_path
from gateway.documents.mapped import MapFile
from gateway.documents.sealed import SealedMap

CHANGED: Final = 1 << 31
"""Set in the number of a member whose record lies among the changes."""


class MemberFiles:
    """The whole members, and the changes since laid over them. Immutable, but for days that are erased once over."""

    def __init__(self, maps: Sequence[MapFile], device_key: bytes) -> None:
        """`maps` are the whole one and, where there are any, the changes.

        Raises:
            MapDamaged: one was not sealed by this device, or its keys cannot be read.
        """
        self.whole, *rest = [SealedMap(each, device_key) for each in maps]
        self.changes = rest[0] if rest else None
        self._device_key = device_key
        self._days = [_days_of(layer) for layer in self.layers]
        self._replaced: frozenset[int | None] | None = None

    @property
    def layers(self) -> tuple[SealedMap, ...]:
        """The files, in the order in which `MemberFiles` takes them."""
        return (self.whole,) if self.changes is None else (self.whole, self.changes)

    @property
    def paths(self) -> list[Path]:
        """Where they lie, in that order."""
        return [layer.path for layer in self.layers]

    def verify(self) -> None:
        """Read all keys once, which may take a second: not on a loop.

        Raises:
            MapDamaged: they are not as they were written.
        """
        for days in self._days:
            for day in days.values():
                for _ in day.pieces(self._device_key):
                    pass

    def rows(self, day: int) -> Iterator[Rows]:
        """Everybody's key of a day (since 1970), a piece at a time; none of a day that is erased.

        Raises:
            MapDamaged: they are not as they were written.
        """
        for changed, days in enumerate(self._days):
            for piece in days[day].pieces(self._device_key) if day in days else ():
                yield _of_changes(piece) if changed else self._without_replaced(piece)

    def of_day(self, day: int) -> Iterator[tuple[str, bytes]]:
        """Handle and key of everybody who has one for this day (since 1970)."""
        return ((self.handle_of(number), key) for piece in self.rows(day) for number, key in piece.each())

    def keys_of_changes(self) -> Iterator[tuple[int, int, bytes]]:
        """Of every key among the changes its day, the number of the member's record there, and the key."""
        for day, keys in self._days[-1].items() if self.changes is not None else ():
            for piece in keys.pieces(self._device_key):
                yield from ((day, number, key) for number, key in piece.each())

    def handle_of(self, number: int) -> str:
        """The handle of the member whom `rows` gave this number."""
        if self.changes is not None and number & CHANGED:
            return self.changes.at(number & ~CHANGED)[0]
        return self.whole.at(number)[0]

    def _without_replaced(self, piece: Rows) -> Rows:
        """The rows of those of whom the changes say nothing."""
        if self.changes is None:
            return piece
        if self._replaced is None:
            self._replaced = frozenset(map(self.whole.number_of, self.changes))
        replaced = self._replaced
        return Rows.of([(number, key) for number, key in piece.each() if number not in replaced])


def _of_changes(piece: Rows) -> Rows:
    return Rows.of([(number | CHANGED, key) for number, key in piece.each()])


def _days_of(layer: SealedMap) -> dict[int, DayFile]:
    days = layer.about.get("days", {})
    counted = days if isinstance(days, dict) else {}
    return {int(day): DayFile(keys_path(layer.path, int(day)), rows) for day, rows in counted.items()}
