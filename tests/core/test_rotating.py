"""Beacons whose names rotate: found by their keys, although their clocks drift, stop or are far off."""

from dataclasses import replace

import pytest

from gateway.codecs.adverts.eddystone_tlm import EddystoneTlm
from gateway.codecs.eddystone_identity import ephemeral_id
from gateway.codecs.eddystone_telemetry import seal_telemetry
from gateway.core.engine import Engine
from gateway.core.rotating import EFFORT, MOST_UNKNOWN, SEARCH_EVERY_S, RotatingBeacons
from gateway.model.documents import Beacon, FloorPlan, RotatingKey
from gateway.model.inputs import Started
from gateway.model.sighting import EDDYSTONE_EID, BeaconId, Sighting
from gateway.model.time import Now
from tests.core.shops import STARTED_UTC_S, Hand, plan

REGISTERED_UTC_S = STARTED_UTC_S - 400 * 86_400
ADDRESS = "C0:00:00:00:00:07"


def keyed(name: str = "fob-7", exponent: int = 10, *, mobile: bool = True) -> Beacon:
    key = RotatingKey(name.encode().ljust(16, b"."), exponent, REGISTERED_UTC_S)
    return Beacon(
        name, BeaconId(EDDYSTONE_EID, f"key:{name}"), zone=None if mobile else "shoes", mobile=mobile, key=key
    )


def shop(*beacons: Beacon) -> FloorPlan:
    return replace(plan(), beacons={each.id: each for each in beacons})


def now(mono_s: float) -> Now:
    return Now(mono_s, STARTED_UTC_S + mono_s, "synced", "boot-1")


def said(beacon: Beacon, mono_s: float, ahead_s: float = 0.0) -> Sighting:
    """What the beacon says at `mono_s`, its own clock `ahead_s` of the right time."""
    assert beacon.key is not None
    time_s = int(STARTED_UTC_S + mono_s + ahead_s - REGISTERED_UTC_S)
    eid = ephemeral_id(beacon.key.identity_key, beacon.key.exponent, time_s)
    return Sighting("ble", "rx-shoes", BeaconId(EDDYSTONE_EID, eid.hex()), -55.0, ADDRESS)


def resolves(beacons: RotatingBeacons, sighting: Sighting, mono_s: float) -> bool:
    assert isinstance(sighting.token, BeaconId)
    return str(beacons.named(sighting, sighting.token, now(mono_s)).token).find("key:") > 0


def packets_until_found(beacons: RotatingBeacons, beacon: Beacon, ahead_s: float, most: int = 20_000) -> int:
    for number in range(most):
        mono_s = number * SEARCH_EVERY_S
        if resolves(beacons, said(beacon, mono_s, ahead_s), mono_s):
            return number + 1
    raise AssertionError("never found")


def test_a_beacon_is_named_at_once_and_ever_after() -> None:
    beacon = keyed()
    beacons = RotatingBeacons(shop(beacon))
    for hour in range(48):
        assert resolves(beacons, said(beacon, hour * 3600.0), hour * 3600.0)


@pytest.mark.parametrize("ahead_s", [-86_000.0, -3_700.0, -1_024.0, 1_024.0, 5_000.0, 86_000.0])
def test_a_clock_that_is_off_is_found_and_then_followed(ahead_s: float) -> None:
    beacon = keyed()
    beacons = RotatingBeacons(shop(beacon))
    assert packets_until_found(beacons, beacon, ahead_s) < 20
    for quarter in range(1, 200):
        mono_s = 1_000.0 + quarter * 900.0
        drifted_s = ahead_s + quarter * 0.5
        assert resolves(beacons, said(beacon, mono_s, drifted_s), mono_s)


def test_a_drift_is_searched_for_among_two_hundred_beacons_within_minutes() -> None:
    many = [keyed(f"fob-{number}") for number in range(200)]
    beacons = RotatingBeacons(shop(*many))
    for number in range(4_000):
        resolves(beacons, said(many[number % 200], number * 0.005), number * 0.005)
    assert all(resolves(beacons, said(each, 20.0), 20.0) for each in many)
    assert packets_until_found(RotatingBeacons(shop(*many)), many[17], 7_200.0) * SEARCH_EVERY_S < 60


def test_a_clock_that_is_off_by_more_than_a_day_is_not_found() -> None:
    beacon = keyed()
    beacons = RotatingBeacons(shop(beacon))
    with pytest.raises(AssertionError, match="never"):
        packets_until_found(beacons, beacon, 200_000.0, most=200)


def test_names_made_up_cost_no_more_than_the_effort_of_a_search_and_are_forgotten() -> None:
    beacon = keyed(exponent=0)
    beacons = RotatingBeacons(shop(beacon))
    for number in range(5_000):
        stranger = Sighting("ble", "rx-shoes", BeaconId(EDDYSTONE_EID, f"{number:016x}"), -60.0, ADDRESS)
        assert not resolves(beacons, stranger, number * 0.001)
    assert len(beacons._unknown) == MOST_UNKNOWN
    assert len(beacons._table) <= 5
    (known,) = beacons._keyed.values()
    assert known.reach <= 5.0 / SEARCH_EVERY_S * EFFORT


def test_without_a_clock_nobody_is_named() -> None:
    beacon = keyed()
    beacons = RotatingBeacons(shop(beacon))
    sighting = said(beacon, 0.0)
    assert isinstance(sighting.token, BeaconId)
    assert beacons.named(sighting, sighting.token, replace(now(0.0), clock="unset")) is sighting


def test_a_tag_is_followed_under_its_id_and_surer_than_a_static_one() -> None:
    tag = keyed()
    hand = Hand(Engine(incarnation="0" * 16, id_key=bytes(32), floorplan=shop(tag)))
    hand.give(0.0, Started("test"))
    for second in range(1, 60):
        hand.give(float(second), said(tag, second, ahead_s=300.0))
    (visit,) = [event for event in hand.events if event.type == "visit.started"]
    assert (visit.subject, visit.data["assurance"]) == ("b.fob-7", "proximate")
    assert tag.key is not None
    assert tag.key.identity_key.hex() not in repr(tag)


def test_the_battery_of_a_beacon_is_read_with_its_key() -> None:
    beacon = keyed("b-9", mobile=False)
    assert beacon.key is not None
    hand = Hand(Engine(incarnation="0" * 16, id_key=bytes(32), floorplan=shop(beacon)))
    hand.give(0.0, Started("test"))
    for second in range(1, 70):
        time_s = int(STARTED_UTC_S + second - REGISTERED_UTC_S)
        telemetry = EddystoneTlm(2_950, 21.0, second, float(second))
        sealed = seal_telemetry(beacon.key.identity_key, 10, time_s, b"\x01\x02", telemetry)
        hand.give(float(second), said(beacon, second), Sighting("ble", "rx-shoes", sealed, -55.0, ADDRESS))
    assert hand.engine._state.beacons["b-9"].battery_mv == 2_950
