"""Visits: one record from first to last evidence, by which door, ended by the right cause and never twice."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.codecs.tokens import day_of, slot_of, token
from gateway.core.engine import Engine
from gateway.core.options import CoreOptions
from gateway.model.documents import FloorPlan, Member, Members, OpeningHours
from gateway.model.inputs import DocumentReady, Started
from gateway.model.sighting import AppReport, CheckIn, HeardBeacon, MemberToken, Sighting
from tests.core.shops import FOB, INCARNATION, STARTED_UTC_S, Hand, new_engine, open_shop, plan, stand

DAILY = OpeningHours(dict.fromkeys(range(7), (("08:00", "11:00"),)))
"""The shop of the tests opens at 10:00 of its own time: an hour to go."""
SPLIT_M = 300.0


def shop_of(floorplan: FloorPlan, options: CoreOptions | None = None) -> Hand:
    hand = Hand(Engine(incarnation=INCARNATION, id_key=bytes(32), floorplan=floorplan, options=options))
    hand.give(0.0, Started("test"))
    return hand


def ended(hand):
    return [event for event in hand.events if event.type == "visit.ended"]


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() - STARTED_UTC_S


def test_the_record_says_where_for_how_long_how_surely_and_by_which_door():
    hand = open_shop(CoreOptions(dwell_marks_s=(20.0,)))
    stand(hand, "street", 1, 10)
    stand(hand, "door", 10, 20)
    stand(hand, "shoes", 20, 60)
    stand(hand, "door", 60, 70)
    stand(hand, "street", 70, 500)
    (visit,) = ended(hand)
    stays = [(stay["zone"], stay["dwelled_s"]) for stay in visit.data["zones"]]
    assert stays == [("door", []), ("shoes", [20.0]), ("door", [])]
    assert all(stay["confidence"] > 0.5 for stay in visit.data["zones"])
    dwell = {each["zone"]: each["dwell_s"] for each in visit.data["dwell"]}
    assert dwell["shoes"] == pytest.approx(40.0, abs=2.0)
    assert dwell["door"] == pytest.approx(20.0, abs=2.0)
    assert (visit.data["cause"], visit.data["entered_by"], visit.data["left_by"]) == ("left", "door", "door")


def test_who_passes_the_storefront_makes_no_visit_and_who_turns_round_in_the_door_a_short_one():
    hand = open_shop()
    stand(hand, "street", 1, 60)
    hand.give(600.0)
    assert [event.data["visit"] for event in hand.events if event.subject] == [None, None]
    stand(hand, "street", 700, 710)
    stand(hand, "door", 710, 716)
    stand(hand, "street", 716, 1_100)
    (visit,) = ended(hand)
    assert (visit.data["entered_by"], visit.data["left_by"]) == ("door", "door")
    assert seconds(visit.data["ended_at"]) - seconds(visit.data["started_at"]) <= 10.0


def test_a_shop_without_an_entrance_zone_is_entered_by_its_storefront():
    hand = open_shop()
    stand(hand, "street", 1, 10)
    stand(hand, "shoes", 10, 30)
    stand(hand, "street", 30, 500)
    (visit,) = ended(hand)
    assert (visit.data["entered_by"], visit.data["left_by"]) == ("street", "street")


@pytest.mark.parametrize(("kind", "away_s", "visits"), [("aisle", 280, 1), ("aisle", 400, 2), ("fitting", 800, 1)])
def test_who_comes_again_soon_goes_on_with_the_visit_by_the_zone_last_seen_in(kind, away_s, visits):
    whole = plan()
    hand = shop_of(replace(whole, zones=whole.zones | {"shoes": replace(whole.zones["shoes"], kind=kind)}))
    stand(hand, "shoes", 1, 60)
    stand(hand, "shoes", 60 + away_s, 120 + away_s)
    hand.give(5_000.0)
    assert len({event.data["visit"] for event in hand.events if event.type == "visit.started"}) == visits


def test_closing_time_ends_visits_dated_to_their_evidence_and_who_stays_on_begins_none():
    hand = shop_of(replace(plan(), opening_hours=DAILY))
    stand(hand, "shoes", 3_000, 3_700, every_s=5.0)
    late = stand(hand, "shoes", 3_700, 6_000, every_s=5.0)
    (visit,) = ended(hand)
    assert visit.data["cause"] == "closing"
    assert visit.recorded_utc_s - STARTED_UTC_S == pytest.approx(3_600 + 900, abs=0.5)
    assert seconds(visit.data["ended_at"]) == pytest.approx(3_600 + 900, abs=6.0)
    assert "visit.started" not in [event.type for event in late]
    hand.give(8_000.0)
    assert hand.engine.deadline_s is None
    again = stand(hand, "shoes", 8_001, 8_010)
    assert [event.type for event in again] == ["visit.started", "zone.entered"]


def test_who_stayed_on_over_night_is_a_visitor_again_when_the_shop_opens():
    hand = shop_of(replace(plan(), opening_hours=DAILY))
    day_s = 86_400
    stand(hand, "shoes", 3_500, day_s - 2 * 3_600 + 120, every_s=30.0)
    started = [event for event in hand.events if event.type == "visit.started"]
    assert [round(event.time_utc_s - STARTED_UTC_S) // 3_600 for event in started] == [0, 22]


def test_a_shop_open_round_the_clock_never_closes():
    always = OpeningHours(dict.fromkeys(range(7), (("00:00", "23:59"),)))
    hand = shop_of(replace(plan(), opening_hours=always))
    stand(hand, "shoes", 1, 90_000, every_s=60.0)
    assert ended(hand) == []


def test_without_a_clock_no_visit_ends_by_closing_time():
    hand = shop_of(replace(plan(), opening_hours=DAILY))
    hand.clock = "unset"
    stand(hand, "shoes", 3_000, 6_000, every_s=10.0)
    assert ended(hand) == []


MEMBERS = {
    number: Member(handle, keys={day_of(STARTED_UTC_S): bytes([number]) * 16}, purposes=frozenset({"presence"}))
    for number, handle in ((1, "anna"), (2, "bela"))
}


def token_of(
    number: int, address: str = "C0:00:00:00:00:09", receiver: str = "rx-shoes", age_s: float = 0.0
) -> Sighting:
    value = token(MEMBERS[number].keys[day_of(STARTED_UTC_S)], slot_of(STARTED_UTC_S))
    return Sighting("ble", receiver, MemberToken(value), -55.0, address, age_s)


def two_members() -> Hand:
    """A shop that recognises two members by their tokens."""
    hand = open_shop()
    known = Members(1, {member.handle: member for member in MEMBERS.values()})
    hand.give(0.5, DocumentReady("members", 1, "sha256:00", known))
    return hand


def test_a_phone_that_is_handed_on_ends_one_visit_and_begins_another():
    hand = two_members()
    for second in range(1, 30):
        hand.give(second, token_of(1))
    for second in range(30, 60):
        hand.give(second, token_of(2))
    (visit,) = ended(hand)
    assert (visit.subject, visit.data["cause"], visit.data["ended_at"]) == (
        "m.anna",
        "handover",
        "2026-01-05T09:00:29.000Z",
    )
    assert [event.subject for event in hand.events if event.type == "visit.started"] == ["m.anna", "m.bela"]
    assert [event for event in hand.give(60.0, token_of(1, receiver="rx-door", age_s=45.0)) if event.subject] == []


def test_two_phones_of_two_members_are_never_one_visitor():
    hand = two_members()
    for second in range(1, 30):
        hand.give(second, token_of(1, "C0:00:00:00:00:01"), token_of(2, "C0:00:00:00:00:02"))
    assert ended(hand) == []
    hand.give(30.0, token_of(2, "C0:00:00:00:00:01"))
    assert [event.subject for event in ended(hand)] == ["m.anna"]
    hand.give(31.0, token_of(1, "C0:00:00:00:00:02"))
    assert [event.subject for event in ended(hand)] == ["m.anna"], "bela has been heard of by another phone since"


def long_shop() -> FloorPlan:
    """The shoes and the coats are at the two ends of a shop of `SPLIT_M`."""
    whole, size = plan(), 10.0
    at = {"street": 0.0, "door": 10.0, "shoes": 20.0, "coats": SPLIT_M}
    drawn = {
        name: replace(
            zone, polygon=((at[name], 0.0), (at[name] + size, 0.0), (at[name] + size, size), (at[name], size))
        )
        for name, zone in whole.zones.items()
    }
    return replace(whole, zones=drawn)


def test_a_visitor_who_is_told_where_nobody_can_have_walked_is_two():
    hand = shop_of(long_shop())
    stand(hand, "shoes", 1, 400)
    stand(hand, "coats", 400, 420)
    hand.give(2_000.0)
    first, second = ended(hand)
    assert [first.data["cause"], second.data["cause"]] == ["handover", "silent"]
    assert seconds(first.data["ended_at"]) <= seconds(second.data["started_at"])
    assert [stay["zone"] for stay in first.data["zones"]] == ["shoes"]
    assert [stay["zone"] for stay in second.data["zones"]] == ["coats"]
    assert [event.data["reason"] for event in hand.events if event.type == "zone.left"] == ["handover", "silent"]


def test_two_phones_of_one_member_do_not_split_a_visit_again_and_again():
    hand = shop_of(long_shop())
    for turn in range(20):
        stand(hand, "shoes" if turn % 2 else "coats", 1 + 20 * turn, 21 + 20 * turn)
    assert len([event for event in hand.events if event.type == "visit.started"]) <= 2


def test_what_is_told_late_dates_the_beginning_back_and_retracts_nothing():
    hand = open_shop()
    hand.give(10.0, Sighting("ble", "rx-shoes", FOB, -55.0, "C0:00:00:00:00:01"))
    told = list(hand.give(10.5))
    hand.give(11.0, Sighting("ble", "rx-shoes", FOB, -56.0, "C0:00:00:00:00:01", age_s=4.0))
    hand.give(11.5, Sighting("ble", "rx-coats", FOB, -80.0, "C0:00:00:00:00:01", age_s=8.0))
    stand(hand, "shoes", 12, 20)
    hand.give(2_000.0)
    (visit,) = ended(hand)
    assert [event.type for event in told] == ["visit.started", "zone.entered"]
    assert seconds(told[0].data["evidence_at"]) == 10.0
    assert seconds(visit.data["started_at"]) == 7.0
    assert seconds(visit.data["zones"][0]["from_at"]) == 7.0
    assert len([event for event in hand.events if event.type == "visit.started"]) == 1


def test_more_stays_than_a_record_lists_are_still_in_its_sums():
    hand = open_shop()
    for turn in range(80):
        stand(hand, "shoes" if turn % 2 else "coats", 1 + 10 * turn, 11 + 10 * turn)
    hand.give(5_000.0)
    (visit,) = ended(hand)
    assert len(visit.data["zones"]) == 64
    total_s = sum(each["dwell_s"] for each in visit.data["dwell"])
    assert total_s == pytest.approx(seconds(visit.data["ended_at"]) - seconds(visit.data["started_at"]), abs=0.5)


def test_what_is_heard_told_and_shown_of_one_member_is_one_visit_and_two_members_are_two():
    hand = two_members()
    hand.give(1.0, Sighting("app", "app", CheckIn("anna", "app")))
    for second in range(2, 40):
        hand.give(second, token_of(1), Sighting("app", "app", AppReport("anna", (HeardBeacon("b-7", -60.0),))))
        hand.give(second + 0.3, token_of(2, "C0:00:00:00:00:02"))
    hand.give(40.0, Sighting("app", "app", CheckIn("anna", "app")))
    hand.give(2_000.0)
    by_subject = {visit.subject: visit for visit in ended(hand)}
    assert len(ended(hand)) == 2
    assert by_subject["m.anna"].data["media"] == ["app", "ble"]
    assert by_subject["m.bela"].data["media"] == ["ble"]
    assert seconds(by_subject["m.anna"].data["started_at"]) == 1.0
    assert seconds(by_subject["m.anna"].data["ended_at"]) == 40.0


walks = st.lists(
    st.tuples(
        st.sampled_from(("street", "door", "shoes", "coats")), st.integers(3, 60), st.sampled_from((0, 0, 90, 400))
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(walks)
def test_stays_follow_one_another_within_the_visit_and_dwell_is_their_sum(walk):
    hand = open_shop()
    moment_s = 1.0
    for zone, stays_s, away_s in walk:
        stand(hand, zone, moment_s, moment_s + stays_s)
        moment_s += stays_s + away_s
    hand.give(moment_s + 5_000.0)
    last_end_s = 0.0
    for visit in ended(hand):
        edges = [seconds(visit.data["started_at"])]
        edges += [seconds(stay[edge]) for stay in visit.data["zones"] for edge in ("from_at", "until_at")]
        edges.append(seconds(visit.data["ended_at"]))
        assert last_end_s <= edges[0]
        assert edges == sorted(edges)
        summed = {each["zone"]: each["dwell_s"] for each in visit.data["dwell"]}
        for zone in {stay["zone"] for stay in visit.data["zones"]}:
            of_zone = (each for each in visit.data["zones"] if each["zone"] == zone)
            assert summed[zone] == pytest.approx(sum(seconds(s["until_at"]) - seconds(s["from_at"]) for s in of_zone))
        assert sum(summed.values()) <= edges[-1] - edges[0] + 0.001
        last_end_s = edges[-1]


@settings(max_examples=25, deadline=None)
@given(walks, st.data())
def test_a_restart_at_any_point_gives_the_same_visits_with_the_same_ids(walk, data):
    whole, unsmoothed = replace(plan(), opening_hours=DAILY), CoreOptions(smoothing=1.0)
    undisturbed, disturbed = shop_of(whole, unsmoothed), shop_of(whole, unsmoothed)
    told = list(disturbed.events)
    moment_s = 1.0
    for zone, stays_s, away_s in walk:
        stand(undisturbed, zone, moment_s, moment_s + stays_s)
        if data.draw(st.booleans()):
            told += stand(disturbed, zone, moment_s, moment_s + stays_s / 2)
            engine = new_engine(disturbed.folded.values(), unsmoothed)
            again = Hand(engine, folded=dict(disturbed.folded), last_s=disturbed.last_s)
            again.give(disturbed.last_s + 0.01, DocumentReady("floorplan", 1, "sha256:00", whole), Started("test"))
            told += stand(again, zone, moment_s + stays_s / 2, moment_s + stays_s)
            disturbed = again
        else:
            told += stand(disturbed, zone, moment_s, moment_s + stays_s)
        moment_s += stays_s + away_s
    undisturbed.give(moment_s + 5_000.0)
    told += disturbed.give(moment_s + 5_000.0)
    assert visits(told) == visits(undisturbed.events)


def visits(events):
    return [
        (event.data["visit"], event.data["cause"], event.data["started_at"], [s["zone"] for s in event.data["zones"]])
        for event in events
        if event.type == "visit.ended"
    ]
