"""What a calibration walk taught of a shop's radio."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heard:
    """What one anchor's signal was at a point: mean and standard deviation (dBm, dB) of `count` readings."""

    mean_dbm: float
    deviation_db: float
    count: int


@dataclass(frozen=True, slots=True)
class SurveyPoint:
    """Where the surveyor was, `at` in metres on the map of the zone's floor (None: somewhere in the zone).

    `scans` is how often something was heard there; `heard` goes by anchor: a receiver's id, `b.` and the id of a beacon
    of the floor plan, or the identity of a beacon that it does not know.
    """

    zone: str
    at: tuple[float, float] | None
    scans: int
    heard: Mapping[str, Heard]


@dataclass(frozen=True, slots=True)
class Survey:
    """The points of a survey of one store."""

    store: str
    points: tuple[SurveyPoint, ...]
