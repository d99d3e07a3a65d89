"""How often a camera's frames are looked at: as often as asked for, and as the budget allows."""


class Pace:
    """Says when the next look is due, from what the looks before it cost. Pure: the times are given to it."""

    def __init__(self, frames_per_s: float, cpu: float) -> None:
        self._every_s = 1 / frames_per_s
        self._cpu = cpu
        self._due_s = 0.0
        self._looked_s = 0.0
        self._spent_s = 0.0

    def is_due(self, now_s: float) -> bool:
        """Whether to look at the frame of now (monotonic seconds)."""
        return now_s >= self._due_s

    def looked(self, began_s: float, spent_s: float) -> None:
        """A look began at `began_s`; `spent_s` is all processor time of this process until its end (seconds)."""
        cost_s = spent_s - self._spent_s
        self._spent_s = spent_s
        self._due_s = began_s + max(self._every_s, cost_s / self._cpu)
