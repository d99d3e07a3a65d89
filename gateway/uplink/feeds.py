"""Feeds of head office: each batch is taken, in the order it came, or refused, and answered either way."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from gateway.documents.feed import Envelope, read_batch, read_envelope
from gateway.documents.refusal import DocumentRefused
from gateway.documents.verify import TrustOptions
from gateway.model.feeds import BatchRefused, FeedBatch, FeedName, FeedPlace, FeedTaken
from gateway.model.health import Condition
from gateway.model.step import Record
from gateway.model.store import StoreRef
from gateway.model.time import rfc3339
from gateway.mqtt.message import NotConnected, Published
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.inbox import InboxClosed, TooManyAsks
from gateway.uplink.topics import FeedTopic, Topics

MOST_WAITING: Final = 64
"""Batches that wait for their turn; what comes beyond is dropped, and the next one of its feed is answered `gap`."""
PAUSE_S: Final = 0.02
"""Between two batches (seconds), so that a flood of them costs little."""


class Broker(Protocol):
    """What is needed of a session with the broker: `gateway.mqtt.session.Session`, or a fake."""

    async def connected(self) -> asyncio.Future[Exception]:
        """Wait for a connection."""

    async def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, content_type: str | None = None
    ) -> Published:
        """Publish at QoS 1; raises `NotConnected`."""


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """What became of a batch: accepted with what is here now, or refused with a stable reason and a sentence.

    `serial` is the batch's, None where it could not be read; `in_use` that of the last batch taken.
    """

    feed: str
    serial: int | None
    in_use: int | None
    taken: FeedTaken | None = None
    reason: str = ""
    problem: str = ""

    def encode(self, utc_s: float) -> bytes:
        """The message for `feeds/{feed}/status`, given the time in seconds since 1970."""
        answer = {
            "feed": self.feed,
            "serial": self.serial,
            "status": "refused" if self.reason else "accepted",
            "in_use": self.in_use,
            "rows": None if self.taken is None else self.taken.rows,
            "left_out": None if self.taken is None else self.taken.left_out,
            "reason": self.reason or None,
            "problem": self.problem or None,
            "at": rfc3339(utc_s),
        }
        return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


class Feeds:
    """Takes what comes on `feeds/{feed}`; nothing in it is believed before its signature holds."""

    def __init__(
        self,
        broker: Broker,
        store: StoreRef,
        trust: TrustOptions,
        ask: Callable[[FeedBatch], Awaitable[object]],
        records: Iterable[Record],
        *,
        report: Callable[[Condition], None],
        utc_s: Callable[[], float],
    ) -> None:
        """`records` are what the engine was restored from, `utc_s` the wall clock (seconds since 1970)."""
        self._broker = broker
        self._store = store
        self._trust = trust
        self._topics = Topics(store)
        self._ask = ask
        self._in_use: dict[FeedName, int] = {
            place.feed: place.serial for place in records if isinstance(place, FeedPlace)
        }
        self._report = report
        self._utc_s = utc_s
        self._waiting: deque[tuple[FeedTopic, bytes]] = deque()
        self._arrived = asyncio.Event()

    def receive(self, topic: FeedTopic, payload: bytes) -> None:
        """Take a batch from the broker; an empty one means that a retained one was withdrawn."""
        if not payload:
            return
        if len(self._waiting) >= MOST_WAITING:
            hint = f"{MOST_WAITING} batches wait already, and more are dropped; let head office send fewer and larger"
            self._report(Condition(f"feeds:{topic.feed}", "flooded", "warning", hint, {"count": MOST_WAITING}))
            return
        self._waiting.append((topic, payload))
        self._arrived.set()

    async def run(self) -> None:
        """Judge and answer what comes, until the pipeline takes nothing more."""
        with contextlib.suppress(InboxClosed):
            while True:
                await self._arrived.wait()
                self._arrived.clear()
                while self._waiting:
                    await self._answer(await self._judged(*self._waiting.popleft()))
                    await asyncio.sleep(PAUSE_S)

    async def _judged(self, topic: FeedTopic, payload: bytes) -> FeedAnswer:
        feed, envelope = topic.feed, None
        try:
            envelope = read_envelope(payload, feed)
            batch = read_batch(envelope, feed, self._store, self._trust)
            gave = await self._ask(batch)
        except DocumentRefused as refused:
            problem = f"{refused.key}: {refused.problem}" if refused.key else refused.problem
            return self._refused(feed, envelope, refused.code, f"{problem}. {refused.hint}.")
        except TooManyAsks as busy:
            return self._refused(feed, envelope, "busy", f"{busy}.")
        except StorageUnavailable as unavailable:
            return self._refused(feed, envelope, "not_kept", str(unavailable))
        if isinstance(gave, BatchRefused):
            return self._refused(feed, envelope, gave.reason, gave.says)
        self._in_use[feed] = batch.serial
        self._report(Condition(f"feeds:{feed}", "in_use", "ok"))
        taken = gave if isinstance(gave, FeedTaken) else None
        return FeedAnswer(feed, batch.serial, batch.serial, taken)

    def _refused(self, feed: FeedName, envelope: Envelope | None, reason: str, problem: str) -> FeedAnswer:
        if reason != "older_serial":  # a retained batch is heard again at every connection
            hint = f"a batch of the feed {feed} is not taken: {problem} What was taken before stays"
            self._report(Condition(f"feeds:{feed}", reason, "warning", hint, {"said": problem}))
        serial = None if envelope is None else envelope.serial
        return FeedAnswer(feed, serial, self._in_use.get(feed), None, reason, problem)

    async def _answer(self, answer: FeedAnswer) -> None:
        # A retained batch comes with the subscription, before the connection is ready for what we have to say.
        await self._broker.connected()
        with contextlib.suppress(NotConnected):
            await self._broker.publish(self._topics.feed_status(answer.feed), answer.encode(self._utc_s()), retain=True)
