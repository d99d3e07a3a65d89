"""The sender: from the outbox to the broker, the most important stream first, until head office has it.

It only reads. What head office acknowledges becomes an input to the one writer, whose commit deletes it from the
outbox; so whatever happens here, an event can come twice but never be lost. Order holds within a stream; when the
broker denies an event, or says that nobody hears it, those already on their way behind it may arrive before it does.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Literal, Protocol

from gateway.model.event import STREAMS, Event
from gateway.model.health import Condition, Severity
from gateway.model.inputs import Acked, OperatorNotice
from gateway.model.store import StoreRef
from gateway.mqtt.message import NotConnected, Published
from gateway.runtime.supervise import backoff
from gateway.uplink.lane import Denial, Lane
from gateway.uplink.topics import Topics
from gateway.uplink.window import Window
from gateway.uplink.wire import CONTENT_TYPE, MAX_EVENT_BYTES, encode, sequence_text

READ_EVENTS: Final = 256
"""Events of a stream read from the outbox at once: each of its rows is opened once, and little is kept in memory."""

ROOM_POLL_S: Final = 0.25
"""When the broker's window is full of others' messages, room is looked for this often (seconds)."""


_UNHEARD: Final = (
    "nobody subscribes to this gateway's events at the broker; is head office up? They are kept and tried again"
)


@dataclass(frozen=True, slots=True)
class SenderOptions:
    """How events are sent."""

    acknowledge: Literal["head-office", "broker"] = "head-office"
    """Whose word makes an event delivered."""
    ack_timeout_s: float = 30.0
    """After so long without an ack, what is missing is sent again (seconds); in vain doubles it, up to 16-fold."""
    slice_events: int = 32
    """Events of one stream sent before it is looked again whether a more important one has something."""
    max_unacked: int = 10_000
    """Most sequences of one stream sent beyond what head office has, if it keeps pace; then its ack is waited for."""
    max_event_bytes: int = MAX_EVENT_BYTES
    """A larger event cannot be delivered; an `event.dropped` goes in its place (bytes)."""
    denied_retry_min_s: float = 1.0
    """The pause after a denial, doubling from there, with jitter (seconds)."""
    denied_retry_max_s: float = 60.0
    """The longest pause after a denial (seconds)."""


class Link(Protocol):
    """What the sender needs of a session with the broker: `gateway.mqtt.session.Session`, or a fake."""

    @property
    def room(self) -> int:
        """How many messages may be added to those in flight."""

    async def connected(self) -> asyncio.Future[Exception]:
        """Wait for a connection; the future is done once it has ended."""

    def publish_nowait(
        self, topic: str, payload: bytes, *, retain: bool = False, content_type: str | None = None
    ) -> asyncio.Future[Published]:
        """Publish at QoS 1; raises `NotConnected`."""


class Outbox(Protocol):
    """What the sender needs of the outbox: `gateway.storage.outbox.Outbox`, or a fake."""

    async def after(self, incarnation: str, stream: str, sequence: int, limit: int) -> list[Event]:
        """The next committed events of a stream after `sequence`, in order, at most `limit`."""


class Standing(Protocol):
    """Where a stream stood when the gateway started: `gateway.storage.standing.StreamStanding`, or a fake."""

    @property
    def incarnation(self) -> str:
        """Of which life of the gateway's streams."""

    @property
    def stream(self) -> str:
        """The event class."""

    @property
    def acked(self) -> int:
        """The last sequence that head office has, 0 = none."""

    @property
    def next_sequence(self) -> int:
        """The next sequence to be given: all before it may have been sent by an earlier life."""


