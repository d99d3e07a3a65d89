"""Restoring from what was folded gives the live state again; a restarted shop tells what an undisturbed one tells."""

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.timeline import tick_due
from gateway.model.amount import Amount
from gateway.model.feeds import FeedBatch, Order, OrderLine, Stock
from gateway.model.help import AskHelp
from gateway.model.inputs import DocumentReady, Erase, Input, ReceiverHealth, Started, Tick
from gateway.model.last_visit import LastVisit
from gateway.model.orders import HandOver
from gateway.model.returns import ReceiveReturn
from gateway.model.sighting import AppReport, CheckIn, CodeText, HeardBeacon, Sighting
from gateway.model.slips import MakeSlip
from gateway.model.tickets import RecordTicket, Ticket
from gateway.model.visit import Visit
from tests.core.shops import Hand, heard, new_engine, open_shop, plan, stand

ZONES = ("street", "door", "shoes", "coats")


def _packet(zone: str) -> list[Input]:
    return [heard(f"rx-{other}", -55.0 if other == zone else -80.0) for other in ZONES]


ORDER = Order("o-1", "q3lzt7", "arrived", (OrderLine("a", 1),), code="7731")
DESK = (
    AskHelp("q3lzt7", size="42"),
    AskHelp(zone="shoes"),
    HandOver("o-1", "7731", "maud"),
    RecordTicket("till-3", "1", Amount("9.9"), "EUR", member="q3lzt7"),
    ReceiveReturn("a", 1, member="w8mmxa"),
    MakeSlip("w8mmxa", (OrderLine("a", 1),)),
)
moves = st.one_of(
    st.sampled_from(ZONES).map(_packet),
    st.just([Sighting("app", "app", AppReport("q3lzt7", (HeardBeacon("b-7", -60.0),)))]),
    st.just([Sighting("app", "app", CheckIn("w8mmxa", "hand"))]),
    st.sampled_from(("q3lzt7", "w8mmxa")).map(lambda handle: [Erase(handle)]),
    st.builds(
        lambda serial, base, quantities: [
            FeedBatch("stock", serial, str(serial), tuple(Stock(gtin, "0042", n, 0.0) for gtin, n in quantities), base)
        ],
        st.integers(1, 4),
        st.none() | st.integers(1, 3),
        st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2)), max_size=3),
    ),
    st.sampled_from(DESK).map(lambda ask: [ask]),
    st.integers(1, 4).map(lambda serial: [FeedBatch("orders", serial, str(serial), (ORDER,))]),
    st.just([Sighting("code", "cam-1", CodeText("qr_code", "A7"))]),
    st.tuples(st.sampled_from(ZONES), st.sampled_from(("up", "down"))).map(
        lambda change: [ReceiverHealth(f"rx-{change[0]}", change[1])]
    ),
)
scripts = st.lists(st.tuples(st.sampled_from((0.1, 0.5, 2.0, 20.0, 400.0)), moves), min_size=1, max_size=40)


@settings(max_examples=150, deadline=None)
@given(scripts)
def test_folding_every_change_gives_the_live_state(script):
    hand = open_shop()
    moment_s = 0.0
    for pause_s, inputs in script:
        moment_s += pause_s
        hand.give(moment_s, *inputs)
        assert hand.folded == dict(hand.engine.records())
        assert dict(new_engine(hand.folded.values()).records()) == hand.folded


@settings(max_examples=100, deadline=None)
@given(scripts)
def test_no_visit_ends_before_it_starts_and_none_overlaps_itself(script):
    hand = open_shop()
    moment_s = 0.0
    for pause_s, inputs in script:
        moment_s += pause_s
        hand.give(moment_s, *inputs)
    hand.give(moment_s + 10_000.0)
    open_visit: dict[str, str] = {}
    for event in hand.events:
        if event.type == "visit.started":
            assert event.subject not in open_visit
            open_visit[event.subject] = event.data["visit"]
        elif event.type == "visit.ended":
            assert open_visit.pop(event.subject) == event.data["visit"]
            assert event.data["started_at"] <= event.data["ended_at"]
            for stay in event.data["zones"]:
                assert event.data["started_at"] <= stay["from_at"] <= stay["until_at"] <= event.data["ended_at"]
    sequences = Counter((event.stream, event.sequence) for event in hand.events)
    assert set(sequences.values()) == {1}
    assert len({event.id for event in hand.events}) == len(hand.events)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ZONES), st.integers(6, 40)), min_size=1, max_size=6), st.data())
