"""The inbox: everything that can change the shop's state waits here, stamped, for the one writer."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from gateway.model.inputs import Input
from gateway.model.time import Now
from gateway.runtime.clock import SteadyClock

Origin = tuple[str, int]
"""Where an input was read: a source that can resend, and the position in it (the first is 1)."""


class InboxClosed(Exception):
    """The gateway is stopping and takes nothing more."""


class TooManyAsks(Exception):
    """As many askers wait for their answer as may; ask again in a moment."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """An input and the instant it entered.

    `input` is None where a source only moves its position: what it read means nothing to the shop.
    `origin` is set by a source that can resend; `reply` is where an asker waits; `lossy` inputs may be dropped.
    """

    input: Input | None
    now: Now
    origin: Origin | None = None
    reply: asyncio.Future[object] | None = None
    lossy: bool = False


class Inbox:
    """A bounded queue with three ways in and a stated loss policy for each.

    `offer` drops when full and counts (radio); `put` waits for room and is never lost (taps, scans, documents, acks);
    `ask` is a `put` that waits for its answer. Inputs are stamped as they enter, so they lie in order of time.
    """

    def __init__(self, clock: Callable[[], Now], capacity: int = 10_000, max_asks: int = 100) -> None:
        self.dropped = 0
        """Lossy inputs dropped so far."""
        self._clock = SteadyClock(clock)
        self._capacity = capacity
        self._max_asks = max_asks
        self._asks = 0
        self._queue: deque[Stamped] = deque()
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._closed = False
        self._shedding: Exception | None = None

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def exhausted(self) -> bool:
        """Closed and empty: nothing will ever come again."""
        return self._closed and not self._queue

    def now(self) -> Now:
        """The instant an input would be stamped with if it entered now."""
        return self._clock()

    def offer(self, input: Input, *, now: Now | None = None, origin: Origin | None = None) -> bool:
        """Take a lossy input; False when it was dropped, for want of room or because storage fails."""
        if self._closed or self._shedding is not None or len(self._queue) >= self._capacity:
            self.dropped += 1
            return False
        self._enter(Stamped(input, self._clock(now), origin, lossy=True))
        return True

    async def put(self, input: Input | None, *, now: Now | None = None, origin: Origin | None = None) -> None:
        """Take an input that must not be lost, waiting for room.

        Raises:
            InboxClosed: the gateway is stopping.
        """
        await self._wait_for_room()
        self._enter(Stamped(input, self._clock(now), origin))

    async def ask(self, input: Input, *, now: Now | None = None, bounded: bool = True) -> object:
        """Put an input and wait for the answer of its step, given after its commit.

        Who is not `bounded` is let in however many wait: the gateway itself, once.

        Raises:
            InboxClosed: the gateway is stopping.
            TooManyAsks: the bound on waiting askers is reached; nothing was done.
            Exception: what `shed` was called with: storage cannot be written. Whether the input took effect is then
                unknown, so ask again under the same idempotency key.
        """
        self._refuse_while_shedding()
        if bounded and self._asks >= self._max_asks:
            msg = f"{self._asks} requests wait for storage already; try again in a moment"
            raise TooManyAsks(msg)
        self._asks += 1
        try:
            await self._wait_for_room()
            self._refuse_while_shedding()
            reply: asyncio.Future[object] = asyncio.get_running_loop().create_future()
            self._enter(Stamped(input, self._clock(now), reply=reply))
            return await reply
        finally:
            self._asks -= 1

    async def arrival(self, timeout_s: float | None) -> None:
        """Return when an input waits or none ever will, at the latest after `timeout_s` (None waits for ever).

        Does not suspend while inputs wait: the taker yields to others by itself.
        """
        if not self._queue and not self._closed:
            self._arrived.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await self._arrived.wait()

    def take(self) -> Stamped | None:
        """The next input in order; None where none waits."""
        if not self._queue:
            return None
        stamped = self._queue.popleft()
        self._room.set()
        return stamped

    def shed(self, reason: Exception) -> None:
        """Until `resume`: drop lossy inputs, answer asks with `reason`, both queued and new ones; keep the rest."""
        self._shedding = reason
        kept: deque[Stamped] = deque()
        for stamped in self._queue:
            if stamped.lossy:
                self.dropped += 1
            elif stamped.reply is None:
                kept.append(stamped)
            elif not stamped.reply.done():
                stamped.reply.set_exception(reason)
        self._queue = kept
        self._room.set()

    def resume(self) -> None:
        """Take everything again."""
        self._shedding = None

    def close(self) -> None:
        """Take nothing more; what is queued can still be taken."""
        self._closed = True
        self._room.set()
        self._arrived.set()

    def _enter(self, stamped: Stamped) -> None:
        self._queue.append(stamped)
        self._arrived.set()

    def _refuse_while_shedding(self) -> None:
        if self._shedding is not None:
            raise self._shedding

    async def _wait_for_room(self) -> None:
        while not self._closed and len(self._queue) >= self._capacity:
            self._room.clear()
            await self._room.wait()
        if self._closed:
            msg = "the gateway is stopping and takes nothing more"
            raise InboxClosed(msg)
