"""Radios that tell little: one packet in ten seconds, its level in steps of 8 dB, as BlueZ may leave it."""

import random

from tests.core.shops import Hand, heard, open_shop

ROOMS = ("street", "door", "shoes", "coats")
EVERY_S = 10.0
STEP_DB = 8


def stand_seldom(hand: Hand, zone: str, since_s: float, until_s: float, chance: random.Random) -> None:
    """Each receiver tells of the fob once in ten seconds, at a moment of its own, its level rounded to a step."""
    moments = []
    for at, room in enumerate(ROOMS):
        moment_s = since_s + at * EVERY_S / len(ROOMS)
        while moment_s < until_s:
            level_dbm = (-52.0 if room == zone else -78.0) + chance.gauss(0, 3)
            moments.append((moment_s, room, STEP_DB * round(level_dbm / STEP_DB)))
            moment_s += EVERY_S
    for moment_s, room, level_dbm in sorted(moments):
        hand.give(moment_s, heard(f"rx-{room}", float(level_dbm)))


def test_a_visitor_heard_once_in_ten_seconds_is_placed_and_neither_flaps_nor_leaves() -> None:
    hand, chance = open_shop(), random.Random(3)
    stand_seldom(hand, "shoes", 10.0, 610.0, chance)
    stand_seldom(hand, "coats", 610.0, 1210.0, chance)
    zones = [event.data["zone"] for event in hand.events if event.type == "zone.entered"]
    assert zones[-2:] == ["shoes", "coats"]
    assert len(zones) <= 4
    assert [event.type for event in hand.events].count("visit.started") == 1
    assert "visit.ended" not in [event.type for event in hand.events]


def test_its_leaving_is_noticed_within_its_own_rhythm() -> None:
    hand = open_shop()
    stand_seldom(hand, "shoes", 10.0, 310.0, random.Random(3))
    hand.give(1000.0)
    left = next(event for event in hand.events if event.type == "zone.left" and event.data["reason"] == "silent")
    assert left.data["zone"] == "shoes"
    assert left.recorded_utc_s - left.time_utc_s <= 125
