"""One event stream on its way to head office: what is sent, what is answered, what is to be sent again. Pure."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from gateway.model.event import Event
from gateway.mqtt.message import Published
from gateway.uplink.window import Window

PATIENCE_GROWTH: Final = 2.0
MAX_PATIENCE_FACTOR: Final = 16
"""Each resend that nobody acknowledges doubles the wait for the next, up to this many times the first."""


MAX_BREAKS: Final = 3
"""A connection that ends this often with the same event unanswered is taken for a no: MQTT 3.1.1 has no other."""


UNHEARD_MOST_S: Final = 16.0
"""While nobody subscribes, one event is tried at least this often (seconds)."""


FRESH_S: Final = 1.0
"""What was read longer ago (seconds) is read again, for it may have been given up or erased meanwhile."""


@dataclass(frozen=True, slots=True)
class Denial:
    """The broker's no to one event: its sequence, the broker's words, and whether it is the first in a row."""

    sequence: int
    reason: str
    first: bool


@dataclass(slots=True)
class Lane:
    """Where one stream stands. Times are monotonic seconds, sequences begin at 1, 0 = none.

    `acked` is what head office has without a hole; `sent` what was published last on this connection; `claimed` the
    highest sequence that this or an earlier life of the gateway may have sent, beyond which no ack can be true; `ahead`
    what was read and not sent yet; `dry` that nothing lay beyond it when the outbox was last read; `heard` that
    somebody is known to subscribe: until then one event at a time is tried, so that what nobody hears comes again in
    order. `trusts_silence`: the broker is believed when it says that nobody subscribes.
    """

    incarnation: str
    stream: str
    acked: int
    claimed: int
    window: Window
    ack_timeout_s: float
    pauses: Callable[[], Iterator[float]]
    trusts_silence: bool = True
    heard: bool = field(default=False, init=False)
    sent: int = field(init=False)
    ahead: deque[Event] = field(default_factory=deque, init=False)
    dry: bool = field(default=False, init=False)
    held_until_s: float = field(default=0.0, init=False)
    _read_s: float = field(default=0.0, init=False)
    _in_flight: deque[tuple[int, asyncio.Future[Published]]] = field(default_factory=deque, init=False)
    _confirmed: int = field(init=False)
    _waiting_since_s: float = field(default=0.0, init=False)
    _patience_s: float = field(init=False)
    _pause: Iterator[float] | None = field(default=None, init=False)
    _unheard: Iterator[float] | None = field(default=None, init=False)
    _unheard_at: int = field(default=0, init=False)
    _broke_at: int = field(default=0, init=False)
    _breaks: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.sent = self._confirmed = self.acked
        self._patience_s = self.ack_timeout_s

    @property
    def denied(self) -> bool:
        """Whether the broker's last word on this stream was no."""
        return self._pause is not None

    @property
    def unheard(self) -> bool:
        """Whether the broker's last word on this stream was that nobody subscribes."""
        return self._unheard is not None

    @property
    def confirmed(self) -> int:
        """Up to where the broker took everything on this connection."""
        return self._confirmed

    @property
    def has_more(self) -> bool:
        """Whether there is, or may be, something to send."""
        return bool(self.ahead) or not self.dry

    @property
    def allowance(self) -> int:
        """How many sequences may be sent now without running too far ahead of head office."""
        return self.acked + (self.window.size if self.heard else 1) - self.sent

    def rewind(self) -> None:
        """Begin again after what head office has: a new connection, or too long a silence."""
        self.heard = False
        self._confirmed = self.acked
        self.window.reset()
        self._go_back(self.acked)

    def read(self, events: list[Event], now_s: float) -> None:
        """The next events of the outbox; those that head office acknowledged meanwhile are behind."""
        self.ahead = deque(event for event in events if event.sequence > self.sent)
        self._read_s = now_s

    def next(self, now_s: float) -> Event | None:
        """The event to send; None when none was read. What was read a while ago may be gone, and is read again."""
        if self.ahead and now_s > self._read_s + FRESH_S:
            self.ahead.clear()
            self.dry = False
        while self.ahead and self.ahead[0].sequence <= self.sent:
            self.ahead.popleft()  # acknowledged meanwhile
        return self.ahead[0] if self.ahead else None

    def publish(self, sequence: int, answer: asyncio.Future[Published], now_s: float) -> None:
        """The event of this sequence is on its way; `answer` will say what the broker made of it."""
        if self.sent == self.acked:
            self._waiting_since_s = now_s
        self.sent = sequence
        self.claimed = max(self.claimed, sequence)
        self.held_until_s = 0.0
        self.window.sent(sequence, now_s)
        self._in_flight.append((sequence, answer))

    def settle(self, now_s: float) -> Denial | None:
        """Take the broker's answers in the order of the stream, up to its first no.

        After a no the stream is held for a growing pause, and goes on from the denied event; after an event that nobody
        hears likewise.
        """
        while self._in_flight and self._in_flight[0][1].done():
            sequence, answer = self._in_flight.popleft()
            if answer.cancelled() or answer.exception() is not None:
                self._in_flight.clear()  # the link is gone, and the next connection rewinds
                return self._break(sequence, now_s)
            published = answer.result()
            if published.accepted and (published.heard or not self.trusts_silence):
                self._accept(sequence)
            elif published.accepted:
                self._wait_for_ears(sequence, now_s)
            elif sequence > self.acked:
                return self._deny(sequence, published.reason, now_s)
        return None

    def ack(self, sequence: int, now_s: float) -> bool:
        """Head office has everything up to `sequence`; False when that was known."""
        if sequence <= self.acked:
            return False
        self.acked = sequence
        self.sent = max(self.sent, sequence)
        if self.unheard and sequence >= self._unheard_at:
            self.trusts_silence = False  # a rule of the broker's reads along, without subscribing
        self._accept(sequence)
        self.window.acked(sequence, now_s)
        self._waiting_since_s = now_s
        self._patience_s = self.ack_timeout_s
        return True

    def overdue(self, now_s: float) -> bool:
        """Whether head office has been silent for too long about what was sent; if so, rewind and wait longer."""
        if self.sent == self.acked or now_s < self._waiting_since_s + self._patience_s:
            return False
        self._patience_s = min(self._patience_s * PATIENCE_GROWTH, self.ack_timeout_s * MAX_PATIENCE_FACTOR)
        self.rewind()
        return True

    def due_s(self) -> float | None:
        """When something has to happen although nobody says anything; None = never."""
        times = [self.held_until_s] if self.held_until_s and self.has_more else []
        if self.sent > self.acked:
            times.append(self._waiting_since_s + self._patience_s)
        return min(times, default=None)

    def _accept(self, sequence: int) -> None:
        self.heard = True
        if self.unheard and not self.denied:
            self.held_until_s = 0.0
        self._unheard = None
        self._confirmed = max(self._confirmed, sequence)
        if sequence >= self._broke_at:
            self._breaks = 0
            self._pause = None
            self.held_until_s = 0.0

    def _wait_for_ears(self, sequence: int, now_s: float) -> None:
        if sequence <= self.acked:
            return
        self.heard = False
        self._unheard = self._unheard or self.pauses()
        self._unheard_at = sequence
        self.held_until_s = now_s + min(UNHEARD_MOST_S, next(self._unheard))
        self._go_back(max(self.acked, sequence - 1))

    def _break(self, sequence: int, now_s: float) -> Denial | None:
        self._breaks = self._breaks + 1 if sequence == self._broke_at else 1
        self._broke_at = sequence
        if self._breaks < MAX_BREAKS:
            return None
        return self._deny(sequence, "the connection ends whenever it is sent", now_s)

    def _deny(self, sequence: int, reason: str, now_s: float) -> Denial:
        first = self._pause is None
        self._broke_at = sequence
        if self._pause is None:
            self._pause = self.pauses()
        self.held_until_s = now_s + next(self._pause)
        self._go_back(max(self.acked, sequence - 1))
        return Denial(sequence, reason, first)

    def _go_back(self, sequence: int) -> None:
        """Go on after `sequence`, as if nothing beyond it had been read or sent."""
        self.sent = sequence
        self.ahead.clear()
        self.dry = False
        self._in_flight.clear()
