"""A pipeline between fakes: a clock moved by the test, an engine that notes, a store that keeps, fails or is slow."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from gateway.codecs.meanings import meaning_of
from gateway.model.event import Event
from gateway.model.inputs import Acked, Input, OperatorNotice, ReceiverHealth, Tick
from gateway.model.sighting import CodeText, Sighting
from gateway.model.step import Save, Step, Stream
from gateway.model.time import Clock, Now
from gateway.pipeline import CommitOptions, Pipeline
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.feed import Committed, Feed
from gateway.runtime.health import Health
from gateway.runtime.inbox import Inbox
from gateway.storage.batch import Batch

UP = ReceiverHealth("gw-1", "up")
FULL = StorageUnavailable("database or disk is full", "free room on the disk")
PROMPT = CommitOptions(urgent_s=0.005, radio_s=0.05, patience_s=0.05)
NEVER = CommitOptions(urgent_s=0.005, radio_s=3600.0)


class HandClock:
    """A clock moved by the test."""

    def __init__(self) -> None:
        self.mono_s = 100.0
        self.kind: Clock = "synced"

    def __call__(self) -> Now:
        return Now(self.mono_s, 1_800_000_000.0 + self.mono_s, self.kind, "boot")


class NotingEngine:
    """Remembers what it was given: a notice becomes an event, an ack a change, the rest nothing.

    The answer is the name of the input, of a code its meaning. A notice of type `order.arrived` is urgent, `broken` a
    broken invariant.
    """

    def __init__(self) -> None:
        self.steps: list[tuple[Input, float]] = []
        self.deadline_s: float | None = None

    def step(self, input: Input, now: Now) -> Step:
        self.steps.append((input, now.mono_s))
        answer = type(input).__name__
        match input:
            case OperatorNotice(type="broken"):
                msg = "a visit without a visitor"
                raise RuntimeError(msg)
            case OperatorNotice(stream, type_, facts):
                event = Event("id", "i", stream, len(self.steps), type_, None, now.utc_s, now.utc_s, facts)
                return Step(events=(event,), answer=answer, urgent=type_ == "order.arrived")
            case Sighting(token=CodeText(text=text)):
                return Step(answer=meaning_of(text))
            case Acked(stream=stream, sequence=sequence):
                return Step(changes=(Save(Stream(stream, sequence + 1, sequence)),), answer=answer)
            case Tick():
                self.deadline_s = None if self.deadline_s is None or now.mono_s > 105 else self.deadline_s + 1.0
        return Step(answer=answer)


@dataclass
class ListStore:
    """Keeps batches in a list; fails while `failing` says so."""

    batches: list[Batch] = field(default_factory=list)
    failing: Callable[[], bool] = lambda: False
    attempts: int = 0
    evictions: int = 0
    swept_at: list[float] = field(default_factory=list)

    async def commit(self, batch: Batch) -> None:
        self.attempts += 1
        await asyncio.sleep(0)
        if self.failing():
            raise FULL
        self.batches.append(batch)

    async def make_room(self, now_utc_s: float) -> int:
        self.evictions += 1
        return 3

    async def sweep(self, now_utc_s: float) -> int:
        self.swept_at.append(now_utc_s)
        return 2 if len(self.swept_at) < 3 else 0


def quickly() -> Iterator[float]:
    while True:
        yield 0.01


@dataclass
class SlowStore(ListStore):
    """Takes as long for a commit as the test wants: each waits until `answers` has one more."""

    answers: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def commit(self, batch: Batch) -> None:
        self.attempts += 1
        await self.answers.acquire()
        if self.failing():
            raise FULL
        self.batches.append(batch)


@dataclass
class Shop:
    """A pipeline between fakes, running."""

    inbox: Inbox
    clock: HandClock
    engine: NotingEngine
    store: ListStore
    feed: Feed
    health: Health
    pipeline: Pipeline
    heard: list[Committed]
    fed_s: list[float]

    async def stop(self) -> None:
        self.inbox.close()
        await self.pipeline.run()


def make_shop(options: CommitOptions = PROMPT, store: ListStore | None = None, capacity: int = 10_000) -> Shop:
    clock, engine, feed, health = HandClock(), NotingEngine(), Feed(), Health()
    inbox = Inbox(clock, capacity)
    store = store or ListStore()
    heard: list[Committed] = []
    fed_s: list[float] = []
    pipeline = Pipeline(
        inbox=inbox,
        engine=engine,
        store=store,
        feed=feed,
        health=health,
        committed=(heard.append,),
        alive=lambda: fed_s.append(asyncio.get_running_loop().time()),
        options=options,
        pauses=quickly,
    )
    return Shop(inbox, clock, engine, store, feed, health, pipeline, heard, fed_s)


@asynccontextmanager
async def running(shop: Shop) -> AsyncIterator[Shop]:
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(shop.pipeline.run())
        yield shop
        shop.inbox.close()


def notice(number: int = 0, *, urgent: bool = False) -> OperatorNotice:
    return OperatorNotice("operation", "order.arrived" if urgent else "order.moved", {"number": number})


def numbers(batches: Sequence[Batch | Committed]) -> list[list[object]]:
    return [[event.data["number"] for event in batch.events] for batch in batches]


async def until(true: Callable[[], bool]) -> None:
    for _ in range(2_000):
        if true():
            return
        await asyncio.sleep(0.002)
    pytest.fail("it never happened")
