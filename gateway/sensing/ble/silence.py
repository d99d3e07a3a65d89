"""When a silence is suspicious: by how dense the packets were before."""

from typing import Final

SHORTEST_S: Final = 5.0
"""No silence under this is suspicious (seconds)."""
LONGEST_S: Final = 300.0
"""Scans that heard nothing at all are given longer each time, up to this (seconds)."""
_GAPS: Final = 10.0
_LEARNING: Final = 0.01
_TAUGHT_AFTER: Final = 100


class Silence:
    """What one receiver heard when (monotonic seconds), over all its scans.

    Suspicious is ten times the usual longest gap between two packets, between 5 s and `default_s`; and `default_s`
    until a hundred packets taught what is usual.
    """

    def __init__(self, default_s: float) -> None:
        self._default_s = default_s
        self._gap_s = 0.0
        self._packets = 0
        self._last_s: float | None = None
        self._began_s = 0.0
        self._in_vain = 0

    @property
    def heard_before(self) -> bool:
        """Whether the receiver ever heard anything."""
        return self._last_s is not None

    @property
    def heard_now(self) -> bool:
        """Whether the scan that runs heard anything."""
        return self._last_s is not None and self._last_s >= self._began_s

    @property
    def limit_s(self) -> float:
        """How long a silence may last (seconds)."""
        usual_s = self._default_s
        if self._packets >= _TAUGHT_AFTER:
            usual_s = min(self._default_s, max(SHORTEST_S, _GAPS * self._gap_s))
        return min(max(LONGEST_S, usual_s), usual_s * 2.0**self._in_vain)

    def begin(self, mono_s: float) -> None:
        """A scan starts."""
        self._in_vain = self._in_vain + 1 if self.heard_before and not self.heard_now else 0
        self._began_s = mono_s

    def hear(self, mono_s: float) -> None:
        """A packet was heard. A gap that spans two scans, or was suspicious, teaches nothing."""
        if self.heard_now and self._last_s is not None:
            gap_s = mono_s - self._last_s
            if gap_s <= self.limit_s:
                self._gap_s = max(gap_s, self._gap_s + _LEARNING * (gap_s - self._gap_s))
                self._packets += 1
        self._in_vain = 0
        self._last_s = mono_s

    def suspicious(self, mono_s: float) -> bool:
        """Whether the scan that runs has been silent for too long. What never heard anything may be alone."""
        return self._last_s is not None and mono_s - max(self._last_s, self._began_s) > self.limit_s
