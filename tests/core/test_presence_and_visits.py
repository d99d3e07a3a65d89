"""Presence and visits, as head office is told of them."""

from itertools import permutations

import pytest

from gateway.core.options import CoreOptions
from gateway.model.documents import Members
from gateway.model.inputs import ClockChanged, DocumentReady, ReceiverHealth
from gateway.model.sighting import AppReport, CheckIn, HeardBeacon, Sighting
from tests.core.shops import SHELF, STARTED_UTC_S, heard, kinds, open_shop, stand


def test_a_walk_from_the_door_to_an_aisle_and_into_silence():
    hand = open_shop()
    stand(hand, "door", 1, 10)
    stand(hand, "shoes", 10, 80)
    events = [event for event in hand.events if event.subject == "b.fob"]
    assert kinds(events) == [
        ("visit.started", "door"),
        ("zone.entered", "door"),
        ("zone.left", "door"),
        ("zone.entered", "shoes"),
        ("zone.dwelled", "shoes"),
    ]
    gone = hand.give(1000.0)
    assert [(event.type, event.data.get("reason") or event.data.get("cause")) for event in gone] == [
        ("zone.left", "silent"),
        ("visit.ended", "silent"),
    ]
    left, ended = gone
    assert left.data["until_at"] == ended.data["ended_at"] == "2026-01-05T09:01:19.000Z"
    assert left.recorded_utc_s > left.time_utc_s
    assert [stay["zone"] for stay in ended.data["zones"]] == ["door", "shoes"]
    assert len({event.data["visit"] for event in (*events, *gone)}) == 1
    assert hand.engine.deadline_s is None


def test_the_street_is_no_visit_and_does_not_prolong_one():
    hand = open_shop()
    passing = stand(hand, "street", 1, 30)
    assert kinds(passing) == [("zone.entered", "street")]
    assert passing[0].data["visit"] is None
    stand(hand, "door", 30, 60)
    outside = stand(hand, "street", 60, 400)
    ended = next(event for event in outside if event.type == "visit.ended")
    assert ended.data["cause"] == "left"
    assert ended.data["ended_at"].startswith("2026-01-05T09:01:0")
    assert len([event for event in hand.events if event.type == "visit.ended"]) == 1


def test_small_differences_between_zones_do_not_flap():
    hand = open_shop()
    for second in range(200):
        louder = "rx-shoes" if second % 2 else "rx-coats"
        hand.give(second + 1.0, heard("rx-shoes", -60.0), heard("rx-coats", -60.0), heard(louder, -57.0))
    assert len([event for event in hand.events if event.type == "zone.entered"]) == 1


def test_the_answer_does_not_depend_on_the_order_of_receivers_within_a_packet():
    packet = [heard("rx-door", -70.0), heard("rx-shoes", -58.0), heard("rx-coats", -66.0)]
    told = set()
    for order in permutations(packet):
        hand = open_shop()
        hand.give(1.0, *order)
        hand.give(1.25)
        told.add(tuple((event.type, str(event.data)) for event in hand.events))
    assert len(told) == 1


def test_expiry_is_learned_from_the_transmitters_own_interval():
    quick, slow = open_shop(), open_shop()
    stand(quick, "shoes", 1, 61, every_s=1.0)
    stand(slow, "shoes", 1, 61, every_s=10.0)
    assert kinds(quick.give(80.0)) == [("zone.left", "shoes")]
    assert quick.events[-1].recorded_utc_s - quick.events[-1].time_utc_s == pytest.approx(15.0, abs=0.25)
    assert kinds(slow.give(80.0)) == []
    assert kinds(slow.give(112.0)) == [("zone.left", "shoes")]


def test_nobody_leaves_because_a_receiver_died():
    hand = open_shop()
    stand(hand, "shoes", 1, 30)
    hand.give(30.0, ReceiverHealth("rx-shoes", "down"))
    assert kinds(hand.give(900.0)) == []
    assert kinds(hand.give(900.0, ReceiverHealth("rx-shoes", "up"))) == [("receiver.changed", None)]
    assert kinds(hand.give(905.0)) == []
    back = stand(hand, "shoes", 910, 915)
    assert {event.type for event in back} == {"zone.dwelled"}
    assert kinds(hand.give(990.0)) == [("zone.left", "shoes")]


def test_a_receiver_that_stays_dead_ends_its_visits_as_lost():
    hand = open_shop()
    stand(hand, "shoes", 1, 30)
    hand.give(30.0, ReceiverHealth("rx-shoes", "down"))
    lost = hand.give(4000.0)
    assert [(event.type, event.data.get("reason") or event.data.get("cause")) for event in lost] == [
        ("zone.left", "receiver_lost"),
        ("visit.ended", "receiver_lost"),
    ]
    assert lost[-1].data["ended_at"] == "2026-01-05T09:00:29.000Z"


def test_a_dwell_mark_is_made_once_a_stay_and_only_while_evidence_comes():
    hand = open_shop(CoreOptions(dwell_marks_s=(20.0,)))
    stand(hand, "shoes", 1, 60)
    stand(hand, "coats", 60, 90)
    dwelled = [event for event in hand.events if event.type == "zone.dwelled"]
    assert [(event.data["zone"], event.data["dwell_s"]) for event in dwelled] == [("shoes", 20.0), ("coats", 20.0)]


