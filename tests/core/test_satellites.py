"""Satellites on the timeline: packets told late, by several at once, and satellites that are lost."""

from gateway.model.inputs import ReceiverHealth
from gateway.model.sighting import Sighting
from tests.core.shops import FOB, Hand, heard, kinds, open_shop

ROOMS = ("street", "door", "shoes", "coats")


def told(zone: str, rssi_dbm: float, age_s: float) -> Sighting:
    return Sighting("ble", f"rx-{zone}", FOB, rssi_dbm, "C0:00:00:00:00:01", age_s)


def stand_told(hand: Hand, zone: str, since_s: float, until_s: float) -> None:
    """The fob stands in `zone`; every second its packet is told of by all satellites, 400 ms after they heard it."""
    moment_s = since_s
    while moment_s < until_s:
        packet = [told(room, -55.0 if room == zone else -80.0, 0.4 - 0.01 * at) for at, room in enumerate(ROOMS)]
        hand.give(moment_s + 0.4, *packet)
        moment_s += 1.0


def test_one_packet_told_by_four_satellites_is_one_instant_with_four_signals() -> None:
    hand = open_shop()
    stand_told(hand, "shoes", 10.0, 40.0)
    stand_told(hand, "coats", 40.0, 70.0)
    hand.give(75.0)
    entered = [event for event in hand.events if event.type == "zone.entered"]
    assert [event.data["zone"] for event in entered] == ["shoes", "coats"]
    (visit,) = [event for event in hand.events if event.type == "visit.started"]
    assert visit.time_utc_s == hand.at(10.03).utc_s
    presence = next(iter(hand.engine._state.presences.values()))
    assert presence.interval_s is not None
    assert 0.9 < presence.interval_s < 1.1


def test_evidence_never_goes_back_when_a_satellite_tells_late() -> None:
    hand = open_shop()
    hand.give(10.0, heard("rx-shoes", -55.0))
    hand.give(20.0, told("shoes", -56.0, age_s=0.0))
    hand.give(20.1, told("coats", -90.0, age_s=9.0))
    presence = next(iter(hand.engine._state.presences.values()))
    assert presence.seen.mono_s == 20.0


def test_a_visit_ends_at_the_last_packet_and_not_at_the_last_message() -> None:
    hand = open_shop()
    stand_told(hand, "shoes", 10.0, 40.0)
    hand.give(48.9, told("shoes", -60.0, age_s=9.0))
    hand.give(800.0)
    (ended,) = [event for event in hand.events if event.type == "visit.ended"]
    assert ended.time_utc_s == hand.at(39.9).utc_s


def test_nobody_leaves_because_a_satellite_is_lost() -> None:
    hand = open_shop()
    stand_told(hand, "shoes", 10.0, 40.0)
    hand.give(40.5, ReceiverHealth("rx-shoes", "down"))
    assert [event.type for event in hand.give(400.0)] == []
    hand.give(400.1, ReceiverHealth("rx-shoes", "up"))
    stand_told(hand, "shoes", 401.0, 420.0)
    assert ("zone.left", "shoes") not in kinds(hand.events)
    assert [event.type for event in hand.events].count("visit.started") == 1
