"""One stream of a simulated gateway on its way: what waits, what is sent, what is sent again. Pure."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

WINDOW: Final = 1_000
"""Sequences sent beyond what head office has; then its ack is waited for, as a gateway does."""


@dataclass(slots=True)
class Lane:
    """Sequences begin at 1, 0 = none; times are monotonic seconds.

    Every event is kept until it is acknowledged: the bound is what the fleet makes in its lifetime.

    Attributes:
        ack_timeout_s: After so long without an ack, what is missing is sent again.
        made: The last sequence that there is.
        acked: Up to where head office has it.
        longest_gap_s: The longest wait for an ack while there was something not acknowledged, sent or not.
    """

    ack_timeout_s: float
    made: int = 0
    acked: int = 0
    longest_gap_s: float = 0.0
    _sent: int = 0
    _reached: int = 0
    _kept: deque[bytes] = field(default_factory=deque)
    _gap_since_s: float = 0.0
    _began_s: float = 0.0

    def add(self, payload: bytes, now_s: float) -> None:
        """Take in the event of the next sequence."""
        if self.made == self.acked:
            self._gap_since_s = now_s
        self.made += 1
        self._kept.append(payload)

    def due(self, now_s: float) -> list[bytes]:
        """What to publish now, in order: what is new, or everything above the ack when it is overdue."""
        if self._sent > self.acked and now_s - max(self._gap_since_s, self._began_s) >= self.ack_timeout_s:
            self.rewind()
        end = min(self.made, self.acked + WINDOW)
        payloads = [self._kept[place] for place in range(self._sent - self.acked, end - self.acked)]
        if payloads and self._sent == self.acked:
            self._began_s = now_s
        self._sent = max(self._sent, end)
        self._reached = max(self._reached, self._sent)
        return payloads

    def rewind(self) -> None:
        """Begin again after what head office has: a new connection, or too long a silence."""
        self._sent = self.acked

    def ack(self, sequence: int, now_s: float) -> None:
        """Head office has everything up to `sequence`; one that goes back or beyond what was sent is ignored."""
        if not self.acked < sequence <= self._reached:
            return
        for _ in range(sequence - self.acked):
            self._kept.popleft()
        self.look(now_s)
        self._gap_since_s = now_s
        self.acked = sequence
        self._sent = max(self._sent, sequence)

    def look(self, now_s: float) -> None:
        """Measure the gap that is open now, if one is."""
        if self.made > self.acked:
            self.longest_gap_s = max(self.longest_gap_s, now_s - self._gap_since_s)
