"""Satellites over a real broker: what they tell is heard, and nobody leaves because one of them is gone."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from gateway.codecs.adverts import IBeacon, encode_payload
from gateway.codecs.satellites.batch import RawPacket, batch, sightings_topic
from gateway.model.inputs import ReceiverHealth
from gateway.model.sighting import BeaconId, Sighting, Stranger
from gateway.model.store import StoreRef
from gateway.runtime.health import Health
from gateway.sensing.ble.strangers import TOLD_EVERY_S
from gateway.sensing.satellites.options import SatelliteOptions, filled
from gateway.sensing.satellites.source import MOST_MESSAGES, SatelliteSource
from gateway.sensing.source import Surroundings
from simulators.link import Link
from simulators.satellites import BatchingSatellite, Message, Satellites, espresense, theengs
from tests.brokers import MOSQUITTO, Mosquitto, mosquitto
from tests.integration.bluez_side import no_document, until
from tests.integration.mqtt_side import quick

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")

STORE = StoreRef("acme", "0042", "gw-1")
HOME = sightings_topic(STORE)
UUID = "5f1d0000-0000-4000-8000-00805f9b0001"
ADDRESS = "C0:00:00:00:00:01"
PACKET = encode_payload(IBeacon(UUID, 1, 1, -59))
FOB = BeaconId("ibeacon", f"{UUID}/1/1")


class Heard:
    """A source of satellites, and all that it yields."""

    def __init__(self, options: SatelliteOptions, broker: Mosquitto) -> None:
        self.health = Health()
        self.sightings: list[Sighting] = []
        self.told: list[tuple[str, str]] = []
        surroundings = Surroundings(Path(), self.health, no_document, store=STORE)
        self.source = SatelliteSource(filled(options, HOME), quick(broker.url), surroundings)

    async def listen(self) -> None:
        async with self.source:
            async for sensed in self.source:
                match sensed.input:
                    case ReceiverHealth(receiver, status):
                        assert not sensed.lossy
                        self.told.append((receiver, status))
                    case Sighting() as sighting:
                        assert sensed.lossy
                        self.sightings.append(sighting)

    def code(self, part: str) -> str:
        return next((each.code for each in self.health.conditions() if each.part == part), "")


@asynccontextmanager
async def hearing(broker: Mosquitto, options: SatelliteOptions) -> AsyncIterator[Heard]:
    heard = Heard(options, broker)
    task = asyncio.create_task(heard.listen())
    try:
        await until(lambda: heard.code(f"source:{heard.source.name}") == "connected")
        yield heard
    finally:
        task.cancel()
        (result,) = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(result, asyncio.CancelledError), result


@asynccontextmanager
async def publishing(broker: Mosquitto) -> AsyncIterator[Callable[..., None]]:
    async with Link(broker.url, (), lambda *_: None, lambda: None) as link:

        def publish(message: Message, *, retain: bool = False) -> None:
            assert link.publish(message.topic, message.payload, retain=retain)

        yield publish


def two(**more: object) -> SatelliteOptions:
    return SatelliteOptions(("sat-1", "sat-2"), **more)  # type: ignore[arg-type]


async def test_satellites_with_our_firmware_are_heard(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker, hearing(broker, two()) as heard:
        async with Satellites(broker.url, STORE, ["sat-1", "sat-2"]) as satellites:
            satellites.hear("sat-1", PACKET, ADDRESS, -61)
            satellites.hear("sat-2", PACKET, ADDRESS, -75)
            await until(lambda: len(heard.sightings) == 2)
        assert {(each.receiver, each.token, each.rssi_dbm, each.address) for each in heard.sightings} == {
            ("sat-1", FOB, -61.0, ADDRESS),
            ("sat-2", FOB, -75.0, ADDRESS),
        }
        assert all(0.0 <= each.age_s < 2.0 for each in heard.sightings)
        await until(lambda: heard.code("source:sat-1") == "hearing")
        assert sorted(heard.told) == [("sat-1", "up"), ("sat-2", "up")]


async def test_a_message_that_waited_in_the_network_is_dated_by_when_it_was_heard(tmp_path: Path) -> None:
    clock_ms = 4_294_967_000
    satellite = BatchingSatellite(STORE, "sat-1", lambda: clock_ms)
    sent_s, there_s = [], []
    async with mosquitto(tmp_path) as broker, hearing(broker, two()) as heard, publishing(broker) as publish:
        for number in range(3):
            satellite.hear(PACKET, ADDRESS, -61)
            clock_ms += 100
            message = satellite.message()
            assert message is not None
            sent_s.append(monotonic())
            publish(message)
            await until(lambda: len(heard.sightings) > number)  # noqa: B023 - asked before the next round
            there_s.append(monotonic())
            await asyncio.sleep(0.4)
    first, *later = (each.age_s for each in heard.sightings)
    assert 0.4 <= first <= 0.41 + there_s[0] - sent_s[0]
    for number, age_s in enumerate(later, start=1):
        least_s, most_s = sent_s[number] - there_s[0], there_s[number] - sent_s[0]
        assert least_s - 0.01 <= age_s - first + 0.1 * number <= most_s + 0.01


async def test_a_satellite_without_power_is_down_until_it_speaks_again(tmp_path: Path) -> None:
    async with (
        mosquitto(tmp_path) as broker,
        hearing(broker, two(silence_s=1.5)) as heard,
        publishing(broker) as publish,
    ):
        publish(Message(f"{HOME}/sat-1", batch([], sent_ms=1)))
        await until(lambda: ("sat-1", "down") in heard.told and ("sat-2", "down") in heard.told)
        assert heard.told[0] == ("sat-1", "up")
        assert heard.code("source:sat-1") == "nothing_said"
        publish(Message(f"{HOME}/sat-1", batch([], sent_ms=2000)))
        await until(lambda: heard.told[-1] == ("sat-1", "up") and heard.code("source:sat-1") == "hearing")


async def test_a_satellite_whose_radio_is_deaf_says_so(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker, hearing(broker, two()) as heard, publishing(broker) as publish:
        publish(Message(f"{HOME}/sat-1", batch([], sent_ms=1, status="down")))
        await until(lambda: heard.told == [("sat-1", "down")] and heard.code("source:sat-1") == "deaf")


async def test_without_their_broker_all_satellites_are_down(tmp_path: Path) -> None:
    async with (
        mosquitto(tmp_path) as broker,
        hearing(broker, two()) as heard,
        Satellites(broker.url, STORE, ["sat-1", "sat-2"]) as satellites,
    ):
        satellites.hear("sat-1", PACKET, ADDRESS, -61)
        satellites.hear("sat-2", PACKET, ADDRESS, -61)
        await until(lambda: len(heard.told) == 2)
        heard.source._strangers.is_due(ADDRESS, asyncio.get_running_loop().time())
        await broker.kill()
        await until(lambda: len(heard.told) == 4)
        assert not heard.source._strangers._told_s, "it may be long until somebody looks again"
        assert sorted(heard.told[2:]) == [("sat-1", "down"), ("sat-2", "down")]
        assert heard.code("source:sat-1") == "no_broker"
        assert heard.code("mqtt") == ""
        await broker.start()
        await until(lambda: heard.code("source:satellites-proximity") == "connected")
        await asyncio.sleep(2.5)
        satellites.hear("sat-1", PACKET, ADDRESS, -62)
        await until(lambda: heard.told[-1] == ("sat-1", "up"))


@pytest.mark.parametrize("speaks", ["espresense", "theengs"])
async def test_other_firmware_is_heard_by_its_own_names_and_its_will_is_believed(tmp_path: Path, speaks: str) -> None:
    message = {"espresense": espresense, "theengs": theengs}[speaks]("kitchen", PACKET, ADDRESS, -72)
    will = {"espresense": "espresense/rooms/kitchen/status", "theengs": "home/kitchen/LWT"}[speaks]
    options = two(speaks=speaks, names={"kitchen": "sat-1"})
    async with mosquitto(tmp_path) as broker, publishing(broker) as publish:
        publish(Message(will, b"online"), retain=True)
        async with hearing(broker, options) as heard:
            await until(lambda: heard.told == [("sat-1", "up")])
            publish(message)
            await until(lambda: len(heard.sightings) == 1)
            assert replace(heard.sightings[0], age_s=0.0) == Sighting("ble", "sat-1", FOB, -72.0, ADDRESS)
            publish(Message(will, b"offline"), retain=True)
            await until(lambda: heard.told[-1] == ("sat-1", "down") and heard.code("source:sat-1") == "offline")


async def test_strangers_are_counted_only_where_that_was_asked_for(tmp_path: Path) -> None:
    packets = [RawPacket(b"\x02\x01\x06", ADDRESS, -60.0, 1), RawPacket(PACKET, ADDRESS, -60.0, 1)]
    for guests, tokens in ((False, [FOB]), (True, [Stranger(), FOB])):
        async with mosquitto(tmp_path) as broker, hearing(broker, two(guests=guests)) as heard:
            async with publishing(broker) as publish:
                publish(Message(f"{HOME}/sat-1", batch(packets, sent_ms=2)))
                await until(lambda: FOB in [each.token for each in heard.sightings])
            assert [each.token for each in heard.sightings] == tokens
            strangers = heard.source._strangers
            strangers.is_due("long ago", asyncio.get_running_loop().time() - TOLD_EVERY_S)
            heard.source._look()
            assert "long ago" not in strangers._told_s, "an address is kept for no longer than it is of use"


async def test_messages_of_the_hostile_are_counted_and_the_others_heard(tmp_path: Path) -> None:
    """Malformed, huge, retained, of strangers, far too many: none of it is believed, and none ends the source."""
    said = batch([RawPacket(PACKET, ADDRESS, -60.0, 1)], sent_ms=2)
    async with mosquitto(tmp_path) as broker, hearing(broker, two()) as heard, publishing(broker) as publish:
        publish(Message(f"{HOME}/sat-1", b"{" * 5000))
        publish(Message(f"{HOME}/sat-1", said + b" " * 65_536))
        publish(Message(f"{HOME}/sat-1", json.dumps({"sent_ms": -1}).encode()))
        publish(Message(f"{HOME}/sat-99", said))
        publish(Message(f"{HOME}/sat-1", said))
        await until(lambda: len(heard.sightings) == 1 and heard.source.refused == 4)
        await until(lambda: heard.code("source:satellites-proximity:messages") == "not_read")
        for _ in range(3 * MOST_MESSAGES):
            publish(Message(f"{HOME}/sat-2", b"{}"))
        await until(lambda: heard.source.refused == 4 + 3 * MOST_MESSAGES)
        await until(lambda: heard.code("source:satellites-proximity:messages") == "flowing")
        publish(Message(f"{HOME}/sat-1", said))
        await until(lambda: len(heard.sightings) == 2)


async def test_what_a_broker_kept_tells_nothing_of_now(tmp_path: Path) -> None:
    said = batch([RawPacket(PACKET, ADDRESS, -60.0, 1)], sent_ms=2)
    async with mosquitto(tmp_path) as broker, publishing(broker) as publish:
        async with hearing(broker, two()) as before:
            publish(Message(f"{HOME}/sat-1", said), retain=True)
            await until(lambda: len(before.sightings) == 1)
        async with hearing(broker, two()) as heard:
            publish(Message(f"{HOME}/sat-2", said))
            await until(lambda: len(heard.sightings) == 1)
            assert heard.sightings[0].receiver == "sat-2"
            assert heard.told == [("sat-2", "up")]
