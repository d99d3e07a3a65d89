"""Lamps that blink their number: a phone's camera reads it, and the app reports it like any beacon."""

from dataclasses import replace

from gateway.codecs.captures import parse_line, sighting_line
from gateway.core.engine import Engine
from gateway.model.documents import Beacon
from gateway.model.inputs import Started
from gateway.model.sighting import LIGHT, UNDER_A_LAMP_DBM, AppReport, BeaconId, HeardBeacon, Sighting
from tests.core.shops import SHELF, Hand, plan

LAMP = HeardBeacon(BeaconId(LIGHT, "0a1b"), UNDER_A_LAMP_DBM)


def test_who_sees_a_lamp_stands_under_it() -> None:
    lamp = Beacon("lamp-4", BeaconId(LIGHT, "0a1b"), zone="coats")
    shelf = Beacon("b-7", SHELF, zone="shoes")
    hand = Hand(
        Engine(
            incarnation="0" * 16, id_key=bytes(32), floorplan=replace(plan(), beacons={"lamp-4": lamp, "b-7": shelf})
        )
    )
    hand.give(0.0, Started("test"))
    seen = (LAMP, HeardBeacon(SHELF, -62.0))
    for second in range(1, 10):
        hand.give(float(second), Sighting("app", "app", AppReport("ada", seen)))
    (entered,) = [event for event in hand.events if event.type == "zone.entered"]
    assert (entered.subject, entered.data["zone"]) == ("m.ada", "coats")


def test_a_recording_keeps_what_a_lamp_said() -> None:
    sighting = Sighting("app", "app", AppReport("ada", (LAMP,)))
    assert parse_line(sighting_line(1.0, sighting), 2).content == (sighting,)
