"""What a calibration walk taught of a shop's radio."""

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heard:
    """How one anchor was heard at a point: how often at each level (whole dBm), at least once."""

    levels: Mapping[int, int]

    @property
    def count(self) -> int:
        """How many readings there were."""
        return sum(self.levels.values())

    @property
    def mean_dbm(self) -> float:
        """Their mean (dBm)."""
        return sum(dbm * count for dbm, count in self.levels.items()) / self.count

    @property
    def deviation_db(self) -> float:
        """Their standard deviation (dB)."""
        mean_dbm = self.mean_dbm
        return math.sqrt(sum(count * (dbm - mean_dbm) ** 2 for dbm, count in self.levels.items()) / self.count)


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
