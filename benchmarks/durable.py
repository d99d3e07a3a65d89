"""What a durable event costs from the decision to head office's word, beside the two floors added up, in the same run.

Ours is the daemon's own pipeline, store, sender and session: each event is stepped, committed in a group of 100, read,
encoded, published at QoS 1, acknowledged by broker and head office, and deleted by another commit. The floors do the
least that could be called the same: bare paho publishes the same payloads at QoS 1, and bare SQLite commits bodies of
the same size in groups of 100 (WAL, synchronous=FULL). CPU microseconds an event of the one process, all threads;
broker (mosquitto) and head office are processes of their own. Rounds are interleaved and medians taken.

    python -m benchmarks.durable [EVENTS]
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.backlog import mosquitto, office, peer
from benchmarks.outage.shop import never_outdated
from benchmarks.storage import bare, cost_us, event
from gateway.model.event import Event
from gateway.model.inputs import Acked, Input, OperatorNotice
from gateway.model.step import Save, Step, Stream
from gateway.model.store import StoreRef
from gateway.model.time import Now
from gateway.mqtt.message import Message, Outgoing
from gateway.mqtt.options import MqttOptions
from gateway.mqtt.session import Session
from gateway.pipeline import CommitOptions, Pipeline
from gateway.runtime.clock import SystemClock
from gateway.runtime.feed import Committed, Feed
from gateway.runtime.health import Health
from gateway.runtime.inbox import Inbox
from gateway.storage.database import Store, open_store
from gateway.storage.outbox import Outbox, open_outbox
from gateway.uplink.acks import Acks
from gateway.uplink.sender import Sender
from gateway.uplink.topics import AckTopic, Topics
from gateway.uplink.wire import encode

EVENTS = 20_000
ROUNDS = 3
PER_COMMIT = 100
AHEAD = 2_000
"""Events decided and not yet acknowledged, at most."""
MOST_RATIO = 1.5
"""Of the sum of the two floors, what ours may take."""
STORE = StoreRef("acme", "0042", "gw-1")
SECRET = bytes(32)
NOTICE = OperatorNotice("visit", "zone.entered", event(1).data)


class Counting:
    """An engine of the least: each notice is an event, each ack moves its stream."""

    deadline_s: float | None = None

    def __init__(self, incarnation: str) -> None:
        self._incarnation = incarnation
        self._stream = Stream("visit")

    def step(self, input: Input, now: Now) -> Step:
        """One event, or one record."""
        name, sequence, acked = "visit", self._stream.next_sequence, self._stream.acked
        if isinstance(input, Acked):
            self._stream = Stream(name, sequence, max(acked, input.sequence))
            return Step((Save(self._stream),))
        assert isinstance(input, OperatorNotice)
        self._stream = Stream(name, sequence + 1, acked)
        identity = f"019a0000-0000-7000-8000-{sequence:012x}"
        parts = input.type, "m.q3lzt7w2k5", now.utc_s, now.utc_s, input.data
        return Step((Save(self._stream),), (Event(identity, self._incarnation, name, sequence, *parts),))


class Line:
    """A gateway's line to head office."""

    def __init__(self, store: Store, outbox: Outbox, port: int) -> None:
        self.acked = 0
        self._moved = asyncio.Event()
        self._topics, health = Topics(STORE), Health()
        self._inbox = Inbox(SystemClock())
        self._session = Session(
            MqttOptions(f"mqtt://127.0.0.1:{port}"),
            client_id="bench",
            state=self._state,
            subscriptions=self._topics.subscriptions,
            on_message=self._receive,
            report=health.report,
        )
        self._sender = Sender(
            self._session, outbox, STORE, [_Stood(store.incarnation)], put=self._put, report=health.report
        )
        self._acks = Acks(self._sender, store.incarnation, put=self._put, report=health.report, outdated=never_outdated)
        self._pipeline = Pipeline(
            inbox=self._inbox,
            engine=Counting(store.incarnation),
            store=store,
            feed=Feed(),
            health=health,
            committed=(self._tell,),
            options=CommitOptions(radio_s=0.1, max_steps=PER_COMMIT),
        )

    async def carry(self, count: int) -> None:
        """Have `count` events decided, and return when head office's word for the last of them is committed."""
        jobs = (self._session.run, self._sender.run, self._acks.run)
        tasks = [asyncio.create_task(job()) for job in jobs]
        deciding = asyncio.create_task(self._pipeline.run())
        for given in range(1, count + 1):
            await self._inbox.put(NOTICE)
            if given % PER_COMMIT == 0:
                await self._until_acked(given - AHEAD)
        await self._until_acked(count)
        self._inbox.close()
        await deciding
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _until_acked(self, sequence: int) -> None:
        while self.acked < sequence:
            self._moved.clear()
            await self._moved.wait()

    def _tell(self, committed: Committed) -> None:
        if committed.events:
            self._sender.wake()

    async def _put(self, entry: Acked | OperatorNotice) -> None:
        await self._inbox.put(entry)
        if isinstance(entry, Acked):
            self.acked = entry.sequence
            self._moved.set()

    def _receive(self, message: Message) -> None:
        topic = self._topics.parse(message.topic)
        if isinstance(topic, AckTopic):
            self._acks.receive(topic, message.payload)

    def _state(self, session: str, online: bool) -> Outgoing:
        return Outgoing(self._topics.state, json.dumps({"online": online, "session": session}).encode(), retain=True)


class _Stood:
    """The stream before anything happened."""

    stream, acked, next_sequence = "visit", 0, 1

    def __init__(self, incarnation: str) -> None:
        self.incarnation = incarnation


async def carried(directory: Path, port: int, count: int) -> float:
    """Our CPU microseconds an event."""
    async with open_store(directory, SECRET) as store, open_outbox(directory, SECRET) as outbox:
        began_s = time.process_time()
        await Line(store, outbox, port).carry(count)
        cost = (time.process_time() - began_s) / count * 1e6
        assert not any(stream.depth for stream in await outbox.standing())
    return cost


def one_round(count: int) -> dict[str, float]:
    """Each side once, each with a broker of its own."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as place:
        folder = Path(place)
        payload = encode(event(1), STORE)
        (folder / "messages").write_bytes(b"%s %s\n" % (Topics(STORE).events("visit").encode(), payload) * count)
        with mosquitto(folder) as port, office(port):
            paho_us = peer(port, folder / "messages", count).cpu_us
        with mosquitto(folder) as port, office(port) as seen:
            ours_us = asyncio.run(carried(folder / "state", port, count))
        assert (seen["received"], seen["missing"]) == (count, 0)
        sqlite_us, _ = cost_us(lambda: bare(folder, count, len(payload)), count)
    return {"bare paho": paho_us, "bare sqlite": sqlite_us, "ours": ours_us}


def main() -> None:
    count = (int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS) // PER_COMMIT * PER_COMMIT
    rounds = [one_round(count) for _ in range(ROUNDS)]
    cpu_us = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    floor_us = cpu_us["bare paho"] + cpu_us["bare sqlite"]
    print(f"{count} events of {len(encode(event(1), STORE))} bytes, committed, published, acknowledged, deleted")
    for name, cost in cpu_us.items():
        print(f"{name:12} {cost:6.1f} us CPU an event")
    print(f"{'ratio':12} {cpu_us['ours'] / floor_us:6.2f} x the sum of the floors")
    sys.exit(0 if cpu_us["ours"] <= MOST_RATIO * floor_us else 1)


if __name__ == "__main__":
    main()
