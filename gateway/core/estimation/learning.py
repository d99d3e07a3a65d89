"""What a calibration walk teaches: readings, each at a known place, gathered to points."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from gateway.core.polygon import Point
from gateway.model.survey import Heard, Survey, SurveyPoint

CELL_M: Final = 0.5
"""Scans nearer than about this are one point (metres); a shop walked for an hour still makes a small file."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What was heard at one instant, as (anchor, dBm), and where the surveyor was; `at` None: in the zone."""

    zone: str
    at: Point | None
    heard: tuple[tuple[str, float], ...]


def learned(store: str, scans: Iterable[Scan]) -> Survey:
    """The survey that these scans make: points in the order in which they were first visited."""
    visited: defaultdict[tuple[str, int | None, int | None], list[Scan]] = defaultdict(list)
    for scan in scans:
        x, y = (round(scan.at[0] / CELL_M), round(scan.at[1] / CELL_M)) if scan.at else (None, None)
        visited[scan.zone, x, y].append(scan)
    return Survey(store, tuple(_point(of_point) for of_point in visited.values()))


def _point(scans: list[Scan]) -> SurveyPoint:
    levels: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for scan in scans:
        for anchor, rssi_dbm in scan.heard:
            levels[anchor][round(rssi_dbm)] += 1
    places = [scan.at for scan in scans if scan.at is not None]
    at = (round(fmean(x for x, _ in places), 2), round(fmean(y for _, y in places), 2)) if places else None
    heard = {anchor: Heard(dict(of_anchor)) for anchor, of_anchor in sorted(levels.items())}
    return SurveyPoint(scans[0].zone, at, len(scans), heard)