def test_an_app_report_places_a_member_by_the_shops_beacons():
    hand = open_shop()
    hand.give(1.0, Sighting("app", "app", AppReport("q3lzt7", (HeardBeacon("b-7", -60.0),))))
    told = hand.give(2.0)
    assert [(event.type, event.subject) for event in told] == [
        ("visit.started", "m.q3lzt7"),
        ("zone.entered", "m.q3lzt7"),
    ]
    assert told[1].data["assurance"] == "proximate"
    assert told[1].data["media"] == ["app"]


def test_a_phone_that_hears_only_strange_beacons_is_not_in_the_shop():
    hand = open_shop()
    strange = HeardBeacon("b-404", -40.0)
    tag = HeardBeacon("fob", -40.0)
    hand.give(1.0, Sighting("app", "app", AppReport("q3lzt7", (strange, tag))))
    assert hand.give(2.0) == []


def test_a_check_in_begins_a_visit_at_once():
    hand = open_shop()
    told = hand.give(1.0, Sighting("app", "app", CheckIn("q3lzt7", "hand")))
    assert [event.type for event in told] == ["visit.started", "visitor.checked_in"]
    assert hand.steps[-1].urgent
    assert [event.type for event in hand.give(400.0)] == ["visit.ended"]


def test_a_member_who_withdrew_is_gone_at_once():
    hand = open_shop()
    hand.give(1.0, Sighting("app", "app", AppReport("q3lzt7", (HeardBeacon(SHELF, -60.0),))))
    hand.give(2.0)
    told = hand.give(3.0, DocumentReady("members", 2, "sha256:00", Members(2, {})))
    assert [(event.type, event.data.get("reason") or event.data.get("cause")) for event in told] == [
        ("zone.left", "consent"),
        ("visit.ended", "consent"),
    ]
    assert hand.give(4.0, Sighting("app", "app", AppReport("q3lzt7", (HeardBeacon(SHELF, -60.0),)))) == []


def test_a_receiver_that_comes_and_goes_holds_nobody_for_ever():
    hand = open_shop()
    stand(hand, "shoes", 1, 30)
    for minute in range(1, 120):
        hand.give(60.0 * minute, ReceiverHealth("rx-shoes", "down"))
        hand.give(60.0 * minute + 50.0, ReceiverHealth("rx-shoes", "up"))
    ended = next(event for event in hand.events if event.type == "visit.ended")
    assert ended.recorded_utc_s - ended.time_utc_s < 2_400.0
    assert ended.data["ended_at"] == "2026-01-05T09:00:29.000Z"


def test_a_receiver_that_keeps_saying_it_is_up_holds_nobody():
    hand = open_shop()
    stand(hand, "shoes", 1, 30)
    for second in range(30, 60):
        hand.give(second, ReceiverHealth("rx-shoes", "up"))
    assert [event.type for event in hand.events][-1] == "zone.left"


def test_a_visit_ends_with_its_last_evidence_even_if_nobody_had_judged_it():
    hand = open_shop()
    hand.give(1.0, Sighting("app", "app", AppReport("q3lzt7", (HeardBeacon(SHELF, -60.0),))))
    hand.give(2.0)
    hand.give(2.1, Sighting("app", "app", AppReport("q3lzt7", (HeardBeacon(SHELF, -60.0),))))
    left, ended = hand.give(2.2, DocumentReady("members", 2, "sha256:00", Members(2, {})))
    assert left.data["until_at"] == ended.data["ended_at"] == "2026-01-05T09:00:02.100Z"


def test_a_visit_that_began_before_the_clock_was_set_is_dated_by_the_set_clock():
    hand = open_shop()
    hand.clock, hand.offset_s = "unset", 0.0
    hand.give(0.5, ClockChanged())
    stand(hand, "shoes", 1, 10)
    hand.clock, hand.offset_s = "synced", STARTED_UTC_S
    hand.give(10.0, ClockChanged())
    ended = hand.give(1_000.0)[-1]
    assert (ended.data["started_at"], ended.data["ended_at"]) == (
        "2026-01-05T09:00:01.000Z",
        "2026-01-05T09:00:09.000Z",
    )
    assert [stay["from_at"] for stay in ended.data["zones"]] == ["2026-01-05T09:00:01.000Z"]


def test_a_zone_is_left_although_a_receiver_without_a_zone_still_hears():
    hand = open_shop()
    stand(hand, "shoes", 1, 30)
    for second in range(30, 400):
        hand.give(second, heard("rx-unplaced", -60.0))
    left = next(event for event in hand.events if event.type == "zone.left")
    assert (left.data["reason"], left.data["until_at"]) == ("silent", "2026-01-05T09:00:29.000Z")
    assert left.recorded_utc_s - left.time_utc_s == pytest.approx(120.0, abs=0.5)
    assert not [event for event in hand.events if event.type in {"visit.ended", "zone.dwelled"}]
    assert hand.give(1_000.0)[-1].data["ended_at"] == "2026-01-05T09:06:39.000Z"
