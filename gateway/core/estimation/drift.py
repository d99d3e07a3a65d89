"""Anchors that are no longer heard as the survey has them: moved, replaced or lost since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from gateway.core.estimation.field import Field
from gateway.core.estimation.placing import Doubt

WITNESSES: Final = 5
"""Anchors that must be heard together: from fewer nobody can tell which of them is wrong."""
USUAL: Final = 0.8
"""How far a reading is from what is expected, in spreads, where nothing has moved (mean)."""
DOUBTED: Final = 1.2
TRUSTED: Final = 0.95
"""From the one an anchor is doubted, below the other no longer. On recorded walks of an office anchors that stand as
surveyed lie between 0.6 and 0.9; one that is 15 dB weaker lies above 2."""
MEMORY: Final = 100
"""A reading counts as one in so many, so that one odd visitor does not decide."""
LOUD_DBM: Final = -75.0
"""An anchor expected louder than this should be heard now and then."""
MISSED: Final = 60
"""Silent is what was not heard in so many bursts in a row in which it should have been."""
MOST_DOUBTED: Final = 3
"""Of so many anchors one may be left out; with more in doubt all are heard: it is the survey that is wrong."""


@dataclass(slots=True)
class _Standing:
    off: float = USUAL
    missed: int = 0
    doubt: Doubt | None = None


class Drift:
    """What every anchor of a survey was found to be off by, judged by the others at the place that they agree on.

    `surveyed` are the anchors of the field that the survey knows: one that was added since cannot contradict it.
    """

    def __init__(self, field: Field, surveyed: Iterable[str]) -> None:
        self._field = field
        self._standings = {anchor: _Standing() for anchor in sorted(surveyed)}
        self._loud: dict[int, tuple[str, ...]] = {}
        self._news: dict[str, Doubt | None] = {}

    @property
    def doubted(self) -> Mapping[str, Doubt]:
        """The anchors in doubt, and why."""
        return {anchor: each.doubt for anchor, each in self._standings.items() if each.doubt is not None}

    def news(self) -> Mapping[str, Doubt | None]:
        """The anchors whose standing changed since this was last asked; None: as surveyed again."""
        news, self._news = self._news, {}
        return news

    def hear(self, errors_db: Mapping[str, float], place: int) -> None:
        """Take in how much louder than expected each anchor of one burst was, had its visitor been at `place` (dB)."""
        if len(errors_db) < WITNESSES:
            return
        middle_db = median(errors_db.values())
        for anchor, error_db in errors_db.items():
            standing = self._standings.get(anchor)
            if standing is None:
                continue
            off = abs(error_db - middle_db) / self._field.spread_db(anchor, place)
            standing.off += (off - standing.off) / MEMORY
            standing.missed = 0
            self._judge(anchor, standing)
        for anchor in self._loud_at(place):
            if anchor not in errors_db:
                standing = self._standings[anchor]
                standing.missed += 1
                self._judge(anchor, standing)

    def trusted(self, levels: Mapping[str, float]) -> Mapping[str, float]:
        """The levels that places may be judged by: those of anchors in doubt do not count while most are not."""
        doubted = self.doubted
        if not doubted or len(doubted) * MOST_DOUBTED > len(self._standings):
            return levels
        return {anchor: dbm for anchor, dbm in levels.items() if anchor not in doubted} or levels

    def _judge(self, anchor: str, standing: _Standing) -> None:
        doubt: Doubt | None = None
        if standing.missed >= MISSED:
            doubt = "silent"
        elif standing.off > (TRUSTED if standing.doubt == "moved" else DOUBTED):
            doubt = "moved"
        if doubt != standing.doubt:
            standing.doubt = self._news[anchor] = doubt

    def _loud_at(self, place: int) -> Sequence[str]:
        loud = self._loud.get(place)
        if loud is None:
            loud = self._loud[place] = tuple(
                anchor for anchor in self._standings if self._field.mean_dbm(anchor, place) > LOUD_DBM
            )
        return loud
