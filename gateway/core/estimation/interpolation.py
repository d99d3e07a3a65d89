"""The field that a survey's points give: between them where zones are drawn, by cluster where they are not."""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from gateway.core.estimation.field import Expected
from gateway.core.estimation.places import Places, same_floor
from gateway.core.polygon import Point
from gateway.model.survey import Heard, SurveyPoint

KERNEL_M: Final = 1.06
"""How far a point of the survey speaks for its surroundings (standard deviation, metres)."""
FAR_WEIGHT: Final = 1e-9
"""Where no point is near, all those of the floor together say what is known."""
LEAST_SPREAD_DB: Final = 4.2
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
    names = sorted({anchor for cluster in clusters for point in cluster for anchor in point.heard})
    sums = {zone: _Sums(points) for zone, points in zones.items()}
    pairs = [(_Sums(cluster), sums[cluster[0].zone]) for cluster in clusters]
    return {anchor: _clustered(anchor, pairs) for anchor in names}


class _Sums:
    """Scans, and readings by anchor: how many, their sum, the sum of their squares' spread."""

    def __init__(self, points: Sequence[SurveyPoint]) -> None:
        self.scans = sum(point.scans for point in points)
        self.counts: Counter[str] = Counter()
        self.levels: defaultdict[str, float] = defaultdict(float)
        self.squares: defaultdict[str, float] = defaultdict(float)
        for point in points:
            for anchor, heard in point.heard.items():
                self.counts[anchor] += heard.count
                self.levels[anchor] += heard.count * heard.mean_dbm
                self.squares[anchor] += heard.count * (heard.deviation_db**2 + heard.mean_dbm**2)

    def variance(self, anchor: str) -> float:
        """Of the readings of `anchor` (dB²), at least that of the least spread."""
        count = self.counts[anchor]
        mean = self.levels[anchor] / count
        return max(LEAST_SPREAD_DB**2, self.squares[anchor] / count - mean * mean)


def _clustered(anchor: str, pairs: Sequence[tuple[_Sums, _Sums]]) -> Expected:
    means, spreads, rates = array("d"), array("d"), array("d")
    for cluster, zone in pairs:
        count = cluster.counts[anchor]
        zone_rate = (zone.counts[anchor] + SHOP_RATE * SHOP_SCANS) / (zone.scans + SHOP_SCANS)
        zone_level = (zone.levels[anchor] + READINGS * FAINT_DBM) / (zone.counts[anchor] + READINGS)
        rates.append(min(MOST_RATE, (count + ZONE_SCANS * zone_rate) / (cluster.scans + ZONE_SCANS)))
        means.append((cluster.levels[anchor] + READINGS * zone_level) / (count + READINGS))
        read = count * cluster.variance(anchor) if count else 0.0
        spreads.append(math.sqrt((read + READINGS * FAINT_SPREAD_DB**2) / (count + READINGS)))
    return Expected(means, spreads, rates)
