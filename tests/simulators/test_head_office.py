"""Head office at a real broker: counts, acks, documents, outages."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.model.store import StoreRef
from simulators.broker import Broker, BrokerName, mosquitto_path
from simulators.head_office import HeadOffice
from simulators.link import Link
from simulators.stream_account import StreamName

STORE = StoreRef("acme", "0042", "gw-1")
ROOT = "proximity/v1/acme/0042/gw-1"
VISITS = StreamName("gw-1", "9f2c44d01b7ae583", "visit")
WITHIN_S = 10.0

needs_mosquitto = pytest.mark.skipif(mosquitto_path() is None, reason="mosquitto is not installed")


class Gateway:
    """A gateway's side of the topics: publishes events, hears acks and documents."""

    def __init__(self, url: str) -> None:
        self.acks: list[int] = []
        self.documents: dict[str, dict[str, Any]] = {}
        self.changed = asyncio.Event()
        self.link = Link(url, [f"{ROOT}/acks/+/+", f"{ROOT}/documents/+"], self._hear, lambda: None)

    def tell(self, sequence: int, event_type: str = "zone.entered", **content: object) -> None:
        event = {
            "specversion": "1.0",
            "id": f"id-{sequence}",
            "source": f"/tenants/acme/stores/0042/gateways/gw-1/streams/{VISITS.incarnation}/visit",
            "sequence": f"{sequence:020d}",
            "type": f"proximity.{event_type}.v1",
            "subject": "m.abc",
            "data": {"zone": "shoes", **content},
        }
        assert self.link.publish(f"{ROOT}/events/visit", json.dumps(event).encode(), retain=False)

    async def acked(self, sequence: int) -> None:
        await self.until(lambda: sequence in self.acks)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(WITHIN_S):
            while not holds():
                self.changed.clear()
                await self.changed.wait()

    def _hear(self, topic: str, payload: bytes, retained: bool) -> None:
        if "/acks/" in topic:
            self.acks.append(int(json.loads(payload)["acked"]))
        else:
            self.documents[topic.rpartition("/")[2]] = json.loads(payload)
        self.changed.set()


@pytest.fixture(params=[pytest.param("mosquitto", marks=needs_mosquitto), "amqtt"])
async def broker(request: pytest.FixtureRequest) -> AsyncIterator[Broker]:
    name: BrokerName = request.param
    async with Broker(name) as running:
        yield running


async def test_events_are_counted_and_acknowledged(broker: Broker) -> None:
    gateway = Gateway(broker.url)
    async with HeadOffice(broker.url, STORE) as office, gateway.link:
        for sequence in (1, 2, 2, 4, 3, 4):
            gateway.tell(sequence)
        await office.until(lambda: office.acked == 4, WITHIN_S)
        await gateway.acked(4)
        account = office.streams[VISITS]
        assert (account.received, account.distinct, account.duplicates, account.gaps) == (6, 4, 2, 0)
        assert office.facts == {("m.abc", "zone.entered", "shoes"): 4}
        assert gateway.acks == sorted(gateway.acks)
        assert office.mqtt_version == (5 if broker.name == "mosquitto" else 4)


async def test_a_gap_is_not_acknowledged_until_dropped_says_so(broker: Broker) -> None:
    gateway = Gateway(broker.url)
    async with HeadOffice(broker.url, STORE) as office, gateway.link:
        gateway.tell(1)
        gateway.tell(5)
        await office.until(lambda: office.received == 2, WITHIN_S)
        await gateway.acked(1)
        assert (office.gaps, office.acked) == (3, 1)
        gateway.tell(2, "event.dropped", first=f"{2:020d}", last=f"{4:020d}", reason="evicted")
        await gateway.acked(5)
        assert (office.gaps, office.count("event.dropped"), office.count("zone.entered")) == (0, 0, 2)


async def test_acks_can_be_held_back(broker: Broker) -> None:
    gateway = Gateway(broker.url)
    async with HeadOffice(broker.url, STORE) as office, gateway.link:
        office.acking = False
        gateway.tell(1)
        await office.until(lambda: office.received == 1, WITHIN_S)
        await asyncio.sleep(0.3)
        assert gateway.acks == []
        office.acking = True
        await gateway.acked(1)


async def test_a_head_office_that_starts_again_goes_by_its_retained_acks(broker: Broker) -> None:
    gateway = Gateway(broker.url)
    async with gateway.link:
        async with HeadOffice(broker.url, STORE):
            gateway.tell(1)
            gateway.tell(2)
            await gateway.acked(2)
        async with HeadOffice(broker.url, STORE) as office:
            await office.until(lambda: office.acked == 2, WITHIN_S)
            gateway.tell(3)
            await gateway.acked(3)
            assert (office.gaps, office.received) == (0, 1)


async def test_a_document_is_signed_and_retained(broker: Broker) -> None:
    gateway = Gateway(broker.url)
    async with HeadOffice(broker.url, STORE) as office:
        office.publish_document("campaigns", b'{"document": "campaigns"}', 7)
        async with gateway.link:
            await gateway.until(lambda: "campaigns" in gateway.documents)
        manifest = gateway.documents["campaigns"]
        assert base64.b64decode(manifest["inline"]) == b'{"document": "campaigns"}'
        assert manifest["serial"] == 7
        assert manifest["key"] == "hq-demo"
        text = f"proximity-document-v1\nacme\n0042\ncampaigns\n7\n{manifest['digest']}\n"
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(office.signer.public_key))
        key.verify(base64.b64decode(manifest["signature"]), text.encode())


async def test_a_message_that_is_no_event_is_counted_apart(broker: Broker) -> None:
    gateway = Gateway(broker.url)
    async with HeadOffice(broker.url, STORE) as office, gateway.link:
        gateway.link.publish(f"{ROOT}/events/visit", b"not an event", retain=False)
        await office.until(lambda: office.unreadable == 1, WITHIN_S)
        assert office.streams == {}
        assert office.complaints == ["messages that are no readable event: 1"]


@pytest.mark.parametrize("sudden", [False, True])
async def test_after_an_outage_acks_and_documents_stand_again(broker: Broker, sudden: bool) -> None:
    gateway = Gateway(broker.url)
    async with HeadOffice(broker.url, STORE) as office, gateway.link:
        office.publish_document("campaigns", b"{}", 1)
        gateway.tell(1)
        await gateway.acked(1)
        await (broker.kill() if sudden else broker.stop())
        assert not broker.running
        gateway.acks.clear()
        gateway.documents.clear()
        await broker.start()
        await gateway.acked(1)
        await office.until(lambda: office.received == 1, WITHIN_S)
        await gateway.until(lambda: "campaigns" in gateway.documents)
        gateway.tell(2)
        await gateway.acked(2)
        assert (office.gaps, office.duplicates) == (0, 0)


async def test_no_broker_is_an_error_that_says_so(unused_tcp_port: int) -> None:
    with pytest.raises(ConnectionError, match=r"no broker answers .* is it running\?"):
        async with HeadOffice(f"mqtt://127.0.0.1:{unused_tcp_port}", STORE):
            pass


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="write mqtt://HOST:PORT"):
        HeadOffice("http://127.0.0.1", STORE)
