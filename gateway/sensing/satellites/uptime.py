"""A satellite's clock against ours: what it hears is dated by when it was heard, not by when its message came."""

from typing import Final

from gateway.codecs.satellites.batch import UPTIME_ENDS_MS

RENEWED_S: Final = 60.0
"""The offset is the smallest of this time and of that before (seconds): an ESP32 drifts by 2 ms a minute."""


class Uptime:
    """Measures the offset between a satellite's uptime and our monotonic time by its fastest messages.

    A message waits in the network and in the broker, never less than nothing; so the smallest difference between
    arrival and sending is the offset, give or take that fastest way. A counter that goes back began again: by its 32
    bits, or because the satellite was restarted.
    """

    def __init__(self) -> None:
        self._last_ms: int | None = None
        self._total_ms = 0
        self._offset_s = float("inf")
        self._before_s = float("inf")
        self._renewed_s = float("-inf")

    def age_s(self, heard_ms: int, sent_ms: int, arrived_s: float) -> float:
        """How long ago (seconds) a packet was heard, in a message that `waited_s` judged before."""
        return (sent_ms - heard_ms) % UPTIME_ENDS_MS / 1000 + self._waited_s(arrived_s)

    def note(self, sent_ms: int, arrived_s: float) -> None:
        """A message of that uptime arrived at `arrived_s` (monotonic s)."""
        if self._last_ms is not None and (ahead_ms := (sent_ms - self._last_ms) % UPTIME_ENDS_MS) < UPTIME_ENDS_MS // 2:
            self._total_ms += ahead_ms
        else:
            self._total_ms = sent_ms
            self._offset_s = self._before_s = float("inf")
        self._last_ms = sent_ms
        if arrived_s - self._renewed_s >= RENEWED_S:
            self._before_s, self._offset_s = self._offset_s, float("inf")
            self._renewed_s = arrived_s
        self._offset_s = min(self._offset_s, arrived_s - self._total_ms / 1000)

    def _waited_s(self, arrived_s: float) -> float:
        """How much longer than the fastest the latest message was on its way (seconds)."""
        return max(0.0, arrived_s - self._total_ms / 1000 - min(self._offset_s, self._before_s))