def test_a_shop_killed_at_any_packet_tells_the_same_facts(stays, data):
    packets = []
    moment_s = 1.0
    for zone, packets_there in stays:
        for _ in range(packets_there):
            packets.append((moment_s, zone))
            moment_s += 1.0
    killed_at = data.draw(st.sets(st.integers(0, len(packets) - 1), max_size=5))
    undisturbed, killed = open_shop(), open_shop()
    events = list(killed.events)
    for number, (at_s, zone) in enumerate(packets):
        undisturbed.give(at_s, *_packet(zone))
        if number in killed_at:
            restarted = Hand(new_engine(killed.folded.values()), folded=dict(killed.folded), last_s=killed.last_s)
            restarted.give(at_s - 0.01, Started("test"))
            killed = restarted
        events += killed.give(at_s, *_packet(zone))
    undisturbed.give(moment_s + 1000.0)
    events += killed.give(moment_s + 1000.0)
    facts = [(event.subject, event.type, event.data.get("zone")) for event in events if event.subject]
    assert facts == [
        (event.subject, event.type, event.data.get("zone")) for event in undisturbed.events if event.subject
    ]


def _restart(hand: Hand, *, boot_id: str, mono_s: float, utc_s: float, clock: str = "synced") -> Hand:
    engine = new_engine(hand.folded.values())
    again = Hand(engine, boot_id, clock, utc_s - mono_s, folded=dict(hand.folded))
    again.give(mono_s, Started("test"))
    return again


def test_after_a_reboot_of_a_minute_the_visit_goes_on():
    hand = open_shop()
    stand(hand, "shoes", 1, 30)
    again = _restart(hand, boot_id="boot-2", mono_s=12.0, utc_s=hand.at(90.0).utc_s)
    assert [event.type for event in stand(again, "shoes", 13, 40)] == ["zone.dwelled"]
    ended = again.give(1000.0)[-1]
    assert ended.data["started_at"] == "2026-01-05T09:00:01.000Z"
    assert ended.data["ended_at"] == "2026-01-05T09:01:57.000Z"


def test_after_a_long_power_cut_visits_are_closed_at_their_last_evidence():
    hand = open_shop()
    stand(hand, "shoes", 1, 30)
    hand.give(29.25)
    again = _restart(hand, boot_id="boot-2", mono_s=12.0, utc_s=hand.at(7200.0).utc_s)
    assert [event.data.get("cause") for event in again.events if event.type == "visit.ended"] == ["restart"]
    assert again.events[-1].data["ended_at"] == "2026-01-05T09:00:29.000Z"


def test_without_a_clock_nobody_knows_how_long_the_power_was_off():
    hand = open_shop()
    stand(hand, "shoes", 1, 30)
    again = _restart(hand, boot_id="boot-2", mono_s=12.0, utc_s=4.0, clock="unset")
    assert [event.type for event in again.events] == ["gateway.started", "zone.left", "visit.ended"]
    assert again.events[-1].data["clock"] == "unset"


def test_ticks_lie_on_the_grid_and_only_where_something_is_due():
    hand = open_shop()
    hand.give(1.1, heard("rx-shoes", -50.0))
    assert hand.engine.deadline_s == 1.5
    assert tick_due(1.25, 1.1, hand.at(1.2)) is None
    assert tick_due(1.25, 1.1, hand.at(9.0)) == hand.at(1.25)
    assert tick_due(None, 1.1, hand.at(9.0)) is None


def test_a_clock_that_is_set_is_told_and_makes_no_duration_negative():
    hand = open_shop()
    stand(hand, "shoes", 1, 10)
    hand.offset_s -= 86_400.0
    told = stand(hand, "coats", 10, 20)
    assert told[0].type == "clock.changed"
    assert told[0].data["step_s"] == -86_400.0
    left = next(event for event in told if event.type == "zone.left")
    assert left.data["dwell_s"] > 0
    assert isinstance(hand.steps[-1].changes, tuple)
    assert hand.give(10_000.0, Tick())[-1].type == "visit.ended"


def _ticket(number: str) -> RecordTicket:
    return RecordTicket("till-3", number, Amount("9.9"), "EUR", member="q3lzt7")


def test_what_an_unset_clock_dated_is_kept_for_its_time_and_what_was_dated_before_keeps_its_date():
    hand = open_shop()
    hand.give(5.0, _ticket("1"))
    noon = hand.at(10_800.0).utc_s
    dark = _restart(hand, boot_id="boot-2", mono_s=12.0, utc_s=60.0, clock="unset")
    dark.give(20.0, _ticket("2"), ReceiveReturn("a", 1), Sighting("app", "app", CheckIn("w8mmxa", "hand")))
    dark.give(2_000.0)
    dark.clock, dark.offset_s = "synced", noon - 2_000.0
    dark.give(2_010.0, _ticket("3"))
    dates = [ticket.at.utc_s for ticket in dark.folded.values() if isinstance(ticket, Ticket)]
    assert dates == [hand.at(5.0).utc_s, noon - 1_980.0, noon + 10.0]
    (last,) = (each for each in dark.folded.values() if isinstance(each, LastVisit))
    assert noon - 1_990.0 <= last.ended.utc_s <= noon
    assert dict(new_engine(dark.folded.values()).records()) == dark.folded


