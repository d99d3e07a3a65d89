"""The field: what each anchor's signal should be at each place, and how likely a reading makes each place.

From a survey where there is one, else from one law of loss along the way for all shops. The constants here and in
`motion` and `decision` were fitted together, on recorded walks of an office and drives through a gate
(`benchmarks/fit.py`), and hold for every shop.
"""

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from gateway.core.estimation.lanes import LIFT, SCALE, ZERO, packed, unpacked
from gateway.core.estimation.levels import Levels
from gateway.core.estimation.places import Places, same_floor
from gateway.core.polygon import Point

FREEDOM: Final = 5.2
"""Degrees of freedom of Student's t: a reading far off, a body in the way, does not decide alone."""
TEMPER: Final = 0.7
"""Receivers' errors agree, since one body weakens several: together they tell less than each alone would."""
TOGETHER_DB: Final = 4.0
"""How far all readings of a burst may be off together (standard deviation, dB) from what a survey lets expect: another
transmitter than the survey's, a hand around it."""
AT_1_M_DBM: Final = -54.6
LOSS_EXPONENT: Final = 2.66
NEAREST_M: Final = 1.28
MODEL_SPREAD_DB: Final = 10.0
"""As wide as in the noisiest shop; `noise` narrows it within a few bursts to what this shop's readings differ by.
Beside a survey, which tells more, it stays."""
OTHER_FLOOR_DBM: Final = -95.0
"""What a receiver hears through a ceiling."""
WALL_DB: Final = 1.8
"""What the shop's front takes off between a receiver on one side and a visitor on the other (dB)."""
MAX_TABLES: Final = 1024
"""Tables of likelihoods kept, one an anchor and whole dBm; the oldest is dropped, and made again when asked for."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What one anchor's readings are by place: mean (dBm), spread (dB), and how often a report tells it.

    `rates` is None where how often says nothing: a receiver's packets come one by one, only a phone's report tells all
    that it heard. `levels` are those that the survey read, where its places are no points between others but stand
    for themselves.
    """

    mean_dbm: Sequence[float]
    spread_db: Sequence[float]
    rates: Sequence[float] | None = None
    levels: Levels | None = None


class Field:
    """Likelihoods of readings, by place; `together_db` is how far those of one burst may be off together."""

    def __init__(self, expected: Mapping[str, Expected], together_db: float = 0.0) -> None:
        self._expected = expected
        self._steady = {anchor: _steady(each) for anchor, each in expected.items()}
        self._places = max((len(each.mean_dbm) for each in expected.values()), default=0)
        self._together_db = together_db
        self._curvatures = {anchor: _curvature(each) for anchor, each in expected.items()} if together_db else {}
        self._tables: dict[tuple[str, int], int] = {}
        self._share = 1.0
        self._none = packed([0.0] * self._places)
        self._silence = packed(_unheard([each.rates for each in expected.values() if each.rates is not None]))

    def __contains__(self, anchor: str) -> bool:
        return anchor in self._expected

    @property
    def anchors(self) -> frozenset[str]:
        """The anchors whose readings say something."""
        return frozenset(self._expected)

    def likelihoods(self, levels: Mapping[str, float]) -> list[float]:
        """How likely each place makes it to hear these anchors at these levels (to a whole dBm), but for a factor.

        Where a report tells all that was heard, what it leaves out counts too. What all readings are off by together, b
        of a normal distribution with deviation c, tells of no place: it is integrated out by Laplace's method, with one
        of Newton's steps from b = 0. With the slope G of the log likelihood there, told by a dB more and less, and its
        curvature H (as expected, the same for all places) its logarithm grows by G² / 2(H + 1/c²).

        Raises:
            KeyError: nothing is known of an anchor.
        """
        heard = [(anchor, round(dbm)) for anchor, dbm in levels.items()]
        logs = unpacked(sum(map(self._table, heard), self._silence), self._places)
        highest, exp = max(logs), math.exp
        if not self._together_db:
            return [exp((log - highest) / SCALE) for log in logs]
        louder, weaker = (sum(self._table((anchor, dbm + by)) for anchor, dbm in heard) for by in (1, -1))
        slopes = unpacked(self._none + louder - weaker, self._places)
        curvature = math.fsum(self._curvatures[anchor] for anchor in levels)
        zero, gain = ZERO + LIFT, 1 / (2 * SCALE) ** 2 / 2 / (curvature + 1 / self._together_db**2)
        return [
            exp((log - highest) / SCALE + gain * (g := slope - zero) * g)
            for log, slope in zip(logs, slopes, strict=True)
        ]

    def log_likelihoods(self, anchor: str, rssi_dbm: int) -> Sequence[float]:
        """The tempered log likelihood of hearing one anchor at this level, at each place.

        Raises:
            KeyError: nothing is known of the anchor.
        """
        expected, half, log = self._expected[anchor], TEMPER * (FREEDOM + 1) / 2, math.log
        if expected.levels is not None:
            return _read(expected, expected.levels, rssi_dbm)
        freedom = FREEDOM * self._share**2
        places = zip(expected.mean_dbm, expected.spread_db, self._steady[anchor], strict=True)
        return [
            steady - half * log(freedom * spread * spread + (off := rssi_dbm - mean) * off)
            for mean, spread, steady in places
        ]

    def narrow(self, share: float) -> None:
        """Readings differ by this share of the spread that was expected."""
        if share != self._share:
            self._share = share
            self._tables.clear()

    def surprise_db(self, anchor: str, rssi_dbm: float, place: int) -> float:
        """How much louder than expected the anchor was heard, had the visitor been at `place` (dB)."""
        return rssi_dbm - self._expected[anchor].mean_dbm[place]

    def mean_dbm(self, anchor: str, place: int) -> float:
        """The level that is expected of the anchor at `place` (dBm)."""
        return self._expected[anchor].mean_dbm[place]

    def spread_db(self, anchor: str, place: int) -> float:
        """How much its readings differ there (standard deviation, dB)."""
        return self._expected[anchor].spread_db[place]

    def _table(self, key: tuple[str, int]) -> int:
        """The packed logarithms of how likely each place makes this one reading."""
        table = self._tables.get(key)
        if table is None:
            while len(self._tables) >= MAX_TABLES:
                del self._tables[next(iter(self._tables))]
            table = self._tables[key] = packed(self.log_likelihoods(*key))
        return table


