"""A consumer at a real broker and a real PostgreSQL."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gateway.model.event import Event
from gateway.model.store import StoreRef
from gateway.uplink.topics import Topics
from gateway.uplink.wire import encode
from simulators.broker import Broker, BrokerName, mosquitto_path
from simulators.consumer.consumer import Consumer
from simulators.consumer.event_table import connected
from simulators.link import Link
from tests.postgres import postgres, why_not
from tests.simulators.test_commands import command, ended

REASON = why_not()
STORE = StoreRef("acme", "0042", "gw-1")
LIFE = "9f2c44d01b7ae583"
WITHIN_S = 15.0

pytestmark = pytest.mark.skipif(REASON is not None, reason=str(REASON))


@pytest.fixture
def database() -> Iterator[str]:
    with postgres() as address:
        yield address


@pytest.fixture(
    params=[
        pytest.param("mosquitto", marks=pytest.mark.skipif(mosquitto_path() is None, reason="mosquitto is missing")),
        pytest.param("amqtt", marks=pytest.mark.slow),  # MQTT 3.1.1, found out by its silence: seconds each
    ]
)
async def broker(request: pytest.FixtureRequest) -> AsyncIterator[Broker]:
    name: BrokerName = request.param
    async with Broker(name) as running:
        yield running


class Gateway:
    """A gateway's side of the topics."""

    def __init__(self, url: str) -> None:
        self.acks: list[int] = []
        self.link = Link(url, (f"{Topics(STORE).root}acks/+/+",), self._hear, lambda: None)

    def tell(self, *sequences: int) -> None:
        for n in sequences:
            identity = f"019aa5c2-0000-7000-8000-{n:012x}"
            event = Event(identity, LIFE, "visit", n, "zone.entered", "m.abc", 1.795e9, 1.795e9, {"zone": "shoes"})
            assert self.link.publish(Topics(STORE).events("visit"), encode(event, STORE), retain=False)

    async def acked(self, sequence: int) -> None:
        async with asyncio.timeout(WITHIN_S):
            while not self.acks or self.acks[-1] != sequence:
                await asyncio.sleep(0.05)

    def _hear(self, _topic: str, payload: bytes, _retained: bool) -> None:
        self.acks.append(int(json.loads(payload)["acked"]))


async def deliveries(database: str) -> list[tuple[object, ...]]:
    async with await connected(database) as session:
        return await (await session.execute("SELECT sequence, deliveries FROM events ORDER BY sequence")).fetchall()


async def test_two_consumers_share_where_the_broker_can_and_repeat_where_it_cannot(
    broker: Broker, database: str
) -> None:
    gateway = Gateway(broker.url)
    async with AsyncExitStack() as stack:
        consumers = [await stack.enter_async_context(Consumer(broker.url, database)) for _ in range(2)]
        await stack.enter_async_context(gateway.link)
        gateway.tell(1, 2, 4, 5)
        await gateway.acked(2)
        gateway.tell(3, 6)
        await gateway.acked(6)
        shared = broker.name == "mosquitto"
        assert [each.shared for each in consumers] == [shared, shared]
        async with asyncio.timeout(WITHIN_S):
            while sum(each.counts.received for each in consumers) < (6 if shared else 12):
                await asyncio.sleep(0.05)
            while sum(each.counts.stored + each.counts.repeats for each in consumers) < (6 if shared else 12):
                await asyncio.sleep(0.05)
        assert sum(each.counts.stored for each in consumers) == 6
    assert await deliveries(database) == [(n, 1 if shared else 2) for n in range(1, 7)]
    assert gateway.acks == sorted(gateway.acks)


async def test_after_an_outage_of_the_broker_acks_stand_again(broker: Broker, database: str) -> None:
    gateway = Gateway(broker.url)
    async with Consumer(broker.url, database), gateway.link:
        gateway.tell(1, 2)
        await gateway.acked(2)
        await broker.kill()
        gateway.acks.clear()
        await broker.start()
        await gateway.acked(2)


async def test_a_repeat_earns_the_ack_again(database: str) -> None:
    async with Broker() as broker:
        gateway = Gateway(broker.url)
        async with Consumer(broker.url, database), gateway.link:
            gateway.tell(1)
            await gateway.acked(1)
            gateway.acks.clear()
            gateway.tell(1)
            await gateway.acked(1)


async def test_what_is_no_event_is_said_once_and_holds_nothing_up(database: str) -> None:
    said: list[str] = []
    async with Broker() as broker:
        gateway = Gateway(broker.url)
        async with Consumer(broker.url, database, said.append) as consumer, gateway.link:
            for payload in (b"{}", b"?"):
                gateway.link.publish(Topics(STORE).events("visit"), payload, retain=False)
            gateway.tell(1)
            await gateway.acked(1)
            assert (consumer.counts.unreadable, consumer.counts.stored) == (2, 1)
    assert [sentence for sentence in said if "no event" in sentence] == said[:1]


async def test_a_consumer_without_a_database_says_so(unused_tcp_port: int, tmp_path: Path) -> None:
    async with Broker() as broker:
        address = f"postgresql://nobody@127.0.0.1:{unused_tcp_port}/none"
        status, out, err = await ended(await command("consumer", "--url", broker.url, "--database", address))
    assert (status, out) == (2, "")
    assert "connection failed" in err
