"""The terms of a session with a real mosquitto: how much is in flight, what lasts how long, which address and MQTT."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from queue import Queue

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from gateway.mqtt.message import Published
from gateway.mqtt.options import problems
from tests.brokers import MOSQUITTO, Mosquitto, free_port, mosquitto
from tests.integration.mqtt_side import listening, quick, session, until
from tests.uplink.ordered import gateway, office

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    async with mosquitto(tmp_path / "broker") as running:
        yield running


class Office:
    """A client of MQTT 5 that keeps all it hears, and says how long what it tells is to last."""

    def __init__(self, port: int) -> None:
        self.heard: Queue[MQTTMessage] = Queue()
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._subscribed: Queue[None] = Queue()
        self._client.on_message = lambda _client, _userdata, message: self.heard.put(message)
        self._client.on_connect = lambda *_: self._client.subscribe("#", qos=1)
        self._client.on_subscribe = lambda *_: self._subscribed.put(None)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._subscribed.get(timeout=10)

    def tell(self, topic: str, payload: bytes, expires_s: int) -> None:
        properties: Properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.MessageExpiryInterval = expires_s
        self._client.publish(topic, payload, qos=1, retain=True, properties=properties).wait_for_publish(10)

    def leave(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def far_side(broker: Mosquitto) -> Iterator[Office]:
    office = Office(broker.port)
    yield office
    office.leave()


async def test_no_more_is_in_flight_than_the_broker_takes(tmp_path: Path) -> None:
    """It ends the connection of a client that sends one message more (MQTT 5, 3.3.4)."""
    async with mosquitto(tmp_path, extra=["max_inflight_messages 3"]) as broker, session(quick(broker.url)) as noted:
        await noted.session.connected()
        assert noted.session.room == 3
        answers = await asyncio.gather(*(noted.session.publish("a", b"x") for _ in range(200)))
        assert all(answer.accepted for answer in answers)
        assert noted.codes == ["connected"]


async def test_a_session_ends_with_its_connection(broker: Mosquitto) -> None:
    async with session(quick(broker.url), "head-office") as office:
        await office.session.connected()
        async with session(quick(broker.url), subscriptions=["a"]) as noted:
            await noted.session.connected()
            assert (await office.session.publish("a", b"heard")).heard
            await until(lambda: noted.payloads("a") == [b"heard"])
        unheard = Published(accepted=True, reason="No matching subscribers", heard=False)
        async with asyncio.timeout(10):
            while await office.session.publish("a", b"while away") != unheard:
                await asyncio.sleep(0.02)
        async with session(quick(broker.url), subscriptions=["a"]) as again:
            await again.session.connected()
            await office.session.publish("a", b"since")
            await until(lambda: again.payloads("a") != [])
            assert again.payloads("a") == [b"since"]


async def test_what_the_gateway_tells_never_expires(broker: Mosquitto, far_side: Office) -> None:
    async with session(quick(broker.url)) as noted:
        await noted.session.connected()
        await noted.session.publish("events/visit", b"{}", content_type="application/json")
        told = {}
        for _ in range(2):
            message = await asyncio.to_thread(partial(far_side.heard.get, timeout=10))
            told[message.topic] = message.properties.json() if message.properties else {}
    assert set(told) == {"state/gw-1", "events/visit"}
    assert not any("MessageExpiryInterval" in properties for properties in told.values())


async def test_what_head_office_lets_expire_reaches_nobody_who_was_away(broker: Mosquitto, far_side: Office) -> None:
    far_side.tell("commands/old", b"old", expires_s=1)
    await asyncio.sleep(2.1)
    far_side.tell("commands/new", b"new", expires_s=600)
    async with session(quick(broker.url), subscriptions=["commands/+"]) as noted:
        await until(lambda: noted.messages != [])
        assert [message.payload for message in noted.messages] == [b"new"]


async def test_several_addresses_are_tried_in_turn(tmp_path: Path) -> None:
    async with (
        mosquitto(tmp_path / "one") as one,
        mosquitto(tmp_path / "two") as two,
        session(quick((one.url, two.url)), subscriptions=["here"]) as noted,
    ):
        for here in (one, two):
            lost = await asyncio.wait_for(noted.session.connected(), 20)
            async with session(quick(here.url), "neighbour") as neighbour:
                await neighbour.session.connected()
                assert (await neighbour.session.publish("here", b"there?")).heard
            await here.kill()
            await until(lost.done)


async def test_plain_text_leaves_this_machine_only_when_told_to(tmp_path: Path) -> None:
    address = own_address()
    if address is None:
        pytest.skip("this machine has no address beyond loopback")
    port = free_port()
    outside = quick(f"mqtt://{address}:{port}")
    (refused,) = problems(outside)
    assert "plain text" in refused.problem
    with pytest.raises(ValueError, match="plain text"):
        async with session(outside):
            pass
    async with (
        mosquitto(tmp_path, extra=[f"listener {port} {address}"]),
        session(replace(outside, allow_plain_text=True)) as noted,
    ):
        await asyncio.wait_for(noted.session.connected(), 20)


def own_address() -> str | None:
    """The address that this machine would use towards others; asking sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address: str = probe.getsockname()[0]
        return None if address.startswith("127.") else address


@asynccontextmanager
async def of_3_1_1(broker: Mosquitto) -> AsyncIterator[str]:
    """The broker's address for clients of MQTT 3.1.1 alone: who says 5 is hung up on."""

    async def let_through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connect = await reader.read(1_024)
        if b"MQTT\x05" in connect:
            return
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", broker.port)
        inner_writer.write(connect)
        try:
            await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))
        finally:
            inner_writer.close()

    async with listening(let_through) as port:
        yield f"mqtt://127.0.0.1:{port}"


async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while said := await source.read(65_536):
        sink.write(said)
        await sink.drain()


async def test_over_3_1_1_an_answer_comes_on_the_commands_own_topic(tmp_path: Path, broker: Mosquitto) -> None:
    async with of_3_1_1(broker) as url, office(broker) as orders, gateway(tmp_path / "state", url) as shop:
        await until(lambda: shop.codes.get("mqtt:broker") == "older_mqtt")
        assert (await orders.give("ping"))["status"] == "done"
        order_id, message = orders.sign("log-level", {"level": "loud", "seconds": 1})
        orders.send("log-level", message)
        answer = await orders.answer(order_id)
        assert (answer["id"], answer["status"], answer["reason"]) == (order_id, "refused", "bad_arguments")
