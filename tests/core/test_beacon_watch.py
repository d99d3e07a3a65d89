"""The watch on the shop's own beacons: silent, weak, moved, cloned; never without reason, never in a flood."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.engine import Engine
from gateway.model.beacons import BeaconState
from gateway.model.documents import Beacon, FloorPlan, Receiver
from gateway.model.event import Event
from gateway.model.inputs import DocumentReady, Input, ReceiverHealth, Started
from gateway.model.sighting import IBEACON, BeaconId, BeaconTelemetry, Sighting
from tests.core.shops import FOB, INCARNATION, SHELF, Hand, plan

ADDRESS = "C0:00:00:00:00:07"
HOME = {"rx-shoes": -60.0, "rx-coats": -75.0}
AWAY = {"rx-shoes": -78.0, "rx-coats": -58.0}


def _plan() -> FloorPlan:
    placed = {"rx-street": (0.0, -9.0), "rx-door": (0.0, 0.0), "rx-shoes": (0.0, 15.0), "rx-coats": (30.0, 15.0)}
    receivers = {name: Receiver(name, at=at, zone=name[3:]) for name, at in placed.items()}
    beacons = plan().beacons | {"b-7": Beacon("b-7", SHELF, at=(1.0, 15.0), zone="shoes")}
    return replace(plan(), receivers=receivers, beacons=beacons)


def _shop() -> Hand:
    hand = Hand(Engine(incarnation=INCARNATION, id_key=bytes(32), floorplan=_plan()))
    hand.give(0.0, Started("test"))
    return hand


def _restarted(hand: Hand, mono_s: float) -> Hand:
    engine = Engine(incarnation=INCARNATION, id_key=bytes(32), floorplan=_plan())
    engine.restore(hand.folded.values())
    again = Hand(engine, folded=dict(hand.folded), last_s=hand.last_s)
    again.give(mono_s, Started("test"))
    return again


def _packets(levels: dict[str, float], token: BeaconId = SHELF) -> list[Input]:
    return [Sighting("ble", receiver, token, dbm, ADDRESS) for receiver, dbm in levels.items()]


def _sends(hand: Hand, since_s: float, until_s: float, levels: dict[str, float], every_s: float = 1.0) -> list[Event]:
    """The beacon is heard so from `since_s` until `until_s`; what is reported meanwhile."""
    before, moment_s = len(hand.events), since_s
    while moment_s < until_s:
        hand.give(moment_s, *_packets(levels))
        moment_s += every_s
    return [event for event in hand.events[before:] if event.type == "beacon.reported"]


def _states(events: list[Event]) -> list[object]:
    return [event.data["state"] for event in events if event.type == "beacon.reported"]


def _beacon(hand: Hand, name: str = "b-7") -> BeaconState:
    state = hand.engine.records()["beacon", (name,)]
    assert isinstance(state, BeaconState)
    return state


def test_a_beacon_that_is_well_is_told_of_once_a_day():
    hand = _shop()
    events = _sends(hand, 1.0, 3 * 86_400.0, HOME, every_s=20.0)
    assert _states(events) == ["ok"] * 3
    assert events[1].data["per_minute"] == pytest.approx(3.0, abs=0.2)
    assert events[1].data["interval_s"] == 20.0
    assert events[1].data["heard_by"] == ["rx-coats", "rx-shoes"]
    assert events[1].subject is None


def test_silence_is_measured_by_the_beacons_own_interval():
    for every_s, least_s, most_s in ((1.0, 30.0, 65.0), (10.0, 100.0, 135.0)):
        hand = _shop()
        _sends(hand, 1.0, 600.0, HOME, every_s=every_s)
        last_s = hand.last_s
        assert _states(hand.give(last_s + least_s)) == []
        told = hand.give(last_s + most_s)
        assert _states(told) == ["silent"]
        assert told[-1].time_utc_s == _beacon(hand).heard.utc_s
        assert _states(hand.give(80_000.0)) == []


def test_a_beacon_heard_again_is_well_again():
    hand = _shop()
    _sends(hand, 1.0, 600.0, HOME)
    hand.give(1_300.0)
    assert _beacon(hand).verdict == "silent"
    assert _states(_sends(hand, 1_300.0, 1_400.0, HOME)) == ["ok"]
    assert _beacon(hand).verdict == "ok"


def test_nothing_is_silent_while_a_receiver_that_heard_it_is_down_nor_just_after():
    hand = _shop()
    _sends(hand, 1.0, 600.0, HOME)
    hand.give(600.0, ReceiverHealth("rx-shoes", "down"))
    assert _states(hand.give(80_000.0)) == []
    hand.give(80_000.0, ReceiverHealth("rx-shoes", "up"))
    assert _states(hand.give(80_020.0)) == []
    assert _states(hand.give(80_100.0)) == ["silent"]


def test_a_restarted_gateway_takes_its_own_deafness_for_nobodys_silence():
    hand = _shop()
    _sends(hand, 1.0, 600.0, HOME)
    again = _restarted(hand, 5_000.0)
    assert _states(again.give(5_025.0)) == []
    assert _states(_sends(again, 5_026.0, 5_400.0, HOME)) == ["ok"]


def test_what_is_silent_stays_so_over_a_restart():
    hand = _shop()
    _sends(hand, 1.0, 600.0, HOME)
    hand.give(2_000.0)
    again = _restarted(hand, 2_100.0)
    assert _states(again.give(50_000.0)) == []
    assert _beacon(again).verdict == "silent"


@pytest.mark.parametrize("token", [SHELF, FOB])
def test_a_weak_battery_is_told_once_and_does_not_flap(token: BeaconId):
    hand, name = _shop(), "fob" if token == FOB else "b-7"
    moment_s, chance = 1.0, Random(1)
    while moment_s < 7_200.0:
        measured = BeaconTelemetry(chance.randrange(2_330, 2_570), 21.04)
        hand.give(
            moment_s, *_packets({"rx-shoes": -62.0}, token), Sighting("ble", "rx-shoes", measured, -62.0, ADDRESS)
        )
        moment_s += 5.0
    assert _states(hand.events) == ["weak"]
    assert _beacon(hand, name).temperature_c == 21.0
    assert 2_330 <= (_beacon(hand, name).battery_mv or 0) < 2_570


def test_telemetry_of_a_transmitter_that_named_no_beacon_is_nobodys():
    hand = _shop()
    hand.give(1.0, Sighting("ble", "rx-shoes", BeaconTelemetry(1_900, None), -62.0, "C0:00:00:00:00:66"))
    hand.give(100.0)
    assert not any(kind == "beacon" for kind, _ in hand.engine.records())


def test_a_beacon_carried_elsewhere_has_moved_and_comes_back():
    hand = _shop()
    _sends(hand, 1.0, 1_800.0, HOME)
    assert _states(_sends(hand, 1_800.0, 2_100.0, AWAY)) == []
    assert _states(_sends(hand, 2_100.0, 3_000.0, AWAY)) == ["moved"]
    assert _states(_sends(hand, 3_000.0, 4_500.0, HOME)) == ["ok"]


def test_what_stands_before_one_receiver_has_moved_no_beacon():
    hand = _shop()
    _sends(hand, 1.0, 1_800.0, HOME)
    assert _states(_sends(hand, 1_800.0, 7_200.0, HOME | {"rx-shoes": -74.0})) == []


def test_a_receiver_that_is_down_says_nothing_of_a_place():
    hand = _shop()
    _sends(hand, 1.0, 1_800.0, HOME)
    hand.give(1_800.0, ReceiverHealth("rx-shoes", "down"))
    assert _states(_sends(hand, 1_801.0, 7_200.0, {"rx-coats": -75.0})) == []


def test_another_place_in_the_floor_plan_is_learned_anew():
    hand = _shop()
    _sends(hand, 1.0, 1_800.0, HOME)
    _sends(hand, 1_800.0, 3_600.0, AWAY)
    assert _beacon(hand).verdict == "moved"
    there = Beacon("b-7", SHELF, at=(29.0, 15.0), zone="coats")
    new = replace(_plan(), beacons=_plan().beacons | {"b-7": there})
    hand.give(3_600.0, DocumentReady("floorplan", 2, "sha256:00", new))
    assert _states(_sends(hand, 3_601.0, 7_200.0, AWAY)) == ["ok"]
    hand.give(7_200.0, DocumentReady("floorplan", 3, "sha256:00", replace(new, beacons={})))
    assert not any(kind == "beacon" for kind, _ in hand.folded)


@pytest.mark.parametrize("token", [SHELF, FOB])
def test_a_beacon_in_two_places_at_once_is_suspected_for_a_while(token: BeaconId):
    hand = _shop()
    moment_s = 1.0
    while moment_s < 120.0:
        hand.give(moment_s, *_packets({"rx-shoes": -48.0}, token))
        hand.give(moment_s + 0.4, *_packets({"rx-coats": -48.0}, token))
        moment_s += 1.0
    assert _states(hand.events) == ["cloned"]
    assert _beacon(hand, "fob" if token == FOB else "b-7").cloned is not None
    told: list[Event] = []
    while moment_s < 3_000.0:
        told += hand.give(moment_s, *_packets({"rx-shoes": -48.0}, token))
        moment_s += 1.0
    assert _states(told) == ["ok"]
    assert 1_910.0 <= _beacon(hand, "fob" if token == FOB else "b-7").since.mono_s <= 1_980.0


def test_a_tag_that_is_carried_through_the_shop_is_no_clone():
    hand = _shop()
    for step in range(200):
        near = "rx-shoes" if step % 40 < 20 else "rx-coats"
        hand.give(1.0 + step * 0.5, *_packets({near: -45.0} if step % 20 > 12 else {near: -70.0}, FOB))
    assert _states(hand.events) == []


def test_a_flapping_beacon_floods_nobody():
    hand = _shop()
    since_s = 1.0
    while since_s < 36_000.0:
        _sends(hand, since_s, since_s + 330.0, HOME, every_s=2.0)
        since_s += 700.0
    assert len(_states(hand.events)) <= 61


def test_an_unknown_beacon_or_receiver_is_not_watched():
    hand = _shop()
    hand.give(1.0, *_packets(HOME, BeaconId(IBEACON, "none/1/1")), *_packets({"elsewhere": -50.0}))
    assert hand.engine.deadline_s is None


spells = st.lists(
    st.tuples(st.sampled_from([HOME, AWAY, {}, {"rx-shoes": -62.0}]), st.sampled_from([1, 2, 4])),
    min_size=1,
    max_size=5,
)


@settings(max_examples=25, deadline=None)
@given(spells, st.integers(0, 4))
def test_a_watch_restored_after_a_lesson_tells_what_an_undisturbed_one_tells(script, killed_after):
    undisturbed, killed = _shop(), _shop()
    told: list[object] = []
    since_s = 0.25
    for number, (levels, lessons) in enumerate(script):
        until_s = since_s + 300.0 * lessons
        _sends(undisturbed, since_s, until_s - 1.0, levels, every_s=7.0)
        undisturbed.give(until_s)
        _sends(killed, since_s, until_s - 1.0, levels, every_s=7.0)
        killed.give(until_s)
        assert killed.folded == dict(killed.engine.records())
        if number == killed_after:
            told = _states(killed.events)
            killed = _restarted(killed, until_s)
        since_s = until_s
    assert told + _states(killed.events) == _states(undisturbed.events)
