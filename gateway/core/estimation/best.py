"""The best way to judge zones that a floor plan and a survey allow."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from gateway.core.estimation.decision import FLOOR_LEAD, Costs
from gateway.core.estimation.drift import Drift
from gateway.core.estimation.field import TOGETHER_DB, Expected, Field, modelled
from gateway.core.estimation.front import Front
from gateway.core.estimation.interpolation import between, by_cluster
from gateway.core.estimation.loudest import Loudest
from gateway.core.estimation.motion import Jump, Walk
from gateway.core.estimation.places import Places, cells_of, clusters_of
from gateway.core.estimation.placing import Placing, Way
from gateway.core.estimation.posterior import Located
from gateway.core.options import CoreOptions
from gateway.core.polygon import Point
from gateway.core.shop import Shop
from gateway.model.documents import FloorPlan
from gateway.model.survey import Survey, SurveyPoint

WHOLE_FLOOR: Final = "floor"
"""Zones of this kind are floors."""
FEWEST_ANCHORS: Final = 3
"""From fewer places nobody can tell where a visitor is."""
HEARS: Final = frozenset({"adapter", "satellite"})
"""Kinds of receivers that hear radio."""


def best_way(shop: Shop, survey: Survey | None, options: CoreOptions) -> Placing:
    """A survey, or anchors' positions with zones drawn, or only the zones of receivers and beacons."""
    plan, cells = shop.plan, cells_of(shop.plan)
    points = [point for point in survey.points if point.zone in plan.zones] if survey is not None else []
    surveyed = len({point.zone for point in points}) > 1
    if cells is None or (surveyed and any(point.at is None for point in points)):
        if not surveyed:
            return Loudest(shop, options)
        places, clusters = clusters_of(plan, points)
        meets = _beside(plan, places, points)
        costs = replace(_costs(shop, places, options), meets=meets)
        return Located("survey", places, Field(by_cluster(clusters)), Jump(places, meets), costs)
    learned = between(cells, points, _floors(plan)) if surveyed else {}
    expected = {**_by_position(shop, cells), **learned}
    if not surveyed and len(expected) < FEWEST_ANCHORS:
        return Loudest(shop, options)
    way: Way = "survey" if surveyed else "adjacency" if _meets(plan) else "positions"
    outdoors = _outdoors(shop, cells)
    front = Front(cells, outdoors) if len(set(outdoors)) > 1 else None
    field, costs = Field(expected, TOGETHER_DB if surveyed else 0.0), _costs(shop, cells, options)
    drift = Drift(field, learned) if surveyed else None
    return Located(way, cells, field, _walk(plan, cells), costs, front=front, drift=drift)


def _outdoors(shop: Shop, places: Places) -> list[bool]:
    """By place, whether it is before the shop."""
    return [places.zones[zone] in shop.outside for zone in places.zone_of]


def _by_position(shop: Shop, cells: Places) -> Mapping[str, Expected]:
    """What the law of loss expects of every anchor whose place is known."""
    outdoors = _outdoors(shop, cells)
    return {
        anchor: modelled(cells, at, outdoors, shop.anchors.get(anchor) in shop.outside)
        for anchor, at in _positions(shop, cells).items()
    }


def _positions(shop: Shop, cells: Places) -> Mapping[str, Point]:
    """Where each anchor is on the plane of all floors, of those whose place and floor the plan gives."""
    plan, floors = shop.plan, _floors(shop.plan)
    anchors = [(each.id, each.at) for each in plan.receivers.values() if each.kind in HEARS]
    anchors += [(f"b.{each.id}", each.at) for each in plan.beacons.values() if not each.mobile]
    only = cells.floors[0] if len(cells.floors) == 1 else None
    of_anchor = {anchor: floors.get(shop.anchors.get(anchor) or "", only) for anchor, _ in anchors}
    return {
        anchor: cells.laid(of_anchor[anchor], at)
        for anchor, at in anchors
        if at is not None and of_anchor[anchor] in cells.floors
    }


def _floors(plan: FloorPlan) -> Mapping[str, str | None]:
    """The floor of each zone."""
    return {zone.id: zone.floor for zone in plan.zones.values()}


def _meets(plan: FloorPlan) -> frozenset[tuple[str, str]]:
    """Pairs of zones that meet, by either's word; empty where the plan does not say."""
    told = {(zone.id, other) for zone in plan.zones.values() for other in zone.adjacent}
    return frozenset(told | {(other, zone) for zone, other in told})


def _beside(plan: FloorPlan, places: Places, points: Sequence[SurveyPoint]) -> Mapping[int, Sequence[int]]:
    """By zone those that meet it, by the plan; of a zone that it says nothing of, those surveyed just before and after.

    A surveyor walks from a zone into the next one as visitors do.
    """
    meets = _meets(plan)
    told = {zone for pair in meets for zone in pair}
    walked = {(one.zone, other.zone) for one, other in pairwise(points) if not told >= {one.zone, other.zone}}
    pairs = meets | walked | {(other, one) for one, other in walked}
    return {
        zone: [other for other, there in enumerate(places.zones) if other != zone and (here, there) in pairs]
        for zone, here in enumerate(places.zones)
    }


def _walk(plan: FloorPlan, cells: Places) -> Walk:
    meets, zones = _meets(plan), cells.zones
    silent = set(zones) - {zone for pair in meets for zone in pair}

    def passable(source: int, target: int) -> bool:
        one, other = zones[source], zones[target]
        return one == other or (one, other) in meets or one in silent or other in silent

    floors = _floors(plan)
    stairs = {
        zone: [other for other, there in enumerate(zones) if (here, there) in meets and floors[here] != floors[there]]
        for zone, here in enumerate(zones)
    }
    return Walk(cells, passable, stairs)


def _costs(shop: Shop, places: Places, options: CoreOptions) -> Costs:
    outdoors = tuple(zone in shop.outside for zone in places.zones)
    lead = options.switch_lead
    leads = tuple(max(lead, FLOOR_LEAD) if shop.zone_kind(zone) == WHOLE_FLOOR else lead for zone in places.zones)
    return Costs(leads, options.zone_confidence, options.storefront_weight, outdoors)
