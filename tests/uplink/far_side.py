"""Both sides of the sender as fakes: an outbox in memory, a link that breaks or says no, a head office that acks."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from gateway.model.event import STREAMS, Event
from gateway.model.health import Condition
from gateway.model.inputs import Acked, OperatorNotice
from gateway.model.store import StoreRef
from gateway.mqtt.message import ACCEPTED, LinkLost, NotConnected, Published
from gateway.uplink.sender import Sender, SenderOptions

STORE = StoreRef("acme", "0042", "gw-1")
INCARNATION = "9f2c44d01b7ae583"

Fate = Literal["taken", "lost_before", "lost_after", "denied", "unacked", "unheard", "read_along"]
"""What becomes of a publish; `unacked` is taken, and head office leaves it without an ack. `unheard` reaches nobody,
and the broker says so; it says so of `read_along` too, which head office has all the same."""


def never_outdated() -> None:
    raise AssertionError("head office has more than was ever given here")


def event(stream: str, sequence: int, **facts: object) -> Event:
    facts = facts or {"visit": f"v.{sequence}"}
    return Event(f"{stream}-{sequence}", INCARNATION, stream, sequence, "zone.left", "b.1", 0.0, 0.0, facts)


@dataclass(frozen=True, slots=True)
class Stood:
    """Where a stream stood at the start."""

    stream: str
    acked: int = 0
    next_sequence: int = 1
    incarnation: str = INCARNATION


class MemoryOutbox:
    """The outbox's reading side over a list; what is acked goes."""

    def __init__(self) -> None:
        self.events: dict[str, list[Event]] = {stream: [] for stream in STREAMS}

    def commit(self, *events: Event) -> None:
        for each in events:
            self.events[each.stream].append(each)

    def delete(self, stream: str, acked: int) -> None:
        self.events[stream] = [each for each in self.events[stream] if each.sequence > acked]

    async def after(self, incarnation: str, stream: str, sequence: int, limit: int) -> list[Event]:
        await asyncio.sleep(0)
        if incarnation != INCARNATION:
            return []
        return [each for each in self.events[stream] if each.sequence > sequence][:limit]


class FatedLink:
    """A link whose every publish meets the next fate; a lost link is back at once."""

    def __init__(self, fates: Iterable[Fate] = (), window: int = 8) -> None:
        self.window = window
        self.published: list[tuple[int, str, int]] = []
        """(connection, stream, sequence) in the order published."""
        self.arrive: Callable[[dict[str, object], Fate], None] = lambda _envelope, _fate: None
        self._fates: Iterator[Fate] = iter(fates)
        self._connection = 0
        self._lost: asyncio.Future[Exception] | None = None
        self._in_flight: list[asyncio.Future[Published]] = []

    @property
    def room(self) -> int:
        self._in_flight = [answer for answer in self._in_flight if not answer.done()]
        return self.window - len(self._in_flight)

    async def connected(self) -> asyncio.Future[Exception]:
        await asyncio.sleep(0)
        if self._lost is None or self._lost.done():
            self._lost = asyncio.get_running_loop().create_future()
            self._connection += 1
        return self._lost

    def publish_nowait(
        self, topic: str, payload: bytes, *, retain: bool = False, content_type: str | None = None
    ) -> asyncio.Future[Published]:
        if self._lost is None or self._lost.done():
            raise NotConnected("the fake link is down")
        assert self.room > 0, "more in flight than there is room for"
        envelope = json.loads(payload)
        self.published.append((self._connection, topic.rpartition("/")[2], int(envelope["sequence"])))
        answer: asyncio.Future[Published] = asyncio.get_running_loop().create_future()
        self._in_flight.append(answer)
        fate: Fate = next(self._fates, "taken")
        asyncio.get_running_loop().call_soon(partial(self._meet, fate, envelope, answer))
        return answer

    def _meet(self, fate: Fate, envelope: dict[str, object], answer: asyncio.Future[Published]) -> None:
        if answer.done():
            return  # the link broke before it
        if fate in {"taken", "lost_after", "unacked", "read_along"}:
            self.arrive(envelope, fate)
        match fate:
            case "taken" | "unacked":
                answer.set_result(ACCEPTED)
            case "unheard" | "read_along":
                answer.set_result(Published(accepted=True, reason="No matching subscribers", heard=False))
            case "denied":
                answer.set_result(Published(accepted=False, reason="Not authorized"))
            case "lost_before" | "lost_after":
                self._break()

    def _break(self) -> None:
        assert self._lost is not None
        self._lost.set_result(LinkLost("as fated", welcomed=True))
        for answer in self._in_flight:
            if not answer.done():
                answer.set_exception(NotConnected("as fated"))
                answer.exception()


class Shop:
    """A sender between a memory outbox and a head office that acks what it has without a hole."""

    def __init__(
        self, link: FatedLink, options: SenderOptions, standing: Iterable[Stood] | None = None, *, acking: bool = True
    ) -> None:
        self.link = link
        self.outbox = MemoryOutbox()
        self.arrivals: dict[str, list[int]] = defaultdict(list)
        self.envelopes: list[dict[str, object]] = []
        self.acked: dict[str, int] = defaultdict(int)
        self.notices: list[OperatorNotice] = []
        self.conditions: list[Condition] = []
        self.acking = acking
        self.barred: dict[int, str] = {}
        self._held: dict[str, set[int]] = defaultdict(set)
        link.arrive = self._arrive
        standing = standing or [Stood(stream) for stream in STREAMS]
        self.sender = Sender(
            link,
            self.outbox,
            STORE,
            standing,
            put=self._put,
            report=self.conditions.append,
            options=options,
            barred=lambda event: self.barred.get(event.sequence),
        )

    def commit(self, *events: Event) -> None:
        self.outbox.commit(*events)
        self.sender.wake()

    async def until(self, holds: Callable[[], bool], timeout_s: float = 60.0) -> None:
        task = asyncio.create_task(self.sender.run())
        try:
            async with asyncio.timeout(timeout_s):
                while not holds():
                    await asyncio.sleep(0)
                    if task.done():
                        task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _arrive(self, envelope: dict[str, object], fate: Fate) -> None:
        stream, sequence = str(envelope["source"]).rpartition("/")[2], int(str(envelope["sequence"]))
        self.envelopes.append(envelope)
        self.arrivals[stream].append(sequence)
        self._held[stream].add(sequence)
        while self.acked[stream] + 1 in self._held[stream]:
            self.acked[stream] += 1
        if self.acking and fate in {"taken", "read_along"}:
            self.sender.acked(INCARNATION, stream, self.acked[stream])
            self.outbox.delete(stream, self.acked[stream])

    async def _put(self, entry: Acked | OperatorNotice) -> None:
        if isinstance(entry, OperatorNotice):
            self.notices.append(entry)
        else:
            self.acked[entry.stream] = entry.sequence
            self.outbox.delete(entry.stream, entry.sequence)
