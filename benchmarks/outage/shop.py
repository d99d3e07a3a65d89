"""A gateway that comes back from a long outage while its shop goes on: sightings, and redemptions that overtake.

Composed of the daemon's own parts: inbox, engine, pipeline, store, outbox, session, sender, acks. It prints its figures
and ends once head office has acknowledged what the outage left.

    python -m benchmarks.outage.shop DIRECTORY PORT LAST
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks.engine import RECEIVERS, TAGS, plan, tag_of
from benchmarks.outage.backlog import BOUNDS, SECRET, STORE
from gateway.core.engine import Engine
from gateway.model.event import Event
from gateway.model.inputs import Acked, Input, OperatorNotice, Started
from gateway.model.sighting import Sighting
from gateway.model.step import Record, Save, Step, Stream
from gateway.model.time import Now
from gateway.mqtt.message import Message, Outgoing
from gateway.mqtt.options import MqttOptions
from gateway.mqtt.session import Session
from gateway.pipeline import Pipeline
from gateway.runtime.feed import Committed, Feed
from gateway.runtime.health import Health
from gateway.runtime.inbox import Inbox
from gateway.storage.database import Store, open_store
from gateway.storage.outbox import Outbox, open_outbox
from gateway.uplink.acks import Acks
from gateway.uplink.sender import Sender
from gateway.uplink.topics import AckTopic, Topics

SIGHTINGS_PER_S: Final = 500
REDEEM_EVERY_S: Final = 0.5
_PULSE_S: Final = 0.02


def never_outdated() -> None:
    """Head office cannot have more than was ever given: nobody put an older state back."""
    raise AssertionError


class Shop:
    """The engine, and a till beside it, for this version's engine redeems nothing yet."""

    def __init__(self, incarnation: str, records: list[Record]) -> None:
        self._engine = Engine(incarnation=incarnation, id_key=bytes(32), floorplan=plan(9, drawn=False))
        self._engine.restore(records)
        self._incarnation = incarnation
        self._redemptions = Stream("redemption")

    @property
    def deadline_s(self) -> float | None:
        return self._engine.deadline_s

    def step(self, input: Input, now: Now) -> Step:
        match input:
            case OperatorNotice("redemption"):
                return self._redeemed(input, now)
            case Acked(stream="redemption"):
                self._redemptions = replace(self._redemptions, acked=input.sequence)
                return Step((Save(self._redemptions),))
        return self._engine.step(input, now)

    def _redeemed(self, notice: OperatorNotice, now: Now) -> Step:
        place = self._redemptions.next_sequence
        self._redemptions = replace(self._redemptions, next_sequence=place + 1)
        identity = f"019a0000-0000-7000-8000-{place:012x}"
        parts = notice.type, None, now.utc_s, now.utc_s, notice.data
        return Step((Save(self._redemptions),), (Event(identity, self._incarnation, "redemption", place, *parts),))


class Drain:
    """A running gateway and what is seen of it."""

    def __init__(self, store: Store, outbox: Outbox, port: int, last: Mapping[str, int]) -> None:
        self.health = Health()
        self.memory_mb: list[float] = []
        self.late_ms = 0.0
        self.offered = 0
        self.redeemed = 0
        self._left = dict(last)
        self._drained = asyncio.Event()
        self._store = store
        self._outbox = outbox
        self._topics = Topics(STORE)
        self._session = Session(
            MqttOptions(f"mqtt://127.0.0.1:{port}"),
            client_id="bench",
            state=self._state,
            subscriptions=self._topics.subscriptions,
            on_message=self._receive,
            report=self.health.report,
        )
        self.inbox = Inbox(lambda: Now(time.monotonic(), time.time(), "synced", "bench"))

    async def run(self) -> dict[str, object]:
        """Drain the backlog; what it took."""
        shop = Shop(self._store.incarnation, list((await self._store.load()).records))
        pipeline = Pipeline(
            inbox=self.inbox, engine=shop, store=self._store, feed=Feed(), health=self.health, committed=(self._tell,)
        )
        self._sender = Sender(
            self._session, self._outbox, STORE, await self._outbox.standing(), put=self._put, report=self.health.report
        )
        self._acks = Acks(
            self._sender,
            self._store.incarnation,
            put=self._put,
            report=self.health.report,
            outdated=never_outdated,
        )
        await self.inbox.put(Started("bench"))
        deciding = asyncio.create_task(pipeline.run())
        jobs = [self._hear, self._redeem, self._look, self._sender.run, self._acks.run]
        tasks = [asyncio.create_task(job()) for job in jobs]
        await pipeline.ready.wait()
        began_s, cpu_s = time.perf_counter(), time.process_time()
        tasks.append(asyncio.create_task(self._session.run()))
        await self._drained.wait()
        took_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_s
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.inbox.close()
        await deciding
        return self._figures(took_s, cpu_s)

    def _figures(self, took_s: float, cpu_s: float) -> dict[str, object]:
        middle = self.memory_mb[len(self.memory_mb) // 2]
        return {
            "took_s": took_s,
            "cpu_s": cpu_s,
            "rss_mb": [round(each, 1) for each in (self.memory_mb[0], middle, self.memory_mb[-1])],
            "most_rss_mb": round(max(self.memory_mb), 1),
            "sightings": self.offered,
            "dropped": self.inbox.dropped,
            "redeemed": self.redeemed,
            "late_ms": round(self.late_ms, 1),
        }

    def _state(self, session: str, online: bool) -> Outgoing:
        said = json.dumps({"online": online, "session": session})
        return Outgoing(self._topics.state, said.encode(), retain=True)

    def _receive(self, message: Message) -> None:
        topic = self._topics.parse(message.topic)
        if isinstance(topic, AckTopic):
            self._acks.receive(topic, message.payload)

    def _tell(self, committed: Committed) -> None:
        if committed.events:
            self._sender.wake()

    async def _put(self, entry: Acked | OperatorNotice) -> None:
        await self.inbox.put(entry)
        if isinstance(entry, Acked) and entry.sequence >= self._left.get(entry.stream, sys.maxsize):
            del self._left[entry.stream]
            if not self._left:
                self._drained.set()

    async def _hear(self) -> None:
        """Offer the shop's radio in an even row, and see how late the loop is."""
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            for _ in range(int(SIGHTINGS_PER_S * _PULSE_S)):
                number = self.offered
                level_dbm = -60.0 - number * 7 % 30
                heard = Sighting("ble", f"r{number % RECEIVERS}", tag_of(number // RECEIVERS % TAGS), level_dbm)
                self.inbox.offer(heard)
                self.offered += 1
            due_s += _PULSE_S
            await asyncio.sleep(due_s - loop.time())
            self.late_ms = max(self.late_ms, 1000 * (loop.time() - due_s))

    async def _redeem(self) -> None:
        while True:
            facts = {"redemption": f"r.{self.redeemed}", "made_mono_s": time.monotonic()}
            await self.inbox.ask(OperatorNotice("redemption", "redemption.committed", facts))
            self.redeemed += 1
            await asyncio.sleep(REDEEM_EVERY_S)

    async def _look(self) -> None:
        while True:
            self.memory_mb.append(_resident_mb())
            await asyncio.sleep(0.5)


def _resident_mb() -> float:
    """Memory of this process in use (proc(5), statm)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def drain(directory: Path, port: int, last: Mapping[str, int]) -> dict[str, object]:
    """Drain the outbox in `directory`, whose streams end at `last`."""
    async with open_store(directory, SECRET, outbox=BOUNDS) as store, open_outbox(directory, SECRET) as outbox:
        return await Drain(store, outbox, port, last).run()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(drain(Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])))))
