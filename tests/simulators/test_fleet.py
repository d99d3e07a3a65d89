"""A fleet: its events are those of gateways, and it loses none."""

import asyncio
import json

import pytest
from pydantic import TypeAdapter

from gateway.core.events import EVENT_TYPES
from gateway.model.store import StoreRef
from gateway.uplink import wire
from gateway.uplink.event_schemas import DATA
from simulators.broker import Broker
from simulators.fleet.envelope import encode
from simulators.fleet.fleet import FleetOptions, run_fleet
from simulators.fleet.lane import WINDOW, Lane
from simulators.fleet.traffic import ShopTraffic
from simulators.head_office import HeadOffice
from tests.simulators.test_commands import command, ended

STORE = StoreRef("fleet", "0001", "gw-1")
LIFE = "9f2c44d01b7ae583"
AT_S = 1_795_000_000.125


def test_its_envelope_is_the_gateways() -> None:
    traffic = ShopTraffic(LIFE, seed=1)
    for event in (traffic.next(AT_S + n) for n in range(500)):
        assert encode(event, STORE) == wire.encode(event, STORE)


def test_its_events_are_of_the_types_and_forms_that_gateways_send() -> None:
    traffic = ShopTraffic(LIFE, seed=2)
    events = [traffic.next(AT_S + n) for n in range(2_000)]
    for event in events:
        assert event.stream == EVENT_TYPES[event.type]
        TypeAdapter(DATA[event.type]).validate_json(json.dumps(dict(event.data)))
    assert {event.type for event in events} >= {"visit.started", "zone.dwelled", "visit.ended", "offer.made"}
    assert len({event.id for event in events}) == len(events)
    for stream in ("visit", "offer", "telemetry"):
        sequences = [event.sequence for event in events if event.stream == stream]
        assert sequences == list(range(1, len(sequences) + 1))


def lane(events: int) -> Lane:
    made = Lane(ack_timeout_s=5.0)
    for n in range(1, events + 1):
        made.add(b"%d" % n, 0.0)
    return made


def test_what_is_not_acknowledged_is_sent_again_once_it_is_overdue() -> None:
    visits = lane(3)
    assert visits.due(0.0) == [b"1", b"2", b"3"]
    assert visits.due(4.9) == []
    visits.ack(1, 4.9)
    assert visits.due(5.0) == []
    assert visits.due(9.9) == [b"2", b"3"]
    assert visits.due(10.0) == []
    visits.ack(3, 11.0)
    assert (visits.acked, visits.due(60.0), visits.longest_gap_s) == (3, [], pytest.approx(6.1))


def test_a_new_connection_begins_after_what_head_office_has() -> None:
    visits = lane(3)
    visits.due(0.0)
    visits.ack(2, 1.0)
    visits.rewind()
    visits.add(b"4", 1.0)
    assert visits.due(20.0) == [b"3", b"4"]
    assert visits.due(20.1) == []


def test_no_more_is_sent_than_head_office_may_have_to_catch_up_on() -> None:
    visits = lane(WINDOW + 5)
    assert len(visits.due(0.0)) == WINDOW
    visits.ack(2, 1.0)
    assert visits.due(1.0) == [b"%d" % (WINDOW + 1), b"%d" % (WINDOW + 2)]


@pytest.mark.parametrize("sequence", [0, 2, 5])
def test_an_ack_that_cannot_be_true_is_ignored(sequence: int) -> None:
    visits = lane(4)
    visits.due(0.0)
    visits.ack(2, 1.0)
    visits.add(b"5", 1.0)
    visits.ack(sequence, 2.0)
    assert visits.acked == 2


def test_idle_time_is_no_gap() -> None:
    visits = lane(1)
    visits.due(0.0)
    visits.ack(1, 1.0)
    visits.add(b"2", 100.0)
    visits.due(100.1)
    visits.look(100.5)
    assert visits.longest_gap_s == pytest.approx(1.0)


async def test_an_outage_of_the_broker_costs_time_and_no_event() -> None:
    async with Broker() as broker, HeadOffice(broker.url, STORE) as office:
        options = FleetOptions(gateways=1, rate=100.0, seconds=4.0, ack_timeout_s=1.0)
        running = asyncio.create_task(run_fleet([broker.url], options, asyncio.Event()))
        await office.until(lambda: office.acked > 50, 10)
        await broker.kill()
        await asyncio.sleep(0.7)
        await broker.start()
        figures = await running
        assert (figures.missing, office.received, office.gaps) == (0, figures.sent, 0)
        assert figures.sent >= 300
        assert figures.longest_gap_s >= 0.7


async def test_the_command_prints_its_figures_and_tells_what_is_missing() -> None:
    async with Broker() as broker:
        arguments = ("--gateways", "2", "--rate", "10", "--seconds", "0.5", "--drain", "0.5")
        status, out, _ = await ended(await command("fleet", "--url", broker.url, *arguments))
    figures = json.loads(out)
    assert list(figures) == ["gateways", "sent", "acked", "missing", "longest_gap_s"]
    assert status == 1
    assert (figures["gateways"], figures["acked"], figures["missing"]) == (2, 0, figures["sent"])
