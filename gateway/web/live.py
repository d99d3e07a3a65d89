"""The live view's subscribers: each is told what was just committed, as far as its scope may see it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Final

from gateway.model.decision import Decision
from gateway.model.event import Event
from gateway.runtime.feed import Committed
from gateway.web.credentials import Credential
from gateway.web.live_messages import HEARTBEAT, Messages, News, Standing
from gateway.web.problems import Problem
from gateway.web.shop_view import ShopView, Touched

MOST_STREAMS: Final = 128
MOST_EACH: Final = 16
"""Streams of one credential: the screens that share it, or a phone's tabs."""
KEPT_FOR_STAFF: Final = 32
"""Of all streams, those that only staff may take: many members at once do not shut the shop's own page."""
WAITING: Final = 64
"""Messages that may wait for a subscriber; who is slower gets a new snapshot instead of them."""
PAUSE_S: Final = 0.1
"""Between two messages of commits (seconds): several commits within it come as one."""
STANDING_S: Final = 1.0
"""How often the outbox is looked at (seconds), and health is compared."""
HEARTBEAT_S: Final = 15.0
MOST_NEWS: Final = 4_000
"""Events and decisions that wait for the next message; beyond it everybody gets a new snapshot."""


class Subscription:
    """One stream: an async iterator of encoded messages that ends when the gateway stops."""

    def __init__(self, viewer: Credential, snapshot: Callable[[], bytes], heartbeat_s: float) -> None:
        self.viewer = viewer
        self._snapshot = snapshot
        self._heartbeat_s = heartbeat_s
        self._waiting: deque[bytes] = deque()
        self._stale = True
        self._closed = False
        self._arrived = asyncio.Event()

    def __aiter__(self) -> "Subscription":
        return self

    async def __anext__(self) -> bytes:
        if not (self._stale or self._waiting or self._closed):
            self._arrived.clear()
            try:
                async with asyncio.timeout(self._heartbeat_s):
                    await self._arrived.wait()
            except TimeoutError:
                return HEARTBEAT
        if self._closed:
            raise StopAsyncIteration
        if self._stale:
            snapshot = self._snapshot()
            self._stale = False
            return snapshot
        return self._waiting.popleft()

    def add(self, message: bytes) -> None:
        """Give it a message; one too many makes it stale."""
        if len(self._waiting) >= WAITING:
            self.renew()
        if not self._stale:
            self._waiting.append(message)
        self._arrived.set()

    def renew(self) -> None:
        """Whatever it has not got yet, it gets a whole new snapshot instead."""
        self._stale = True
        self._waiting.clear()
        self._arrived.set()

    def close(self) -> None:
        """End the stream."""
        self._closed = True
        self._arrived.set()


class Live:
    """Hears commits, and tells subscribers; encodes each message once for all who see the same."""

    def __init__(
        self,
        view: ShopView,
        messages: Messages,
        standing: Callable[[], Awaitable[Standing]],
        *,
        most_streams: int = MOST_STREAMS,
        most_each: int = MOST_EACH,
        kept_for_staff: int = KEPT_FOR_STAFF,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self._view = view
        self._messages = messages
        self._ask_standing = standing
        self._most_streams = most_streams
        self._most_each = most_each
        self._kept_for_staff = kept_for_staff
        self._heartbeat_s = heartbeat_s
        self._standing = Standing()
        self._subscriptions: set[Subscription] = set()
        self._events: list[Event] = []
        self._decisions: list[Decision] = []
        self._touched = Touched()
        self._dirty = asyncio.Event()

    def __len__(self) -> int:
        return len(self._subscriptions)

    def hear(self, committed: Committed) -> None:
        """Take up a commit."""
        touched = self._view.hear(committed)
        if not self._subscriptions:
            return
        self._events += committed.events
        self._decisions += committed.decisions
        self._touched.subjects |= touched.subjects
        self._touched.receivers |= touched.receivers
        self._touched.beacons |= touched.beacons
        if committed.documents or committed.erased or len(self._events) + len(self._decisions) > MOST_NEWS:
            self._take_news()
            for subscription in self._subscriptions:
                subscription.renew()
        elif committed.events or committed.decisions or touched.receivers or touched.beacons:
            self._dirty.set()

    async def run(self) -> None:
        """Tell the subscribers, until cancelled."""
        looked_s = 0.0
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(STANDING_S):
                    await self._dirty.wait()
            if self._subscriptions and _real_s() - looked_s >= STANDING_S:
                looked_s = _real_s()
                await self._look()
            self._tell_commit()
            await asyncio.sleep(PAUSE_S)

    @contextmanager
    def subscribe(self, viewer: Credential) -> Iterator[Subscription]:
        """A stream for `viewer` while the block lasts; the first message is a snapshot.

        Raises:
            Problem: `too_many_streams`.
        """
        self._make_room(viewer)
        subscription = Subscription(viewer, partial(self._snapshot, viewer), self._heartbeat_s)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    def close(self, session: str | None = None) -> None:
        """End every stream, or those of a session."""
        for subscription in self._subscriptions:
            if session is None or subscription.viewer.session == session:
                subscription.close()

    async def prepare(self) -> None:
        """Know how the gateway stands, before a stream begins."""
        if not self._subscriptions:
            self._standing = await self._ask_standing()

    def _make_room(self, viewer: Credential) -> None:
        own = sum(each.viewer.name == viewer.name for each in self._subscriptions)
        if own >= self._most_each:
            detail = f"{own} streams are open with this credential already. Close one, or use another credential."
            raise Problem("too_many_streams", detail, retry_after_s=5)
        free = self._most_streams - len(self._subscriptions)
        if free <= (0 if viewer.scope == "staff" else self._kept_for_staff):
            detail = f"{len(self._subscriptions)} streams are open already. Close one, or ask again in a moment."
            raise Problem("too_many_streams", detail, retry_after_s=5)

    def _snapshot(self, viewer: Credential) -> bytes:
        """What the others have been told too: nothing in it comes again as news."""
        self._tell_commit()
        return self._messages.snapshot(viewer, self._standing)

    async def _look(self) -> None:
        standing = await self._ask_standing()
        if standing == self._standing:
            return
        self._standing = standing
        if not self._dirty.is_set():
            message = self._messages.standing(standing)
            for subscription in self._subscriptions:
                if subscription.viewer.scope == "staff":
                    subscription.add(message)

    def _tell_commit(self) -> None:
        if not self._dirty.is_set():
            return
        news = self._take_news()
        encoded: dict[tuple[str, str | None], bytes | None] = {}
        for subscription in self._subscriptions:
            viewer = subscription.viewer
            seen = (viewer.scope, viewer.subject)
            if seen not in encoded:
                encoded[seen] = self._messages.commit(viewer, news, self._standing)
            message = encoded[seen]
            if message is not None:
                subscription.add(message)

    def _take_news(self) -> News:
        news = News(tuple(self._events), tuple(self._decisions), self._touched)
        self._events, self._decisions, self._touched = [], [], Touched()
        self._dirty.clear()
        return news


def _real_s() -> float:
    return asyncio.get_running_loop().time()
