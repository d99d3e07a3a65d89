"""What must be looked at again, and when: the earliest deadline of each subject."""

from heapq import heappop, heappush


class Deadlines:
    """A heap of (monotonic s, subject), one live entry a subject: its earliest. Bounded by the subjects there are."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, str]] = []
        self._live: dict[str, float] = {}

    @property
    def earliest_s(self) -> float | None:
        """When something is due next (monotonic s), or None."""
        while self._heap and self._live.get(self._heap[0][1]) != self._heap[0][0]:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def set(self, subject: str, at_s: float) -> None:
        """Look at `subject` at `at_s`, or earlier if that was asked before."""
        known = self._live.get(subject)
        if known is None or at_s < known:
            self._live[subject] = at_s
            heappush(self._heap, (at_s, subject))

    def due(self, mono_s: float) -> list[str]:
        """The subjects due by `mono_s`, sorted, each taken off."""
        subjects = []
        while (earliest_s := self.earliest_s) is not None and earliest_s <= mono_s:
            _, subject = heappop(self._heap)
            del self._live[subject]
            subjects.append(subject)
        return sorted(subjects)
