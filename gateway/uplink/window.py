"""How far a stream may run ahead of head office's acknowledgements. Pure."""

from typing import Final

FIRST: Final = 1_000
"""What a window begins with: brokers queue about so much for a head office that is slow."""
PROMPT_S: Final = 0.2
"""A head office that acknowledges within this of the sending keeps pace (seconds): what waits for it waits nowhere."""
GROWTH: Final = 8
"""For each ack in time the window grows by an eighth."""


class Window:
    """As many sequences as head office acknowledges within `PROMPT_S`, from `FIRST` up to `most`.

    A head office that acknowledges every tenth of a second would hold a long backlog up if the window were narrow, and
    a broker would drop what it queues for a slow one if it were wide. So it grows only while acks come in time.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._timed: tuple[int, float] | None = None
        self.size = min(FIRST, most)
        """Sequences that may be sent beyond the last ack."""

    def sent(self, sequence: int, now_s: float) -> None:
        """A sequence went out; one at a time is timed until its ack (seconds)."""
        if self._timed is None:
            self._timed = sequence, now_s

    def acked(self, sequence: int, now_s: float) -> None:
        """Head office has everything up to `sequence`."""
        if self._timed is not None and sequence >= self._timed[0]:
            if now_s - self._timed[1] <= PROMPT_S:
                self.size = min(self._most, self.size + max(1, self.size // GROWTH))
            self._timed = None

    def reset(self) -> None:
        """Begin again: a new connection, or too long a silence."""
        self.size = min(FIRST, self._most)
        self._timed = None
