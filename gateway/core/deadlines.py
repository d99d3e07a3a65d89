"""Who must be looked at again, and when."""

from heapq import heappop, heappush

from gateway.core.timeline import grid_from_s, next_grid_s


class Deadlines:
    """Subjects heard since the last look, due once their evidence is whole; and one later deadline for each subject.

    A deadline that moved later is left where it was: looking too early does nothing but set it anew. So the heap holds
    one entry a subject, however often it is heard.
    """

    def __init__(self) -> None:
        self._heard: dict[float, set[str]] = {}
        self._settling: set[str] = set()
        self._heap: list[tuple[float, str]] = []
        self._live: dict[str, float] = {}

    @property
    def earliest_s(self) -> float | None:
        """When somebody is due next (monotonic s), or None."""
        while self._heap and self._live.get(self._heap[0][1]) != self._heap[0][0]:
            heappop(self._heap)
        later_s = self._heap[0][0] if self._heap else float("inf")
        earliest_s = min(later_s, *self._heard) if self._heard else later_s
        return earliest_s if earliest_s < float("inf") else None

    def settles(self, subject: str) -> bool:
        """Whether `subject` was heard since the last look: when the next one is, more evidence does not change."""
        return subject in self._settling

    def heard(self, subject: str, mono_s: float, whole_s: float = 0.0) -> None:
        """There is new evidence of `subject`: look at it at the next grid instant, once it is whole."""
        if subject not in self._settling:
            self._settling.add(subject)
            self._heard.setdefault(max(next_grid_s(mono_s), grid_from_s(whole_s)), set()).add(subject)

    def set(self, subject: str, at_s: float) -> None:
        """Look at `subject` at `at_s` (monotonic s), or before."""
        known_s = self._live.get(subject)
        if known_s is None or at_s < known_s:
            self._live[subject] = at_s
            heappush(self._heap, (at_s, subject))

    def due(self, mono_s: float) -> list[str]:
        """The subjects due by `mono_s`, sorted, each taken off."""
        subjects: set[str] = set()
        for due_s in [due_s for due_s in self._heard if due_s <= mono_s]:
            subjects |= self._heard.pop(due_s)
        self._settling -= subjects
        while (earliest_s := self.earliest_s) is not None and earliest_s <= mono_s:
            _, subject = heappop(self._heap)
            del self._live[subject]
            if subject not in self._settling:
                subjects.add(subject)
        return sorted(subjects)
