"""The way to head office and back over a real mosquitto: nothing is lost, only the missing is sent again."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.codecs.signing import digest_of
from gateway.documents.apart import IN_A_CHILD
from gateway.documents.verify import TrustOptions
from gateway.model.event import STREAMS, Event
from gateway.model.feeds import FeedBatch, FeedTaken
from gateway.model.health import Condition
from gateway.model.inputs import Acked, DocumentReady, OperatorNotice
from gateway.model.store import StoreRef
from gateway.mqtt.options import MqttOptions
from gateway.uplink.sender import SenderOptions
from gateway.uplink.uplink import Life, Uplink
from simulators.head_office import HeadOffice
from simulators.signer import Signer
from tests.brokers import MOSQUITTO, Mosquitto, mosquitto
from tests.integration.mqtt_side import quick, session, until
from tests.uplink.desk import library
from tests.uplink.far_side import INCARNATION, STORE, MemoryOutbox, Stood, event

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")

SIGNER = Signer()
LIFE = Life(STORE, INCARNATION, "0.1.0")
CAMPAIGNS = {"document": "campaigns", "serial": 55, "campaigns": [], "content": {}}


class Gateway:
    """An uplink over an outbox in memory, whose pipeline does at once what it is told."""

    def __init__(
        self, options: MqttOptions, directory: Path, sending: SenderOptions, standing: list[Stood] | None = None
    ) -> None:
        self.outbox = MemoryOutbox()
        self.entered: list[Acked | OperatorNotice | DocumentReady] = []
        self.conditions: list[Condition] = []
        self.outdated = 0
        self.library = library(directory, TrustOptions({SIGNER.name: SIGNER.public_key}), IN_A_CHILD)
        self.uplink = Uplink(
            options,
            LIFE,
            outbox=self.outbox,
            standing=standing or [Stood(stream) for stream in STREAMS],
            library=self.library,
            in_use={},
            put=self._put,
            ask=self._ask,
            report=self.conditions.append,
            utc_s=lambda: 1_790_000_000.0,
            outdated=self._find_outdated,
            sending=sending,
        )

    @property
    def left(self) -> int:
        return sum(len(events) for events in self.outbox.events.values())

    @property
    def documents(self) -> list[DocumentReady]:
        return [entry for entry in self.entered if isinstance(entry, DocumentReady)]

    def commit(self, *events: Event) -> None:
        self.outbox.commit(*events)
        self.uplink.wake()

    def _find_outdated(self) -> None:
        self.outdated += 1

    async def _put(self, entry: Acked | OperatorNotice | DocumentReady) -> None:
        self.entered.append(entry)
        if isinstance(entry, Acked):
            self.outbox.delete(entry.stream, entry.sequence)

    async def _ask(self, batch: FeedBatch) -> object:
        return FeedTaken(len(batch.rows))


@asynccontextmanager
async def gateway(
    broker: Mosquitto, sending: SenderOptions | None = None, standing: list[Stood] | None = None
) -> AsyncIterator[Gateway]:
    ours = Gateway(quick(broker.url), broker.directory / "state", sending or SenderOptions(ack_timeout_s=2.0), standing)
    running = asyncio.create_task(ours.uplink.run())
    try:
        yield ours
        await ours.uplink.close()
        await asyncio.wait_for(running, 60)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    async with mosquitto(tmp_path / "broker") as running:
        yield running


def visits(first: int, last: int) -> list[Event]:
    return [event("visit", sequence) for sequence in range(first, last + 1)]


async def test_events_arrive_are_acked_and_leave_the_outbox(broker: Mosquitto) -> None:
    async with HeadOffice(broker.url, STORE) as office, gateway(broker) as ours:
        ours.commit(*visits(1, 500), event("redemption", 1), event("offer", 1))
        await until(lambda: ours.left == 0)
        assert (office.received, office.gaps, office.duplicates, office.unreadable) == (502, 0, 0, 0)
        assert all(condition.severity == "ok" for condition in ours.conditions)


async def test_after_a_kill_of_the_broker_only_the_missing_is_sent_again(broker: Mosquitto) -> None:
    async with HeadOffice(broker.url, STORE) as office, gateway(broker) as ours:
        ours.commit(*visits(1, 100))
        await until(lambda: ours.left == 0)
        office.acking = False
        ours.commit(*visits(101, 130))
        await until(lambda: office.received == 130)
        await broker.kill()
        ours.commit(*visits(131, 150))
        await broker.start()
        office.acking = True
        await until(lambda: ours.left == 0, timeout_s=60)
        assert (office.received, office.gaps) == (150, 0)
        assert office.duplicates <= 30


async def test_the_middle_third_without_a_broker_costs_nothing_but_time(broker: Mosquitto) -> None:
    async with HeadOffice(broker.url, STORE) as office, gateway(broker) as ours:
        for sequence in range(1, 91):
            if sequence == 31:
                await broker.stop()
            if sequence == 61:
                await broker.start()
            ours.commit(event("visit", sequence), event("telemetry", sequence))
            await asyncio.sleep(0.005)
        await until(lambda: ours.left == 0, timeout_s=60)
        assert (office.received, office.gaps) == (180, 0)


async def test_the_ack_of_an_earlier_life_spares_the_resending(broker: Mosquitto) -> None:
    async with HeadOffice(broker.url, STORE) as office:
        async with gateway(broker) as before:
            before.commit(*visits(1, 50))
            await until(lambda: before.left == 0)
        async with gateway(broker, standing=[Stood("visit", acked=20, next_sequence=61)]) as ours:
            ours.commit(*visits(21, 60))
            await until(lambda: ours.left == 0)
        assert (office.received, office.gaps) == (60, 0)
        assert office.duplicates <= 30


async def test_an_older_copy_of_the_state_is_known_by_the_ack_that_the_broker_keeps(broker: Mosquitto) -> None:
    async with HeadOffice(broker.url, STORE):
        async with gateway(broker) as before:
            before.commit(*visits(1, 50))
            await until(lambda: before.left == 0)
            assert before.outdated == 0
        async with gateway(broker, standing=[Stood("visit", acked=20, next_sequence=31)]) as ours:
            ours.commit(*visits(21, 32))
            await until(lambda: ours.outdated > 0)
            assert ours.left == 12, "what waits was not taken for what head office has"


async def test_acks_in_the_wrong_order_and_beyond_what_was_sent_do_no_harm(broker: Mosquitto) -> None:
    root = f"proximity/v1/acme/0042/gw-1/acks/{INCARNATION}/visit"
    events = "proximity/v1/acme/0042/gw-1/events/#"
    async with gateway(broker) as ours, session(quick(broker.url), "office", [events]) as office:
        await office.session.connected()
        ours.commit(*visits(1, 10))
        await asyncio.sleep(0.3)
        for payload in (b'{"acked": "7"}', b'{"acked": "3"}', b'{"acked": "99"}', b"no ack"):
            await office.session.publish(root, payload, retain=True)
        await until(lambda: {condition.code for condition in ours.conditions} >= {"ahead", "malformed"})
        assert [entry.sequence for entry in ours.entered if isinstance(entry, Acked)] == [7]
        assert [each.sequence for each in ours.outbox.events["visit"]] == [8, 9, 10]


async def test_a_class_that_the_acl_denies_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    acl = "topic readwrite proximity/#\ntopic deny proximity/v1/acme/0042/gw-1/events/telemetry\n"
    sending = SenderOptions(ack_timeout_s=5.0, denied_retry_min_s=0.2, denied_retry_max_s=0.4)
    async with (
        mosquitto(tmp_path, acl=acl) as broker,
        HeadOffice(broker.url, STORE) as office,
        gateway(broker, sending) as ours,
    ):
        ours.commit(event("telemetry", 1), *visits(1, 50))
        await until(lambda: not ours.outbox.events["visit"])
        await until(lambda: any(condition.code == "denied" for condition in ours.conditions))
        assert office.received == 50
        assert ours.left == 1
        (notice,) = (entry for entry in ours.entered if isinstance(entry, OperatorNotice))
        assert notice.data["class"] == "telemetry"


async def test_the_brokers_word_is_enough_where_it_is_chosen(broker: Mosquitto) -> None:
    async with gateway(broker, SenderOptions(acknowledge="broker")) as ours:
        ours.commit(*visits(1, 300))
        await until(lambda: ours.left == 0)


async def test_a_document_is_taken_kept_and_answered(broker: Mosquitto) -> None:
    content = json.dumps(CAMPAIGNS).encode()
    async with HeadOffice(broker.url, STORE, SIGNER) as office, gateway(broker) as ours:
        office.publish_document("campaigns", content, 55)
        await until(lambda: ("gw-1", "campaigns") in office.statuses)
        status = office.statuses["gw-1", "campaigns"]
        assert (status["status"], status["serial"], status["reason"]) == ("accepted", 55, None)
        assert [(ready.name, ready.serial) for ready in ours.documents] == [("campaigns", 55)]
        assert ours.library.kept.content("campaigns", digest_of(content)).read_bytes() == content
        await until(lambda: "campaigns" in str(office.states["gw-1"]["documents"]))


async def test_a_bad_document_is_refused_and_the_good_one_stays(broker: Mosquitto) -> None:
    content = json.dumps(CAMPAIGNS).encode()
    older = json.dumps(CAMPAIGNS | {"serial": 54}).encode()
    async with (
        HeadOffice(broker.url, STORE, SIGNER) as office,
        HeadOffice(broker.url, STORE, Signer(SIGNER.name)) as stranger,
        gateway(broker) as ours,
    ):
        office.publish_document("campaigns", content, 55)
        await until(lambda: office.statuses.get(("gw-1", "campaigns"), {}).get("status") == "accepted")
        stranger.publish_document("campaigns", content, 56)
        await until(lambda: office.statuses["gw-1", "campaigns"]["reason"] == "bad_signature")
        office.publish_document("campaigns", older, 54)
        await until(lambda: office.statuses["gw-1", "campaigns"]["reason"] == "older_serial")
        assert len(ours.documents) == 1
        assert [condition.code for condition in ours.conditions if condition.part == "documents:campaigns"] == [
            "in_use",
            "bad_signature",
            "older_serial",
        ]


async def test_birth_and_goodbye_are_seen_by_head_office(broker: Mosquitto) -> None:
    async with HeadOffice(broker.url, STORE) as office:
        async with gateway(broker):
            await until(lambda: office.states.get("gw-1", {}).get("online") is True)
            assert office.states["gw-1"]["incarnation"] == INCARNATION
        await until(lambda: office.states["gw-1"]["online"] is False)


def test_one_gateway_is_one_client() -> None:
    assert StoreRef("a", "b", "c").client_id == "a.b.c"
