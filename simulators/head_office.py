"""Head office in one process: signs documents, counts and acknowledges every event, locks coupons of the brand."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

from gateway.model.store import StoreRef
from simulators.arrival import Arrival, Fact, read_arrival
from simulators.brand_locks import BrandLocks
from simulators.link import Link
from simulators.signer import Signer
from simulators.stream_account import StreamAccount, StreamName

ACK_EVERY_S: Final = 0.1
"""Acks of a stream are at least this far apart (seconds)."""

_FILTERS: Final = ("acks/+/+", "events/+", "documents/+/status", "feeds/+/status", "commands/lock/result/+", "state")
_LOCK_LASTS_S: Final = 3_600.0
_COMPACT: Final = (",", ":")


class HeadOffice:
    """One head office of one store; keeps everything in memory, and its acks retained at the broker.

    It counts by (source, id), so a repeat changes nothing but its count. A head office that starts again at the same
    broker reads its own retained acks and carries on from there. All of it lives on the event loop.

    Attributes:
        signer: The key that signs its documents; `signer.public_key` belongs into the gateway's `[trust]`.
        streams: What is here of each stream.
        facts: How often each (subject, type, zone or campaign) happened; `event.dropped` is no fact.
        states: The last `state` of each gateway.
        statuses: The last answer to each document, by (gateway, document).
        fed: The last answer to each feed, by (gateway, feed).
        unreadable: Messages that were no event; they are not acknowledged.
        locks: Whose each coupon of the brand is; its shops' head offices share one.
        acking: Set to False to acknowledge nothing for a while; True again answers what has come meanwhile.
    """

    def __init__(
        self,
        url: str,
        store: StoreRef,
        signer: Signer | None = None,
        keep: Callable[[bytes], object] | None = None,
        locks: BrandLocks | None = None,
    ) -> None:
        """`keep` is given each event's message once, when it first arrives."""
        self.store = store
        self.signer = signer or Signer()
        self.streams: dict[StreamName, StreamAccount] = {}
        self.facts: Counter[Fact] = Counter()
        self.states: dict[str, dict[str, object]] = {}
        self.statuses: dict[tuple[str, str], dict[str, object]] = {}
        self.fed: dict[tuple[str, str], dict[str, object]] = {}
        self.unreadable = 0
        self.locks = locks or BrandLocks()
        self.acking = True
        self._root = f"proximity/v1/{store.tenant}/{store.store}"
        self._keep = keep
        self._manifests: dict[str, bytes] = {}
        self._acked: dict[StreamName, int] = {}
        self._changed = asyncio.Event()
        self._acks: asyncio.Task[None] | None = None
        topics = [f"{self._root}/+/{level}" for level in _FILTERS]
        self._link = Link(url, topics, self._hear, self._came_up)

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            ConnectionError: no broker answers there, or it refuses.
        """
        await self._link.__aenter__()
        self._acks = asyncio.create_task(self._acknowledge(), name="head-office-acks")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._acks is not None:
            self._acks.cancel()
            await asyncio.gather(self._acks, return_exceptions=True)
        self._tell_acks()
        await self._link.__aexit__(kind, error, trace)

    @property
    def mqtt_version(self) -> int:
        """The MQTT version spoken with the broker: 5, or 4 for 3.1.1."""
        return self._link.version

    @property
    def received(self) -> int:
        """Distinct events that arrived."""
        return sum(account.distinct for account in self.streams.values())

    @property
    def acked(self) -> int:
        """Events acknowledged, over all streams."""
        return sum(self._acked.values())

    @property
    def gaps(self) -> int:
        """Sequences missing below the highest of their stream."""
        return sum(account.gaps for account in self.streams.values())

    @property
    def duplicates(self) -> int:
        """Messages of an event that was here already."""
        return sum(account.duplicates for account in self.streams.values())

    @property
    def complaints(self) -> list[str]:
        """What no gateway may send, in words: messages that are no events, two events under one sequence or id."""
        conflicts = sum(account.conflicts for account in self.streams.values())
        return [
            *([f"messages that are no readable event: {self.unreadable}"] if self.unreadable else []),
            *([f"events under the sequence or id of another: {conflicts}"] if conflicts else []),
        ]

    def count(self, event_type: str) -> int:
        """How often an event of this type (`offer.made`) arrived for the first time."""
        return sum(times for (_, kind, _), times in self.facts.items() if kind == event_type)

    def publish_document(self, name: str, content: bytes, serial: int, url: str | None = None) -> None:
        """Sign a document and retain its manifest for this store's gateway; published again after every outage.

        The document is in it, or to be fetched from `url`.
        """
        self._manifests[name] = self.signer.manifest(content, self.store, name, serial, url)
        self._tell(f"{self.store.gateway}/documents/{name}", self._manifests[name])

    def feed(
        self, feed: str, serial: int, rows: Sequence[Mapping[str, object]], base_serial: int | None = None
    ) -> bool:
        """Sign a batch of a feed for this store's gateway, all rows or a change; whether the broker was there for it.

        A batch of all rows is retained, so that a gateway that comes later begins with it.
        """
        batch = self.signer.batch(self.store, feed, serial, rows, base_serial)
        topic = f"{self._root}/{self.store.gateway}/feeds/{feed}"
        return self._link.publish(topic, batch, retain=base_serial is None)

    async def until(self, holds: Callable[[], bool], timeout_s: float) -> None:
        """Return when `holds()` is true; it is asked after every message and every ack.

        Raises:
            TimeoutError: it did not within `timeout_s` seconds.
        """
        async with asyncio.timeout(timeout_s):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    def _came_up(self) -> None:
        for name, manifest in self._manifests.items():
            self._tell(f"{self.store.gateway}/documents/{name}", manifest)
        self._tell_acks(again=True)

    def _hear(self, topic: str, payload: bytes, retained: bool) -> None:
        gateway, *levels = topic.removeprefix(self._root + "/").split("/")
        try:
            match levels:
                case ["events", _]:
                    self._take(read_arrival(payload), payload)
                case ["acks", incarnation, stream] if retained:
                    self._resume(StreamName(gateway, incarnation, stream), payload)
                case ["documents", name, "status"]:
                    self.statuses[gateway, name] = json.loads(payload)
                case ["feeds", feed, "status"]:
                    self.fed[gateway, feed] = json.loads(payload)
                case ["commands", "lock", "result", _]:
                    self._locked(json.loads(payload))
                case ["state"] if payload:
                    self.states[gateway] = json.loads(payload)
        except (ValueError, KeyError, TypeError):
            self.unreadable += 1
        self._changed.set()

    def _take(self, arrival: Arrival, message: bytes) -> None:
        account = self.streams.setdefault(arrival.stream, StreamAccount())
        if account.take(arrival.sequence, arrival.id, arrival.covers) != "new":
            return
        if arrival.covers is None:
            self.facts[arrival.fact] += 1
            self.locks.hear(arrival.type, arrival.content, replace(self.store, gateway=arrival.stream.gateway))
            self._tell_locks(arrival.stream.gateway)
        if self._keep is not None:
            self._keep(message)

    def _resume(self, stream: StreamName, payload: bytes) -> None:
        acked = int(json.loads(payload)["acked"])
        self.streams.setdefault(stream, StreamAccount()).resume(acked)
        self._acked[stream] = max(acked, self._acked.get(stream, 0))

    async def _acknowledge(self) -> None:
        while True:
            await asyncio.sleep(ACK_EVERY_S)
            self._tell_acks()
            for gateway in {stream.gateway for stream in self.streams}:
                self._tell_locks(gateway)

    def _tell_acks(self, *, again: bool = False) -> None:
        """Acknowledge what is new in each stream; `again` repeats what was acknowledged before an outage."""
        if not self.acking:
            return
        for stream, account in self.streams.items():
            acked = self._acked.get(stream, 0)
            if account.contiguous > acked or (again and acked):
                body = json.dumps({"acked": f"{account.contiguous:020d}"}, separators=_COMPACT).encode()
                if self._tell(f"{stream.gateway}/acks/{stream.incarnation}/{stream.stream}", body):
                    self._acked[stream] = account.contiguous
                    self._changed.set()

    def _tell_locks(self, gateway: str) -> None:
        """Order what was decided about coupons of the brand; a gateway that is away is told when it is back."""
        store = replace(self.store, gateway=gateway)
        for redemption, granted in self.locks.due(store, time.monotonic()):
            wanted = {"redemption": redemption, "granted": granted}
            order = self.signer.order(store, "lock", str(uuid4()), time.time(), _LOCK_LASTS_S, wanted)
            self._link.publish(f"{self._root}/{gateway}/commands/lock", order, retain=False)

    def _locked(self, answer: Mapping[str, Any]) -> None:
        if answer["status"] == "done":
            self.locks.confirm(answer["result"]["redemption"])

    def _tell(self, topic: str, payload: bytes) -> bool:
        return self._link.publish(f"{self._root}/{topic}", payload, retain=True)
