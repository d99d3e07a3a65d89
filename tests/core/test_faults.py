"""Whatever falls silent on the way from the shop to the engine: nobody leaves by it, and what was unknown heals."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pytest

from gateway.core.engine import Engine
from gateway.core.options import CoreOptions
from gateway.model.documents import Beacon, FloorPlan
from gateway.model.event import Event
from gateway.model.inputs import Input, ReceiverHealth, Started
from gateway.model.sighting import IBEACON, BeaconId, Sighting
from tests.core.shops import INCARNATION, STARTED_UTC_S, Hand, plan

ROOMS = ("door", "shoes", "coats")
TAGS = {f"tag-{number}": BeaconId(IBEACON, f"5f1d0000-0000-4000-8000-00805f9b0002/1/{number}") for number in range(12)}
SATELLITES = ("rx-shoes", "rx-coats")


def crowded() -> FloorPlan:
    return replace(plan(), beacons={name: Beacon(name, identity, mobile=True) for name, identity in TAGS.items()})


@dataclass
class Crowd:
    """Twelve tags, four in each room, heard every three seconds by their room's receiver."""

    hand: Hand
    second: int = 1

    def stay(self, until_s: int, deaf: Iterable[str] = (), gone: Iterable[str] = ()) -> list[Event]:
        events: list[Event] = []
        deaf, gone = set(deaf), set(gone)
        while self.second < until_s:
            for number, (name, identity) in enumerate(TAGS.items()):
                room = ROOMS[number % 3]
                if name not in gone and f"rx-{room}" not in deaf:
                    address = f"C0:00:00:00:00:{number:02X}"
                    events += self.hand.give(self.second, Sighting("ble", f"rx-{room}", identity, -55.0, address))
            events += self.hand.give(self.second + 0.5)
            self.second += 3
        return events

    def tell(self, *inputs: Input) -> list[Event]:
        return self.hand.give(self.second - 0.4, *inputs)


def open_shop(options: CoreOptions | None = None) -> Crowd:
    engine = Engine(incarnation=INCARNATION, id_key=bytes(32), floorplan=crowded(), options=options)
    hand = Hand(engine)
    hand.give(0.0, Started("test"))
    return Crowd(hand)


def exits(events: Iterable[Event]) -> list[str]:
    return [event.type for event in events if event.type in {"zone.left", "visit.ended"}]


def health(receivers: Iterable[str], status: str) -> list[Input]:
    return [ReceiverHealth(receiver, "up" if status == "up" else "down") for receiver in receivers]


def all_rooms() -> tuple[str, ...]:
    return tuple(f"rx-{room}" for room in ROOMS)


FAULTS = {
    "a receiver is down": (("rx-shoes",), 1, 600),
    "all receivers are down": (all_rooms(), 1, 900),
    "the scanner fell silent and says so after half a minute": (all_rooms(), 30, 600),
    "a satellite lost its power and its source says so after a minute": (("rx-coats",), 60, 600),
    "the satellites' broker is gone": (SATELLITES, 15, 600),
    "the link of one satellite is down for a moment only, and nobody says so": (("rx-coats",), None, 40),
    "the scanner hangs for a while, and nobody says so": (all_rooms(), None, 200),
}


@pytest.mark.parametrize(("receivers", "noticed_s", "lasts_s"), FAULTS.values(), ids=FAULTS.keys())
def test_nobody_leaves_by_a_fault_and_it_heals(receivers, noticed_s, lasts_s):
    crowd = open_shop()
    crowd.stay(120)
    told = crowd.stay(120 + (noticed_s or lasts_s), deaf=receivers)
    if noticed_s is not None:
        told += crowd.tell(*health(receivers, "down"))
        told += crowd.stay(120 + lasts_s, deaf=receivers)
        told += crowd.tell(*health(receivers, "up"))
    told += crowd.stay(300 + lasts_s)
    assert exits(told) == []
    assert not any(event.type == "visit.started" for event in told)
    assert len(exits(crowd.hand.give(5_000.0))) == 24


@pytest.mark.parametrize(("receivers", "noticed_s", "lasts_s"), FAULTS.values(), ids=FAULTS.keys())
def test_who_left_meanwhile_has_left_by_the_evidence_of_before(receivers, noticed_s, lasts_s):
    crowd = open_shop()
    crowd.stay(120)
    gone = [name for number, name in enumerate(TAGS) if f"rx-{ROOMS[number % 3]}" in receivers][:1]
    crowd.stay(120 + (noticed_s or lasts_s), deaf=receivers, gone=gone)
    if noticed_s is not None:
        crowd.tell(*health(receivers, "down"))
        crowd.stay(120 + lasts_s, deaf=receivers, gone=gone)
        crowd.tell(*health(receivers, "up"))
    crowd.stay(460 + lasts_s, gone=gone)
    left = [event for event in crowd.hand.events if event.type == "visit.ended"]
    assert [event.subject for event in left] == [f"b.{name}" for name in gone]
    assert round(left[0].time_utc_s - STARTED_UTC_S) in {117, 118, 119}


def _after_power_cut(crowd: Crowd, off_s: float, synced: bool) -> list[Event]:
    hand = crowd.hand
    engine = Engine(incarnation=INCARNATION, id_key=bytes(32), floorplan=crowded())
    engine.restore(hand.folded.values())
    utc_s = hand.at(crowd.second + off_s).utc_s
    again = Hand(engine, "boot-2", "synced" if synced else "unset", utc_s - 5.0, folded=dict(hand.folded))
    told = again.give(5.0, Started("test"))
    crowd.hand, crowd.second = again, 6
    return told + crowd.stay(120)


def test_nobody_leaves_by_a_power_cut_of_two_minutes() -> None:
    crowd = open_shop()
    crowd.stay(120)
    assert exits(_after_power_cut(crowd, 120.0, synced=True)) == []


def test_a_long_power_cut_ends_visits_as_such_and_never_as_left() -> None:
    crowd = open_shop()
    crowd.stay(120)
    told = _after_power_cut(crowd, 3_600.0, synced=True)
    assert {event.data["cause"] for event in told if event.type == "visit.ended"} == {"restart"}
    assert {event.data["reason"] for event in told if event.type == "zone.left"} == {"restart"}


def test_a_receiver_that_stays_dead_says_lost_and_not_left() -> None:
    crowd = open_shop()
    crowd.stay(60)
    crowd.tell(*health(all_rooms(), "down"))
    told = crowd.hand.give(6_000.0)
    assert {event.data["cause"] for event in told if event.type == "visit.ended"} == {"receiver_lost"}


def test_a_quiet_shop_is_still_left_in_time() -> None:
    """One tag alone: its silence is its own, and no receiver is suspected."""
    crowd = open_shop()
    crowd.stay(60, gone=list(TAGS)[1:])
    told = crowd.stay(80, gone=TAGS)
    assert [event.data["reason"] for event in told if event.type == "zone.left"] == ["silent"]
