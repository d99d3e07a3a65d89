"""A set of sequences kept as runs, so that a million of them in order cost one pair of numbers."""

from bisect import bisect_left, bisect_right


class Ranges:
    """Positive integers, as sorted runs that neither overlap nor touch."""

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []

    def __contains__(self, number: int) -> bool:
        position = bisect_right(self._firsts, number) - 1
        return position >= 0 and number <= self._lasts[position]

    def add(self, first: int, last: int) -> None:
        """Take in `first` to `last`, both included; what is in already stays in.

        Raises:
            ValueError: the range is empty or begins below 1.
        """
        if not 1 <= first <= last:
            msg = f"{first}..{last} is no range of sequences: the first is at least 1 and at most the last"
            raise ValueError(msg)
        begin = bisect_left(self._lasts, first - 1)
        end = bisect_right(self._firsts, last + 1)
        if begin < end:
            first = min(first, self._firsts[begin])
            last = max(last, self._lasts[end - 1])
        self._firsts[begin:end] = [first]
        self._lasts[begin:end] = [last]

    @property
    def contiguous(self) -> int:
        """The highest number up to which none is missing; 0 when 1 itself is."""
        return self._lasts[0] if self._firsts and self._firsts[0] == 1 else 0

    @property
    def highest(self) -> int:
        """The highest number of all; 0 when there is none."""
        return self._lasts[-1] if self._lasts else 0

    @property
    def holes(self) -> tuple[tuple[int, int], ...]:
        """The runs that are missing below the highest, each as first and last."""
        starts = [1, *(last + 1 for last in self._lasts)]
        ends = [first - 1 for first in self._firsts]
        return tuple((start, end) for start, end in zip(starts, ends, strict=False) if start <= end)
