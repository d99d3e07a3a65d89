"""Stretches: which sequences of a stream are accounted for, as few as there are gaps."""

from bisect import bisect_left
from collections.abc import Iterator


class Stretches:
    """Sequences without a gap between them, each stretch with when its first was recorded (milliseconds since 1970)."""

    def __init__(self) -> None:
        self._lasts: list[int] = []
        self._begins: list[tuple[int, int]] = []

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        """First and last sequence of each stretch, and when its first was recorded, in order."""
        for (first, recorded_ms), last in zip(self._begins, self._lasts, strict=True):
            yield first, last, recorded_ms

    def __contains__(self, sequence: int) -> bool:
        place = bisect_left(self._lasts, sequence)
        return place < len(self._lasts) and self._begins[place][0] <= sequence

    def add(self, first: int, last: int, recorded_ms: int) -> None:
        """These sequences are accounted for as well."""
        begin = bisect_left(self._lasts, first - 1)
        end = begin
        while end < len(self._lasts) and self._begins[end][0] <= last + 1:
            end += 1
        touched = [*self._begins[begin:end], (first, recorded_ms)]
        lasts = [*self._lasts[begin:end], last]
        self._begins[begin:end], self._lasts[begin:end] = [min(touched)], [max(lasts)]