def modelled(places: Places, at: Point, outdoors: Sequence[bool], anchor_outdoors: bool) -> Expected:
    """What an anchor `at` this place is heard at, by distance; `outdoors` says which places are before the shop."""
    means = []
    for point, outside in zip(places.points, outdoors, strict=True):
        if point is not None and not same_floor(point, at):
            means.append(OTHER_FLOOR_DBM)
            continue
        distance_m = NEAREST_M if point is None else max(NEAREST_M, math.dist(point, at))
        wall_db = WALL_DB if outside != anchor_outdoors else 0.0
        means.append(AT_1_M_DBM - 10 * LOSS_EXPONENT * math.log10(distance_m) - wall_db)
    return Expected(array("d", means), array("d", [MODEL_SPREAD_DB]) * len(means))


def _curvature(expected: Expected) -> float:
    """The curvature of its log likelihood that one reading lets expect (Fisher's information of Student's t)."""
    return TEMPER * (FREEDOM + 1) / (FREEDOM + 3) * fmean(1 / spread**2 for spread in expected.spread_db)


def _read(expected: Expected, levels: Levels, rssi_dbm: int) -> "array[float]":
    """The tempered log likelihood of this level at each place, by the readings that were taken there."""
    models = zip(expected.mean_dbm, expected.spread_db, strict=True)
    densities = levels.densities(rssi_dbm, (_student((rssi_dbm - mean) / spread) / spread for mean, spread in models))
    odds = [rate / (1 - rate) for rate in _rates(expected)]
    return array("d", (TEMPER * math.log(each * odd) for each, odd in zip(densities, odds, strict=True)))


def _student(deviation: float) -> float:
    """The density of Student's t."""
    half = (FREEDOM + 1) / 2
    peak = math.gamma(half) / math.gamma(FREEDOM / 2) / math.sqrt(FREEDOM * math.pi)
    return peak * math.exp(-half * math.log1p(deviation**2 / FREEDOM))


def _unheard(rates: Sequence[Sequence[float]]) -> "array[float]":
    logs = (sum(math.log1p(-rate) for rate in of_place) for of_place in zip(*rates, strict=True))
    return array("d", (TEMPER * log for log in logs))


def _steady(expected: Expected) -> "array[float]":
    """The part of the tempered log likelihood at each place in which the level has no say."""
    places = zip(_rates(expected), expected.spread_db, strict=True)
    return array("d", (TEMPER * (math.log(rate / (1 - rate)) + FREEDOM * math.log(spread)) for rate, spread in places))


def _rates(expected: Expected) -> Sequence[float]:
    return expected.rates or [0.5] * len(expected.mean_dbm)
