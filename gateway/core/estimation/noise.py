"""How quiet a shop's radio is: where readings agree better than in most shops, each tells more."""

from collections.abc import Sequence
from statistics import fmean
from typing import Final

WITNESSES: Final = 4
"""From fewer readings of one burst nobody can tell how well they agree."""
USUAL: Final = 0.8
"""How far readings are from their mean error, in spreads, where the spread is right (mean of a normal distribution). In
the recorded walks 0.47 to 0.68 of the law of loss's."""
FIRST: Final = 4
MEMORY: Final = 400
"""A burst counts as one in so many, at first and later."""
QUIETEST: Final = 0.3
STEP: Final = 0.1
BEYOND: Final = 0.6
"""The spread is narrowed to no less than this share, in steps: likelihoods are computed anew for each, so that a step
is made when it is due by this much of one, not at each wavering about the half."""


class Noise:
    """What share of the expected spread the readings of a shop have."""

    def __init__(self) -> None:
        self.share = 1.0
        """From `QUIETEST` to 1."""
        self._off = 1.0
        self._bursts = FIRST

    def hear(self, errors_db: Sequence[float], spread_db: float) -> None:
        """Take in how much louder than expected each anchor of a burst was (dB)."""
        if len(errors_db) < WITNESSES:
            return
        middle_db = fmean(errors_db)
        off = fmean(abs(error_db - middle_db) for error_db in errors_db) / spread_db
        self._bursts = min(MEMORY, self._bursts + 1)
        self._off += (off - self._off) / self._bursts
        share = min(1.0, max(QUIETEST, self._off / USUAL))
        if abs(share - self.share) > BEYOND * STEP:
            self.share = round(share / STEP) * STEP
