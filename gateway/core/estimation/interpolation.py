"""The field that a survey's points give: between them where zones are drawn, by cluster where they are not."""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from gateway.core.estimation.field import Expected
from gateway.core.estimation.levels import gathered
from gateway.core.estimation.places import Places, same_floor
from gateway.core.polygon import Point
from gateway.model.survey import Heard, SurveyPoint

KERNEL_M: Final = 1.06
"""How far a point of the survey speaks for its surroundings (standard deviation, metres)."""
FAR_WEIGHT: Final = 1e-9
"""Where no point is near, all those of the floor together say what is known."""
LEAST_SPREAD_DB: Final = 4.7
"""A stand is not long enough to see how much a level varies: never less than this."""

ZONE_SCANS: Final = 3.0
"""How often a beacon is heard in a cluster is drawn towards its zone's rate, as by this many scans."""
SHOP_SCANS: Final = 30.0
SHOP_RATE: Final = 0.003
"""A zone's own rate is drawn towards this, as by `SHOP_SCANS`."""
MOST_RATE: Final = 0.98
"""No beacon is heard always."""
READINGS: Final = 1.0
FAINT_DBM: Final = -85.0
FAINT_SPREAD_DB: Final = 10.0
"""A level seldom read is drawn towards its zone's and this, as by `READINGS`."""

Clusters = Sequence[Sequence[SurveyPoint]]


def between(
    places: Places, points: Sequence[SurveyPoint], floor_of: Mapping[str, str | None]
) -> Mapping[str, Expected]:
    """By anchor, what a survey of points with positions lets expect at each place; `floor_of` goes by zone."""
    floors = [floor_of.get(point.zone) for point in points]
    laid = [
        None if point.at is None else places.laid(floor, point.at) for floor, point in zip(floors, points, strict=True)
    ]
    weights = [_weights(place, laid) for place in places.points]
    anchors = sorted({anchor for point in points for anchor in point.heard})
    return {anchor: _interpolated([point.heard.get(anchor) for point in points], weights) for anchor in anchors}


def _weights(place: Point | None, points: Sequence[Point | None]) -> list[float]:
    if place is None:
        return [1.0] * len(points)
    return [0.0 if at is None or not same_floor(place, at) else FAR_WEIGHT + _near(place, at) for at in points]


def _near(place: Point, at: Point) -> float:
    return math.exp(-(math.dist(place, at) ** 2) / (2 * KERNEL_M**2))


def _interpolated(heard: Sequence[Heard | None], weights: Sequence[Sequence[float]]) -> Expected:
    known = [
        (index, one.mean_dbm, one.deviation_db**2 + one.mean_dbm**2)
        for index, one in enumerate(heard)
        if one is not None
    ]
    means, spreads = array("d"), array("d")
    for of_place in weights:
        total = sum(of_place[index] for index, _, _ in known)
        if not total:  # not heard on this floor
            means.append(FAINT_DBM)
            spreads.append(FAINT_SPREAD_DB)
            continue
        mean = sum(of_place[index] * level for index, level, _ in known) / total
        variance = sum(of_place[index] * square for index, _, square in known) / total - mean * mean
        means.append(mean)
        spreads.append(max(LEAST_SPREAD_DB, math.sqrt(max(0.0, variance))))
    return Expected(means, spreads)


def by_cluster(clusters: Clusters) -> Mapping[str, Expected]:
    """By anchor, what to expect in each cluster of points: how often it is heard there tells the most."""
    zones: defaultdict[str, list[SurveyPoint]] = defaultdict(list)
    for cluster in clusters:
        zones[cluster[0].zone] += cluster
    whole = {zone: _pooled(points) for zone, points in zones.items()}
    pairs = [(_pooled(cluster), whole[cluster[0].zone]) for cluster in clusters]
    anchors = sorted({anchor for zone in whole.values() for anchor in zone.heard})
    return {anchor: _clustered(anchor, pairs) for anchor in anchors}


def _pooled(points: Sequence[SurveyPoint]) -> SurveyPoint:
    """All that was read at points of one zone, as if at one."""
    levels: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for point in points:
        for anchor, heard in point.heard.items():
            levels[anchor].update(heard.levels)
    heard_there = {anchor: Heard(of_anchor) for anchor, of_anchor in levels.items()}
    return SurveyPoint(points[0].zone, None, sum(point.scans for point in points), heard_there)


def _clustered(anchor: str, pairs: Sequence[tuple[SurveyPoint, SurveyPoint]]) -> Expected:
    means, spreads, rates = array("d"), array("d"), array("d")
    for cluster, zone in pairs:
        here, around = cluster.heard.get(anchor), zone.heard.get(anchor)
        count = here.count if here else 0
        in_zone = around.count if around else 0
        zone_rate = (in_zone + SHOP_RATE * SHOP_SCANS) / (zone.scans + SHOP_SCANS)
        rates.append(min(MOST_RATE, (count + ZONE_SCANS * zone_rate) / (cluster.scans + ZONE_SCANS)))
        means.append(_drawn(here, _drawn(around, FAINT_DBM)))
        read = count * max(LEAST_SPREAD_DB, here.deviation_db) ** 2 if here else 0.0
        spreads.append(math.sqrt((read + READINGS * FAINT_SPREAD_DB**2) / (count + READINGS)))
    of_clusters = (cluster.heard.get(anchor) for cluster, _ in pairs)
    return Expected(means, spreads, rates, gathered([heard.levels if heard else {} for heard in of_clusters]))


def _drawn(heard: Heard | None, towards_dbm: float) -> float:
    """The mean of what was read, drawn towards a level where it was seldom."""
    if heard is None:
        return towards_dbm
    return (heard.count * heard.mean_dbm + READINGS * towards_dbm) / (heard.count + READINGS)