class Sender:
    """Sends what is in the outbox and remembers, in memory only, how far it is."""

    def __init__(
        self,
        link: Link,
        outbox: Outbox,
        store: StoreRef,
        standing: Iterable[Standing],
        *,
        put: Callable[[Acked | OperatorNotice], Awaitable[None]],
        report: Callable[[Condition], None],
        options: SenderOptions = SenderOptions(),
        barred: Callable[[Event], str | None] = lambda _: None,
    ) -> None:
        """`put` takes acks (where the broker's word counts) and notices of refused events into the pipeline.

        `barred` tells why an event may not be sent any more: its subject withdrew consent since it was committed.
        """
        self._barred = barred
        self._link = link
        self._outbox = outbox
        self._store = store
        self._topics = Topics(store)
        self._put = put
        self._report = report
        self._options = options
        self._lanes = [_lane(each, options) for each in sorted(standing, key=lambda each: STREAMS.index(each.stream))]
        self._by_name = {(lane.incarnation, lane.stream): lane for lane in self._lanes}
        self._troubled: set[str] = set()
        self._unsendable: dict[tuple[str, str], int] = {}
        self._stir = asyncio.Event()

    def wake(self) -> None:
        """Something was committed to the outbox."""
        for lane in self._lanes:
            lane.dry = False
        self._stir.set()

    def sent(self, incarnation: str, stream: str) -> int | None:
        """The highest sequence that may have been sent, which bounds any ack; None for a stream that is not ours."""
        lane = self._by_name.get((incarnation, stream))
        return None if lane is None else lane.claimed

    def acked(self, incarnation: str, stream: str, sequence: int) -> bool:
        """Head office has a stream up to `sequence`; False when that was known."""
        lane = self._by_name[incarnation, stream]
        if not lane.ack(sequence, self._now_s()):
            return False
        if not lane.denied:
            self._well(lane.stream)
        self._stir.set()
        return True

    async def run(self) -> None:
        """Send whenever there is a connection; after a break, begin again after what head office has."""
        while True:
            lost = await self._link.connected()
            lost.add_done_callback(self._stirred)
            for lane in self._lanes:
                lane.rewind()
            while not lost.done():
                await self._turn(lost)
            for lane in self._lanes:  # a broker may say no and hang up at once
                await self._settle(lane, self._now_s())

    async def _turn(self, lost: asyncio.Future[Exception]) -> None:
        """One slice of the most important stream that has something to send, or a rest until something happens."""
        self._stir.clear()
        now_s = self._now_s()
        for lane in self._lanes:
            await self._settle(lane, now_s)
        for lane in self._lanes:
            if self._may_send(lane, now_s) and await self._send(lane, now_s):
                return
        if not lost.done():
            await self._rest(now_s)

    async def _settle(self, lane: Lane, now_s: float) -> None:
        was_well = not (lane.denied or lane.unheard)
        denial = lane.settle(now_s)
        if denial is not None:
            await self._tell_denial(lane, denial)
        elif lane.unheard:
            self._trouble(lane.stream, "unheard", "warning", _UNHEARD)
        elif not was_well and not lane.denied:
            self._well(lane.stream)
        if self._options.acknowledge == "broker" and lane.confirmed > lane.acked:
            sequence = lane.confirmed
            lane.ack(sequence, now_s)
            await self._put(Acked(lane.incarnation, lane.stream, sequence))
        if lane.overdue(now_s):
            hint = "head office acknowledges nothing; is it up, and does it listen to this gateway? It is sent again"
            self._trouble(lane.stream, "unacknowledged", "warning", hint)

    def _may_send(self, lane: Lane, now_s: float) -> bool:
        return lane.has_more and now_s >= lane.held_until_s and self._allowance(lane) > 0

    def _allowance(self, lane: Lane) -> int:
        return min(self._options.slice_events, lane.allowance, self._link.room)

    async def _send(self, lane: Lane, now_s: float) -> bool:
        """Publish one slice; False when the stream has nothing."""
        if lane.next(now_s) is None and not await self._read(lane):
            return False
        topic = self._topics.events(lane.stream)
        for _ in range(self._allowance(lane)):
            event = lane.next(now_s)
            if event is None:
                break
            payload = await self._encode(event)
            try:
                answer = self._link.publish_nowait(topic, payload, content_type=CONTENT_TYPE)
            except NotConnected:
                break
            answer.add_done_callback(self._stirred)
            lane.publish(event.sequence, answer, now_s)
        return True

    async def _read(self, lane: Lane) -> bool:
        """Read a page of what comes next; False when there is nothing."""
        lane.dry = True  # a `wake` while the outbox is read makes this False again
        events = await self._outbox.after(lane.incarnation, lane.stream, lane.sent, READ_EVENTS)
        if len(events) == READ_EVENTS:
            lane.dry = False
        lane.read(events, self._now_s())
        return bool(events)

    async def _encode(self, event: Event) -> bytes:
        """The event's bytes; for one that may or can not be sent, those of an `event.dropped` at its own sequence."""
        reason = self._barred(event)
        if reason is not None:
            return encode(_dropped(event, reason), self._store)
        try:
            return encode(event, self._store, self._options.max_event_bytes)
        except ValueError as error:
            key = event.incarnation, event.stream
            if event.sequence > self._unsendable.get(key, 0):
                self._unsendable[key] = event.sequence
                await self._tell_refusal(event.stream, event.sequence, "unsendable", str(error))
            self._trouble(event.stream, "unsendable", "warning", str(error), str(error))
            return encode(_dropped(event, "refused"), self._store)

    async def _rest(self, now_s: float) -> None:
        """Wait for a commit, an answer, an ack, the end of the connection, or the next time that is due."""
        due = [due_s for lane in self._lanes if (due_s := lane.due_s()) is not None]
        if self._link.room == 0:
            due.append(now_s + ROOM_POLL_S)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(min(due, default=None)):
                await self._stir.wait()

    async def _tell_denial(self, lane: Lane, denial: Denial) -> None:
        pause_s = max(0.0, lane.held_until_s - self._now_s())
        hint = f"the broker refuses events of class {lane.stream} ({denial.reason}); check its ACL"
        self._trouble(lane.stream, "denied", "error", f"{hint}; tried again in {pause_s:.0f} s", denial.reason)
        if denial.first:
            await self._tell_refusal(lane.stream, denial.sequence, "denied", denial.reason)

    async def _tell_refusal(self, stream: str, sequence: int, reason: str, says: str) -> None:
        facts: dict[str, object] = {
            "class": stream,
            "sequence": sequence_text(sequence),
            "reason": reason,
            "says": says,
        }
        await self._put(OperatorNotice("operation", "publish.refused", facts))

    def _trouble(self, stream: str, code: str, severity: Severity, hint: str, said: str = "") -> None:
        self._troubled.add(stream)
        self._report(Condition(f"uplink:{stream}", code, severity, hint, {"said": said} if said else {}))

    def _well(self, stream: str) -> None:
        if stream in self._troubled:
            self._troubled.remove(stream)
            self._report(Condition(f"uplink:{stream}", "delivering", "ok"))

    def _stirred(self, _settled: asyncio.Future[Published] | asyncio.Future[Exception]) -> None:
        self._stir.set()

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()


def _dropped(event: Event, reason: str) -> Event:
    place = sequence_text(event.sequence)
    return replace(event, type="event.dropped", subject=None, data={"first": place, "last": place, "reason": reason})


def _lane(standing: Standing, options: SenderOptions) -> Lane:
    return Lane(
        standing.incarnation,
        standing.stream,
        acked=standing.acked,
        claimed=max(standing.acked, standing.next_sequence - 1),
        window=Window(options.max_unacked),
        ack_timeout_s=options.ack_timeout_s,
        pauses=partial(backoff, options.denied_retry_min_s, options.denied_retry_max_s),
        trusts_silence=options.acknowledge == "head-office",
    )
