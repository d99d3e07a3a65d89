"""A gateway that takes orders: real engine, pipeline, database and session, and head office beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from gateway.core.engine import Engine
from gateway.documents.verify import TrustOptions
from gateway.model.inputs import Input, Started, Tick
from gateway.model.sighting import AppReport, CheckIn, HeardBeacon, Sighting
from gateway.model.store import StoreRef
from gateway.mqtt.message import Message, Outgoing
from gateway.mqtt.session import Session
from gateway.pipeline import CommitOptions, Pipeline
from gateway.runtime.clock import SystemClock
from gateway.runtime.feed import Feed
from gateway.runtime.health import Health
from gateway.runtime.inbox import Inbox
from gateway.runtime.logs import Loudness
from gateway.storage.database import Store, open_store
from gateway.storage.ledger import Ledger, open_ledger
from gateway.storage.outbox import Outbox, open_outbox
from gateway.uplink.commands.desk import Commands
from gateway.uplink.commands.reach import Reach
from gateway.uplink.commands.tape import Tape
from gateway.uplink.topics import CommandTopic, Topics
from simulators.orders import Orders
from simulators.signer import Signer
from tests.brokers import Mosquitto
from tests.core.shops import plan
from tests.integration.mqtt_side import quick

STORE = StoreRef("acme", "0042", "gw-1")
SECRET = bytes(range(32))
SIGNER = Signer()
TRUST = TrustOptions({SIGNER.name: SIGNER.public_key})
IN = Sighting("app", "app", CheckIn("q3lzt7", "app"))
NEAR = Sighting("app", "app", AppReport("q3lzt7", (HeardBeacon("b-7", -60.0),)))


@dataclass
class Gateway:
    inbox: Inbox
    health: Health
    store: Store
    outbox: Outbox
    ledger: Ledger
    tape: Tape
    stop: asyncio.Event
    directory: Path

    @property
    def codes(self) -> dict[str, str]:
        return {condition.part: condition.code for condition in self.health.conditions()}

    async def told(self, stream: str) -> list[dict[str, object]]:
        """The events of a class that wait, as their type and facts."""
        await self.inbox.ask(Tick())
        events = await self.outbox.after(self.store.incarnation, stream, 0, 1_000)
        return [{"type": event.type, "subject": event.subject, **event.data} for event in events]

    async def live(self, *inputs: Input) -> None:
        """Let this happen, and wait until it is committed."""
        for each in inputs:
            await self.inbox.ask(each)


@asynccontextmanager
async def gateway(directory: Path, broker: Mosquitto | str, *, synced: bool = True) -> AsyncIterator[Gateway]:
    """A gateway that runs over a broker, or over whatever is at an address."""
    url = broker if isinstance(broker, str) else broker.url
    async with (
        open_store(directory, SECRET) as store,
        open_outbox(directory, SECRET) as outbox,
        open_ledger(directory, SECRET) as ledger,
    ):
        inbox, health, stop = Inbox(SystemClock(synchronized=lambda: synced)), Health(), asyncio.Event()
        engine = Engine(incarnation=store.incarnation, id_key=bytes(32), floorplan=plan())
        engine.restore((await store.load()).records)
        tape = Tape(engine, plan())
        quickly = CommitOptions(urgent_s=0.001)
        pipeline = Pipeline(inbox=inbox, engine=tape, store=store, feed=Feed(), health=health, options=quickly)
        reach = Reach(
            "0.1.0", directory, inbox, health, pipeline.counters, outbox, ledger, store.erasures, tape,
            Loudness("info"), stop.set,
        )  # fmt: skip
        working = asyncio.create_task(pipeline.run())
        await inbox.ask(Started("0.1.0"))
        async with _session(url, reach):
            yield Gateway(inbox, health, store, outbox, ledger, tape, stop, directory)
        inbox.close()
        await working


@asynccontextmanager
async def _session(url: str, reach: Reach) -> AsyncIterator[None]:
    topics = Topics(STORE)

    def receive(message: Message) -> None:
        topic = topics.parse(message.topic)
        if isinstance(topic, CommandTopic):
            commands.receive(topic, message)

    session = Session(
        quick(url),
        client_id="gw-1",
        state=lambda session, online: Outgoing(topics.state, b"{}", retain=True),
        subscriptions=topics.subscriptions,
        on_message=receive,
        report=reach.health.report,
    )
    commands = Commands(session, STORE, TRUST, reach)
    tasks = [asyncio.create_task(session.run()), asyncio.create_task(commands.run())]
    await session.connected()
    try:
        yield
    finally:
        for task in reversed(tasks):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def office(broker: Mosquitto, signer: Signer = SIGNER, store: StoreRef = STORE) -> Orders:
    return Orders(broker.url, store, signer)


def asked_over_mqtt_5(port: int, topic: str, message: bytes, response_topic: str, correlation: bytes) -> MQTTMessage:
    """Give a command that names where its answer goes; blocks until that comes there."""
    answers: Queue[MQTTMessage] = Queue()
    properties: Properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ResponseTopic = response_topic
    properties.CorrelationData = correlation
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.on_subscribe = lambda *_: client.publish(topic, message, qos=1, properties=properties)
    client.on_message = lambda _client, _userdata, answer: answers.put(answer)
    client.on_connect = lambda *_: client.subscribe(response_topic, qos=1)
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        return answers.get(timeout=10)
    finally:
        client.disconnect()
        client.loop_stop()
