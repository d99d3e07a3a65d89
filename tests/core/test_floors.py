"""A shop of two drawn floors: a stair joins two zones, and the maps of the floors have nothing else in common."""

import math
from dataclasses import replace

import pytest

from gateway.core.engine import Engine
from gateway.core.estimation.best import best_way
from gateway.core.estimation.motion import Walk
from gateway.core.estimation.places import cells_of, on_map
from gateway.core.options import CoreOptions
from gateway.core.polygon import Point, contains
from gateway.core.shop import Shop
from gateway.model.documents import FloorPlan, Receiver, Zone
from gateway.model.inputs import Started
from gateway.model.sighting import Sighting
from gateway.model.survey import Survey, SurveyPoint
from tests.core.shops import FOB, INCARNATION, Hand, heard_about, plan

WEST = ((0.0, 0.0), (8.0, 0.0), (8.0, 8.0), (0.0, 8.0))
EAST = ((8.0, 0.0), (16.0, 0.0), (16.0, 8.0), (8.0, 8.0))
ZONES = {
    "shoes": Zone("shoes", "aisle", WEST, "0", adjacent=("stair",)),
    "stair": Zone("stair", "aisle", EAST, "0", adjacent=("landing",)),
    "landing": Zone("landing", "aisle", EAST, "1", adjacent=("coats",)),
    "coats": Zone("coats", "aisle", WEST, "1"),
}
SPOTS = {"w": (1.0, 1.0), "m": (8.0, 7.0), "e": (15.0, 1.0)}
HEARD: dict[str, tuple[str, Point]] = {f"rx-{floor}{name}": (floor, at) for floor in "01" for name, at in SPOTS.items()}
CEILING_DB = 22.0


def two_floors() -> FloorPlan:
    receivers = {
        name: Receiver(name, at=at, zone={"0": "stair", "1": "landing"}[floor]) for name, (floor, at) in HEARD.items()
    }
    return replace(plan(), zones=ZONES, receivers=receivers, beacons={"fob": plan().beacons["fob"]}, markers={})


def level_dbm(receiver: str, floor: str, at: Point) -> float:
    of, there = HEARD[receiver]
    ceiling_db = CEILING_DB if of != floor else 0.0
    return round(-55.0 - 26.0 * math.log10(max(1.0, math.dist(at, there))) - ceiling_db)


def burst(floor: str, at: Point) -> list[Sighting]:
    heard = {receiver: level_dbm(receiver, floor, at) for receiver in HEARD}
    return [Sighting("ble", receiver, FOB, dbm) for receiver, dbm in heard.items() if dbm > -95.0]


def survey() -> Survey:
    points = []
    for zone, at in (("shoes", (4.0, 4.0)), ("stair", (12.0, 4.0)), ("landing", (12.0, 4.0)), ("coats", (4.0, 4.0))):
        floor = ZONES[zone].floor or ""
        heard = {receiver: heard_about(level_dbm(receiver, floor, at)) for receiver in HEARD}
        points.append(SurveyPoint(zone, at, 8, {name: each for name, each in heard.items() if each.mean_dbm > -95.0}))
    return Survey("0042", tuple(points))


def test_cells_of_both_floors_lie_in_their_zones() -> None:
    cells = cells_of(two_floors())
    assert cells is not None
    assert cells.floors == ("0", "1")
    for zone, point in zip(cells.zone_of, cells.points, strict=True):
        assert point is not None
        assert contains(ZONES[cells.zones[zone]].polygon, on_map(point))


def test_only_the_stair_leads_up() -> None:
    cells = cells_of(two_floors())
    assert cells is not None
    walk = Walk(cells, lambda _, __: True, {cells.zones.index("stair"): [cells.zones.index("landing")]})
    for zone, climbs in (("shoes", False), ("stair", True)):
        part = cells.slices[cells.zones.index(zone)]
        start = [
            1 / (part.stop - part.start) if part.start <= place < part.stop else 0.0 for place in range(len(cells))
        ]
        after = walk.spread(start, 0.25)
        assert sum(after) == pytest.approx(1.0)
        assert (sum(after[cells.slices[cells.zones.index("landing")]]) > 0.0) is climbs
        assert sum(after[cells.slices[cells.zones.index("coats")]]) == 0.0


@pytest.mark.parametrize("learned", [None, survey()], ids=["adjacency", "survey"])
def test_a_walk_up_the_stair_and_down_again(learned: Survey | None) -> None:
    way = best_way(Shop.of(two_floors()), learned, CoreOptions()).way
    assert way == ("survey" if learned else "adjacency")
    engine = Engine(incarnation=INCARNATION, id_key=bytes(32), floorplan=two_floors(), survey=learned)
    hand = Hand(engine)
    hand.give(0.0, Started("test"))
    up = [("0", (4.0, 4.0))] * 12 + [("0", (4.0 + step * 0.5, 4.0)) for step in range(17)]
    up += [("1", (12.0 - step * 0.5, 4.0)) for step in range(17)] + [("1", (4.0, 4.0))] * 12
    for number, (floor, at) in enumerate([*up, *reversed(up)]):
        hand.give(1.0 + number * 0.5, *burst(floor, at))
    hand.give(100.0)
    entered = [event.data["zone"] for event in hand.events if event.type == "zone.entered"]
    assert entered == ["shoes", "stair", "landing", "coats", "landing", "stair", "shoes"]
