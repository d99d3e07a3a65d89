"""The feed: what was committed, handed to whoever shows it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from gateway.model.beacons import BeaconState
from gateway.model.decision import Decision
from gateway.model.event import Event
from gateway.model.feeds import Stock
from gateway.model.inputs import DocumentReady
from gateway.model.step import Change, Forget, Purge, ReceiverState, Save, Withdraw, key_of


@dataclass(frozen=True, slots=True)
class Committed:
    """What one commit made durable, in order.

    `positions` says how far each origin is covered; `documents` were put into force (they are durable elsewhere);
    `receivers` and `beacons` are those of which something else than before is known, `erased` subjects that are to be
    forgotten; `stock` is what is known of products anew, by GTIN-14 and store (None: nothing any more).
    """

    events: tuple[Event, ...] = ()
    decisions: tuple[Decision, ...] = ()
    positions: Mapping[str, int] = field(default_factory=dict)
    documents: tuple[DocumentReady, ...] = ()
    receivers: tuple[ReceiverState, ...] = ()
    erased: tuple[str, ...] = ()
    beacons: tuple[BeaconState, ...] = ()
    stock: Mapping[tuple[str, ...], Stock | None] = field(default_factory=dict)


def forgotten_subjects(changes: Iterable[Change]) -> tuple[str, ...]:
    """Whom `changes` erase, and who wants to be recognised no more."""
    return tuple(
        change.subject
        for change in changes
        if isinstance(change, Purge) or (isinstance(change, Withdraw) and "presence" not in change.agreed)
    )


def changed_stock(changes: Iterable[Change]) -> dict[tuple[str, ...], Stock | None]:
    """The last that `changes` say of each product in stock."""
    stock: dict[tuple[str, ...], Stock | None] = {}
    for change in changes:
        match change:
            case Save(Stock() as row):
                stock[key_of(row)] = row
            case Forget("stock", key):
                stock[key] = None
    return stock


class Subscription:
    """One subscriber's view: an endless async iterator of commits, bounded. When it is slow it loses the oldest."""

    def __init__(self, capacity: int) -> None:
        self.lost = 0
        """Commits that this subscriber was too slow for."""
        self._waiting: deque[Committed] = deque(maxlen=capacity)
        self._arrived = asyncio.Event()

    def __aiter__(self) -> AsyncIterator[Committed]:
        return self

    async def __anext__(self) -> Committed:
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        return self._waiting.popleft()

    def _add(self, committed: Committed) -> bool:
        full = len(self._waiting) == self._waiting.maxlen
        self.lost += full
        self._waiting.append(committed)
        self._arrived.set()
        return not full


class Feed:
    """Fans commits out to subscribers without ever waiting for one of them."""

    def __init__(self, capacity: int = 256) -> None:
        self.lost = 0
        """Commits that any subscriber was too slow for."""
        self._capacity = capacity
        self._subscriptions: set[Subscription] = set()

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """Commits from now on, until the block ends; at most the feed's capacity of them wait."""
        subscription = Subscription(self._capacity)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.remove(subscription)

    def publish(self, committed: Committed) -> None:
        """Give a commit to every subscriber."""
        for subscription in self._subscriptions:
            self.lost += not subscription._add(committed)  # noqa: SLF001 - the feed's own other half