def test_what_a_boot_without_a_clock_dated_is_dated_by_the_next_one():
    hand = Hand(new_engine(), clock="unset", offset_s=60.0)
    hand.give(0.0, Started("test"), _ticket("1"))
    hand.give(100.0, _ticket("2"))
    morning = 1_767_690_000.0
    again = _restart(hand, boot_id="boot-2", mono_s=12.0, utc_s=morning)
    again.give(13.0, _ticket("3"))
    dates = [ticket.at.utc_s for ticket in again.folded.values() if isinstance(ticket, Ticket)]
    assert dates == [morning - 100.0, morning, morning + 1.0]
    assert again.give(14.0, _ticket("1")) == []


def test_what_a_visits_record_keeps_of_its_stays_outlives_a_set_clock_and_another_boot():
    hand = open_shop()
    stand(hand, "shoes", 1, 70)
    stand(hand, "coats", 70, 90)
    (before,) = (record for record in hand.folded.values() if isinstance(record, Visit))
    assert any(stay.dwelled_s for stay in before.zones)
    hand.offset_s += 60.0
    stand(hand, "coats", 90, 92)
    again = _restart(hand, boot_id="boot-2", mono_s=12.0, utc_s=hand.at(100.0).utc_s)
    (after,) = (record for record in again.folded.values() if isinstance(record, Visit))
    kept = [(stay.zone, stay.confidence, stay.dwelled_s) for stay in after.zones]
    assert kept == [(stay.zone, stay.confidence, stay.dwelled_s) for stay in before.zones]


def test_a_receiver_that_was_down_is_still_down_after_a_restart():
    hand = open_shop()
    stand(hand, "shoes", 1, 30)
    hand.give(30.0, ReceiverHealth("rx-shoes", "down"))
    again = _restart(hand, boot_id="boot-1", mono_s=30.5, utc_s=hand.at(30.5).utc_s)
    assert again.give(900.0) == []
    assert again.give(901.0, ReceiverHealth("rx-shoes", "down")) == []
    assert [event.type for event in again.give(902.0, ReceiverHealth("rx-shoes", "up"))] == ["receiver.changed"]


def test_killed_before_the_start_was_stepped_the_stored_times_are_still_of_the_last_boot():
    hand = open_shop()
    stand(hand, "shoes", 1, 30)
    rebuilt = replace(plan(), zones={name: zone for name, zone in plan().zones.items() if name != "shoes"})
    killed = Hand(new_engine(hand.folded.values()), "boot-2", offset_s=hand.at(90.0).utc_s, folded=dict(hand.folded))
    killed.give(0.0, DocumentReady("floorplan", 2, "sha256:00", rebuilt))
    assert [event.type for event in killed.events] == ["zone.left"]
    again = _restart(killed, boot_id="boot-2", mono_s=0.5, utc_s=hand.at(90.5).utc_s)
    ended = again.give(400.0)[-1]
    assert (ended.type, ended.data["ended_at"]) == ("visit.ended", "2026-01-05T09:00:29.000Z")
    assert not any(record for (kind, _), record in again.folded.items() if kind in {"visit", "presence"})


def test_another_capture_played_into_a_running_shop_is_another_boot():
    hand = open_shop()
    stand(hand, "shoes", 500, 530)
    hand.boot_id, hand.last_s, hand.offset_s = "capture-2", float("-inf"), hand.at(600.0).utc_s
    stand(hand, "coats", 0, 30)
    left = next(event for event in hand.events if event.type == "zone.left")
    assert left.data["zone"] == "shoes"
    assert 100.0 <= left.data["dwell_s"] <= 103.0
    assert hand.give(1_000.0)[-1].data["ended_at"].startswith("2026-01-05T09:10:29")


def test_what_storage_lost_one_half_of_ends_all_the_same():
    hand = open_shop()
    stand(hand, "shoes", 1, 30)
    for lost in ("visit", "presence"):
        kept = {place: record for place, record in hand.folded.items() if place[0] != lost}
        again = Hand(new_engine(kept.values()), folded=kept, last_s=hand.last_s)
        again.give(30.0, Started("test"))
        again.give(1_000.0)
        assert not any(record for (kind, _), record in again.folded.items() if kind in {"visit", "presence"})
        assert again.engine.deadline_s is None
