"""Clusters of three as the broker: a gateway finds its way in, and a killed node loses nothing and costs seconds."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict

import pytest
import structlog

from gateway.model.health import Condition
from gateway.model.inputs import Acked, OperatorNotice
from gateway.mqtt.message import Message, Outgoing
from gateway.mqtt.session import Session
from gateway.uplink.acks import Acks
from gateway.uplink.sender import Sender, SenderOptions
from gateway.uplink.topics import AckTopic, Topics
from simulators.clusters.cluster import Cluster, ClusterName, why_not
from simulators.consumer.consumer import Consumer
from simulators.fleet.fleet import FleetOptions, run_fleet
from simulators.head_office import HeadOffice
from tests.integration.mqtt_side import quick, until
from tests.postgres import postgres
from tests.postgres import why_not as why_no_postgres
from tests.uplink.far_side import INCARNATION, STORE, MemoryOutbox, Stood, event, never_outdated

FULL = os.environ.get("PROXIMITY_TEST_COUNTS") == "full"

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not FULL, reason="clusters take minutes: make test-long")]

CLUSTERS = [
    pytest.param(name, marks=pytest.mark.skipif(why_not(name) is not None, reason=str(why_not(name))))
    for name in ("nats", "rabbitmq")
]
EVENTS = 600
_log = structlog.get_logger(__name__)
FLEET = FleetOptions(gateways=6, rate=20.0, seconds=8.0, ack_timeout_s=2.0, drain_s=40.0)


class Gateway:
    """A session, a sender and acks over an outbox in memory."""

    def __init__(self, urls: tuple[str, ...]) -> None:
        self.outbox = MemoryOutbox()
        self.conditions: list[Condition] = []
        self._topics = Topics(STORE)
        self.session = Session(
            quick(urls),
            client_id="gw-1",
            state=lambda session, online: Outgoing(self._topics.state, b'{"online":true}', retain=True),
            subscriptions=self._topics.subscriptions,
            on_message=self._receive,
            report=self.conditions.append,
        )
        sending = SenderOptions(ack_timeout_s=2.0)
        self.sender = Sender(
            self.session, self.outbox, STORE, [Stood("visit")], put=self._put, report=self._note, options=sending
        )
        self.acks = Acks(self.sender, INCARNATION, put=self._put, report=self._note, outdated=never_outdated)

    @property
    def left(self) -> int:
        return len(self.outbox.events["visit"])

    def commit(self, first: int, last: int) -> None:
        self.outbox.commit(*(event("visit", sequence) for sequence in range(first, last + 1)))
        self.sender.wake()

    def _note(self, condition: Condition) -> None:
        self.conditions.append(condition)

    def _receive(self, message: Message) -> None:
        topic = self._topics.parse(message.topic)
        if isinstance(topic, AckTopic):
            self.acks.receive(topic, message.payload)

    async def _put(self, entry: Acked | OperatorNotice) -> None:
        if isinstance(entry, Acked):
            self.outbox.delete(entry.stream, entry.sequence)


@asynccontextmanager
async def gateway(urls: tuple[str, ...]) -> AsyncIterator[Gateway]:
    ours = Gateway(urls)
    jobs = [ours.session.run, ours.sender.run, ours.acks.run]
    tasks = [asyncio.create_task(job()) for job in jobs]
    try:
        yield ours
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def fleet_through_a_kill(cluster: Cluster, database: str) -> None:
    """A fleet on all nodes, two consumers on two of them; the node of one and of a third of the fleet is killed."""
    async with AsyncExitStack() as stack:
        for url in cluster.urls[1:]:
            await stack.enter_async_context(Consumer(url, database))
        running = asyncio.create_task(run_fleet(cluster.urls, FLEET, asyncio.Event()))
        await asyncio.sleep(FLEET.seconds / 2)
        await cluster.kill(1)
        figures = await running
    _log.info("fleet_through_a_kill", cluster=cluster.name, **asdict(figures))
    assert figures.missing == 0
    assert figures.sent >= FLEET.gateways * FLEET.rate * FLEET.seconds * 0.8


async def gateway_through_a_kill(cluster: Cluster) -> None:
    """A gateway and a head office on different nodes; the gateway's is killed in the middle of its events."""
    addresses = cluster.urls[0], cluster.urls[2]
    async with HeadOffice(cluster.urls[2], STORE) as office, gateway(addresses) as ours:
        ours.commit(1, EVENTS // 2)
        await until(lambda: office.received >= EVENTS // 4, 30)
        await cluster.kill(0)
        ours.commit(EVENTS // 2 + 1, EVENTS)
        await until(lambda: ours.left == 0, 60)
        assert (office.received, office.gaps, office.complaints) == (EVENTS, 0, [])
        assert [each.code for each in ours.conditions if each.part == "mqtt"][-1] == "connected"
        assert any(each.part == "mqtt:broker" for each in ours.conditions)


@pytest.mark.skipif(why_no_postgres() is not None, reason=str(why_no_postgres()))
@pytest.mark.parametrize("name", CLUSTERS)
async def test_a_killed_node_loses_nothing(name: ClusterName) -> None:
    with postgres() as database:
        async with Cluster(name) as cluster:
            await fleet_through_a_kill(cluster, database)
            await cluster.start(1)
            await gateway_through_a_kill(cluster)
