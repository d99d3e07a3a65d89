"""A head office's consumer: takes its share of the events, stores them, lets gateways know."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from psycopg import DataError, Error, IntegrityError

from simulators.consumer.announcer import Announcer
from simulators.consumer.event_row import EventRow, Unreadable, read_row
from simulators.consumer.event_table import EventTable, Gap
from simulators.consumer.topics import EVENTS
from simulators.link import Link, LinkOptions

SHARE: Final = "head-office"
"""Consumers of this shared subscription get each event once between them (MQTT 5, 4.8.2)."""

BATCH: Final = 1_000
"""Events of one transaction at most, and what an MQTT 5 broker may have on its way to one consumer."""

CAPACITY: Final = 10_000
"""Events that wait for the database at most; one more is dropped and counted, and its gateway sends it again."""

_PAUSE_MIN_S: Final = 0.1
_PAUSE_MAX_S: Final = 5.0


@dataclass(slots=True)
class Counts:
    """What one consumer did.

    Attributes:
        received: Messages that came.
        stored: Events that were not in the table before.
        repeats: Messages of an event that was.
        unreadable: Messages that no row can be made of; never acknowledged to the gateway.
        dropped: Messages for which there was no room.
    """

    received: int = 0
    stored: int = 0
    repeats: int = 0
    unreadable: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class _Waiting:
    row: EventRow
    done: asyncio.Future[None] = field(compare=False)


class Consumer:
    """One of any number at the same broker and database, each safe to kill at any moment.

    The broker hears that a message was taken once its event is committed, so a dead consumer's share is still the
    broker's to deal out; the gateway sends again what neither remembers. All of it lives on the event loop.
    """

    def __init__(self, url: str, database: str, say: Callable[[str], None] = lambda _: None) -> None:
        """`say` takes a sentence for people when something is in the way, without a word of whom an event is about."""
        self.counts = Counts()
        self._say = say
        self._table = EventTable(database)
        self._announcer = Announcer(url, database, say)
        self._link = Link(url, (EVENTS,), self._hear, lambda: None, LinkOptions(share=SHARE, window=BATCH))
        self._waiting: list[_Waiting] = []
        self._arrived = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Make the tables if they are missing, and subscribe.

        Raises:
            psycopg.Error: no database answers there, or it refuses.
            ConnectionError: no broker answers there, or it refuses.
        """
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(self._table)
            await stack.enter_async_context(self._link)
            self._stack = stack.pop_all()
        self._tasks = [
            asyncio.create_task(self._write(), name="consumer-write"),
            asyncio.create_task(self._announcer.run(), name="consumer-acks"),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._stack.aclose()

    @property
    def shared(self) -> bool:
        """Whether the broker deals events out among the consumers; else each stores all of them."""
        return self._link.shared

    @property
    def acks(self) -> int:
        """Acks that this consumer published."""
        return self._announcer.told

    @property
    def telling(self) -> bool:
        """Whether it is this consumer that acknowledges."""
        return self._announcer.telling

    async def ended(self) -> None:
        """Return never; raise what ended one of its tasks."""
        await asyncio.gather(*self._tasks)

    async def gaps(self) -> list[Gap]:
        """What is missing of each stream, by the stored events themselves."""
        return await self._table.gaps()

    def _hear(self, topic: str, payload: bytes, _retained: bool) -> asyncio.Future[None] | None:
        self.counts.received += 1
        try:
            row = read_row(topic, payload)
        except Unreadable as error:
            self._set_aside(str(error))
            return None
        if len(self._waiting) >= CAPACITY:
            self.counts.dropped += 1
            return None
        waiting = _Waiting(row, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._arrived.set()
        return waiting.done

    async def _write(self) -> None:
        while True:
            await self._arrived.wait()
            batch = self._waiting[:BATCH]
            await self._store(batch)
            del self._waiting[: len(batch)]
            for each in batch:
                each.done.set_result(None)
            if not self._waiting:
                self._arrived.clear()

    async def _store(self, batch: list[_Waiting]) -> None:
        """Commit a batch, however long the database is away; only what it can never hold is left out."""
        rows = [each.row for each in batch]
        try:
            await self._commit(rows)
        except (DataError, IntegrityError):
            for row in rows:  # one that the database refuses must not hold up the others
                try:
                    await self._commit([row])
                except (DataError, IntegrityError) as error:
                    self._set_aside(f"the database refuses it ({type(error).__name__})")

    async def _commit(self, rows: list[EventRow]) -> None:
        pause_s = _PAUSE_MIN_S
        while True:
            try:
                new = await self._table.store(rows)
            except (DataError, IntegrityError):
                raise
            except Error as error:
                self._say(f"the database takes nothing ({type(error).__name__}); tried again in {pause_s:.1f} s")
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _PAUSE_MAX_S)
            else:
                self.counts.stored += new
                self.counts.repeats += len(rows) - new
                return

    def _set_aside(self, why: str) -> None:
        self.counts.unreadable += 1
        if self.counts.unreadable == 1:
            self._say(f"a message is no event that can be stored: {why}; more of them are only counted")
