"""A floor plan looked at before it is used: what can be taken as it is written, and hardly was meant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import combinations, pairwise
from math import hypot
from typing import Final

from gateway.core.polygon import Point, contains
from gateway.model.documents import FloorPlan, Zone

KINDS: Final = ("entrance", "aisle", "checkout", "pickup", "fitting", "storefront", "floor")
"""The kinds of zone that the gateway or its pages know; a plan may have others."""
LEAST_ALIKE: Final = 0.75
"""How alike another kind is to one of them before it is taken for a slip of the pen (`difflib`, 0 to 1)."""
MOST_SHARED_M2: Final = 0.5
"""What two zones may share for want of a better ruler (square metres)."""
MOST_AWAY_M: Final = 30.0
"""How far from the zones a receiver or beacon may stand, in a yard or car park say (metres)."""
GRID: Final = 32
"""Points a side at which it is looked how much two zones share."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing that is doubtful: the key in the plan, what is odd there, what to do."""

    key: str
    problem: str
    hint: str


def review_plan(plan: FloorPlan) -> Iterator[Doubt]:
    """What is doubtful about `plan`, in its order: kinds, polygons, overlaps, places outside their zone or far away."""
    zones = list(plan.zones.values())
    for number, zone in enumerate(zones):
        yield from _kind(f"zones[{number}].kind", zone)
        yield from _crossing(f"zones[{number}].polygon", zone)
    for (number, one), (_, other) in combinations(enumerate(zones), 2):
        yield from _overlap(f"zones[{number}].polygon", one, other)
    for number, receiver in enumerate(plan.receivers.values()):
        yield from _place(f"receivers[{number}].zone", receiver.at, receiver.zone, plan)
    for number, beacon in enumerate(plan.beacons.values()):
        yield from _place(f"beacons[{number}].zone", beacon.at, beacon.zone, plan)


def known_kind(written: str) -> str | None:
    """The known kind of zone that `written` is, or is nearly; None where it is a kind of the shop's own."""
    close = [written] if written in KINDS else get_close_matches(written.lower(), KINDS, 1, LEAST_ALIKE)
    return close[0] if close else None


def _kind(key: str, zone: Zone) -> Iterator[Doubt]:
    known = known_kind(zone.kind)
    if known not in (None, zone.kind):
        yield Doubt(key, f"the kind {zone.kind!r} of {zone.id!r} means nothing here", f"did you mean {known}?")


def _crossing(key: str, zone: Zone) -> Iterator[Doubt]:
    sides = list(pairwise((*zone.polygon, zone.polygon[0]))) if zone.polygon else []
    if any(_cross(*one, *other) for one, other in combinations(sides, 2)):
        yield Doubt(key, f"two sides of {zone.id!r} cross", "give its corners in order, once around")


def _overlap(key: str, one: Zone, other: Zone) -> Iterator[Doubt]:
    shared_m2 = _shared_m2(one.polygon, other.polygon) if one.floor == other.floor else 0.0
    if shared_m2 > MOST_SHARED_M2:
        problem = f"{one.id!r} and {other.id!r} share about {shared_m2:.1f} m²"
        yield Doubt(key, problem, "let zones touch, or give the floor of each; who stands there can be in one only")


def _place(key: str, at: Point | None, named: str | None, plan: FloorPlan) -> Iterator[Doubt]:
    if at is None:
        return
    away_m = _away_m(at, plan)
    if away_m > MOST_AWAY_M:
        problem = f"it is {away_m:.0f} m away from all zones"
        yield Doubt(f"{key.removesuffix('zone')}at", problem, "correct `at` (metres)")
    zone = plan.zones.get(named or "")
    if zone is None or not zone.polygon or contains(zone.polygon, at):
        return
    same_floor = (each for each in plan.zones.values() if each.floor == zone.floor and each.polygon)
    for other in same_floor:
        if contains(other.polygon, at):
            problem = f"it is said to be in {zone.id!r}, and its place is in {other.id!r}"
            yield Doubt(key, problem, "correct `at` or `zone`; without `zone` the place decides")


def _away_m(at: Point, plan: FloorPlan) -> float:
    """How far a place is from the rectangle around all zones that are drawn (metres); 0 where none is."""
    corners = [corner for zone in plan.zones.values() for corner in zone.polygon]
    if not corners:
        return 0.0
    by_axis = zip(at, zip(*corners, strict=True), strict=True)
    return hypot(*(max(min(along) - here, here - max(along), 0.0) for here, along in by_axis))


def _shared_m2(one: Sequence[Point], other: Sequence[Point]) -> float:
    """About how much two polygons have in common (square metres); 0 where it is too little to look for."""
    if not one or not other:
        return 0.0
    (left, right), (bottom, top) = (
        (max(min(corner[axis] for corner in each) for each in (one, other)),
         min(max(corner[axis] for corner in each) for each in (one, other)))
        for axis in (0, 1)
    )  # fmt: skip
    if left >= right or bottom >= top or (right - left) * (top - bottom) <= MOST_SHARED_M2:
        return 0.0
    wide, high = (right - left) / GRID, (top - bottom) / GRID
    points = ((left + wide * (x + 0.5), bottom + high * (y + 0.5)) for x in range(GRID) for y in range(GRID))
    return sum(contains(one, point) and contains(other, point) for point in points) * wide * high


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the lines from `a` to `b` and from `c` to `d` cross, each within the other."""
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Point, b: Point, point: Point) -> float:
    return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])
