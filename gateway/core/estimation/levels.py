"""How probable a level is where a survey read many: what was read counts, not only its mean and spread.

A phone hears a beacon on three channels and by what walls throw back, so that its levels have two peaks or three.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

SMOOTH_DB: Final = 3.0
"""A reading speaks for the levels about its own (standard deviation of a Gaussian kernel)."""
REACH: Final = 3.0
"""As far as this many standard deviations."""
MODEL_READINGS: Final = 15.0
"""Where few were taken a model says more than they do: it counts as so many of them."""


@dataclass(frozen=True, slots=True)
class Levels:
    """At what levels one anchor was read: by level (whole dBm) at which places and how often, and how often at each."""

    by_level: Mapping[int, Sequence[tuple[int, int]]]
    counts: Sequence[int]

    def densities(self, rssi_dbm: int, modelled: Iterable[float]) -> list[float]:
        """How probable this level is at each place (a dB), a kernel estimate drawn towards what is `modelled`."""
        sums = [MODEL_READINGS * density for density in modelled]
        reach = math.ceil(REACH * SMOOTH_DB)
        for off_db in range(-reach, reach + 1):
            weight = math.exp(-(off_db**2) / (2 * SMOOTH_DB**2)) / (SMOOTH_DB * math.sqrt(2 * math.pi))
            for place, count in self.by_level.get(rssi_dbm + off_db, ()):
                sums[place] += weight * count
        return [each / (count + MODEL_READINGS) for each, count in zip(sums, self.counts, strict=True)]


def gathered(by_place: Sequence[Mapping[int, int]]) -> Levels:
    """From how often each level of one anchor was read, place by place."""
    by_level: dict[int, list[tuple[int, int]]] = {}
    for place, levels in enumerate(by_place):
        for dbm, count in levels.items():
            by_level.setdefault(dbm, []).append((place, count))
    return Levels(by_level, tuple(sum(levels.values()) for levels in by_place))
