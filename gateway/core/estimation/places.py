"""The places that a visitor may be at: cells of the zones' polygons, or clusters of a survey's points."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from gateway.core.polygon import Point, area, contains, middle
from gateway.model.documents import FloorPlan, Zone
from gateway.model.survey import SurveyPoint

CELL_M: Final = 1.2
"""A cell is at least this wide: finer ones cost more and tell no more (metres)."""
MAX_CELLS: Final = 320
"""Above this many, cells are wider: what the estimator costs is bounded whatever the size of the shop."""
APART_M: Final = 10_000.0
"""Floors are laid beside each other on one plane, so far apart that nothing reaches from one to another (metres)."""
CLUSTER_M: Final = 12.0
"""Points of a survey nearer than about this are one place where zones have no polygons (metres)."""


@dataclass(frozen=True, slots=True)
class Places:
    """Places grouped by zone: those of `zones[k]` are `slices[k]`. `points` is where each is; None: nobody knows."""

    zones: tuple[str, ...]
    slices: tuple[slice, ...]
    points: tuple[Point | None, ...]
    drawn: bool
    """The points are on one plane of polygons, so that distances between them mean something."""
    floors: tuple[str | None, ...] = (None,)
    """The floors of that plane, in its order."""

    def __len__(self) -> int:
        return len(self.points)

    @property
    def zone_of(self) -> tuple[int, ...]:
        """The zone of each place, as an index into `zones`."""
        return tuple(k for k, part in enumerate(self.slices) for _ in range(part.start, part.stop))

    def laid(self, floor: str | None, at: Point) -> Point:
        """Where a point of a floor's map is on the plane of all floors (metres)."""
        return at[0] + APART_M * self.floors.index(floor), at[1]


def same_floor(one: Point, other: Point) -> bool:
    """Whether two points of the plane are on one floor."""
    return abs(one[0] - other[0]) < APART_M / 2


def on_map(point: Point) -> Point:
    """Where a point of the plane is on the map of its floor (metres)."""
    return (point[0] + APART_M / 2) % APART_M - APART_M / 2, point[1]


def cells_of(plan: FloorPlan) -> Places | None:
    """The cells of a plan whose zones all have polygons; None if they do not."""
    zones = [zone for zone in plan.zones.values() if zone.polygon]
    if not zones or len(zones) < len(plan.zones):
        return None
    side_m = max(CELL_M, math.sqrt(sum(area(zone.polygon) for zone in zones) / MAX_CELLS))
    maps = _grouped(((zone.id, _cells(zone, side_m)) for zone in zones), drawn=True)
    floors = tuple(dict.fromkeys(zone.floor for zone in zones))
    places = replace(maps, floors=floors)
    floor_of = [zones[zone].floor for zone in places.zone_of]
    laid = (None if at is None else places.laid(floor, at) for floor, at in zip(floor_of, maps.points, strict=True))
    return replace(places, points=tuple(laid))


def clusters_of(plan: FloorPlan, points: Iterable[SurveyPoint]) -> tuple[Places, tuple[tuple[SurveyPoint, ...], ...]]:
    """The clusters of a survey's points, zone by zone in the plan's order, and the points of each."""
    order = {zone: place for place, zone in enumerate(plan.zones)}
    known, side_m = [point for point in points if point.zone in order], CLUSTER_M
    while len(clusters := _clusters(known, side_m)) > max(MAX_CELLS, len(order)):
        side_m *= 2
    keys = sorted(clusters, key=lambda key: (order[key[0]], *key[1:]))
    by_zone: dict[str, list[Point | None]] = {}
    for key in keys:
        by_zone.setdefault(key[0], []).append(_middle(clusters[key]))
    return _grouped(by_zone.items(), drawn=False), tuple(tuple(clusters[key]) for key in keys)


def _clusters(points: Iterable[SurveyPoint], side_m: float) -> dict[tuple[str, int, int], list[SurveyPoint]]:
    """Points by zone and square of its map."""
    clusters: defaultdict[tuple[str, int, int], list[SurveyPoint]] = defaultdict(list)
    for point in points:
        x, y = point.at or (0.0, 0.0)
        clusters[point.zone, math.floor(x / side_m), math.floor(y / side_m)].append(point)
    return clusters


def _grouped(zones: Iterable[tuple[str, Sequence[Point | None]]], *, drawn: bool) -> Places:
    names: list[str] = []
    slices: list[slice] = []
    points: list[Point | None] = []
    for name, inside in zones:
        names.append(name)
        slices.append(slice(len(points), len(points) + len(inside)))
        points += inside
    return Places(tuple(names), tuple(slices), tuple(points), drawn)


def _cells(zone: Zone, side_m: float) -> list[Point]:
    """The middles of the cells of a zone; a zone smaller than a cell is one, in the middle of its corners."""
    (left, right), (bottom, top) = ((min(axis), max(axis)) for axis in zip(*zone.polygon, strict=True))
    across, up = max(1, round((right - left) / side_m)), max(1, round((top - bottom) / side_m))
    middles = (
        (left + (i + 0.5) * (right - left) / across, bottom + (j + 0.5) * (top - bottom) / up)
        for i in range(across)
        for j in range(up)
    )
    return [point for point in middles if contains(zone.polygon, point)] or [middle(zone.polygon)]


def _middle(points: Sequence[SurveyPoint]) -> Point | None:
    known = [point.at for point in points if point.at is not None]
    return middle(known) if known else None
