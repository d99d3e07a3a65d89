"""Fit the estimator's constants to recorded walks: each is made smaller and larger, and what does best is told.

`python -m benchmarks.fit [ROUNDS]` prints how every row does by the present constants, by those that a search of so
many rounds (1 unless told) finds on all walks, and each walk by those found without it, which says what another shop
may expect. It changes nothing: write a constant that is worth it into its file. All walks count, a row as much as any
other whatever its length.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from statistics import fmean
from types import MappingProxyType, ModuleType
from typing import Final

from benchmarks.accuracy import ROWS, ours, read
from gateway.cli.scoring import Score, figures, pool
from gateway.core.estimation import best, decision, field, front, interpolation, levels, motion, posterior

FACTORS: Final = (0.8, 1.25)
FLAPS_WORTH: Final = 1000.0
"""So many flaps an hour are as bad as never telling the right zone."""
LEAST_GAIN: Final = 0.002
"""A constant is not changed for less: walks are few, and chance is worth more."""
CONSTANTS: Final[Mapping[str, ModuleType]] = MappingProxyType(
    {
        "FREEDOM": field,
        "TEMPER": field,
        "TOGETHER_DB": best,
        "AT_1_M_DBM": field,
        "LOSS_EXPONENT": field,
        "MODEL_SPREAD_DB": field,
        "KERNEL_M": interpolation,
        "LEAST_SPREAD_DB": interpolation,
        "ZONE_SCANS": interpolation,
        "SMOOTH_DB": levels,
        "MODEL_READINGS": levels,
        "FAINT_SPREAD_DB": interpolation,
        "WALK_M_S": motion,
        "STAY": motion,
        "JUMP_S": motion,
        "MIX_S": motion,
        "NEAR": motion,
        "BY_PLACE": motion,
        "AHEAD_S": front,
        "KEEPS_ON": front,
        "STEADY_S": front,
        "FRONT_LEAD": decision,
        "EVEN_ODDS": decision,
        "BACK_LEAD": decision,
        "BACK_S": decision,
        "UNLIKELY_LEAD": decision,
        "RETURN_S": decision,
        "SETTLE_S": decision,
        "STRONGER_S": posterior,
    }
)

Constants = tuple[tuple[str, float], ...]
Walk = tuple[str, Path]
"""The name of its row, and its capture."""


def main() -> None:
    """Print the rows by the present constants, by the best ones, and each walk by the best without it."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    present: Constants = tuple((name, getattr(module, name)) for name, module in CONSTANTS.items())
    walks = sorted(scored(present))
    best = _fitted(present, walks, rounds)
    _tell("present", {walk: scored(present)[walk] for walk in walks})
    for name, factor, gain in _gains(present, walks):
        print(f"  {name} x {factor}: {gain:+.4f}")
    _tell("fitted", {walk: scored(best)[walk] for walk in walks})
    for name, value in set(best) - set(present):
        print(f"  {name} = {value:.4g}")
    apart = {walk: _fitted(present, [each for each in walks if each != walk], rounds) for walk in walks}
    _tell("each walk by what was fitted without it", {walk: scored(apart[walk])[walk] for walk in walks})


@cache
def scored(constants: Constants) -> Mapping[Walk, tuple[Score, ...]]:
    """How every walk is told by these constants."""
    before = {name: getattr(CONSTANTS[name], name) for name, _ in constants}
    _use(constants)
    try:
        return {
            (row.name, capture): tuple(ours(capture, plan, survey))
            for row in ROWS
            for plan, survey, captures in (_read(row),)
            for capture in captures
        }
    finally:
        _use(before.items())


_read = cache(read)


def _use(constants: Iterable[tuple[str, float]]) -> None:
    for name, value in constants:
        setattr(CONSTANTS[name], name, value)


def _fitted(present: Constants, walks: Sequence[Walk], rounds: int) -> Constants:
    """The constants that so many steps, each the best one on these walks, lead to."""
    best = present
    for _ in range(rounds):
        tried = min(_neighbours(best), key=lambda constants: _loss(constants, walks))
        if _loss(tried, walks) > _loss(best, walks) - LEAST_GAIN:
            break
        best = tried
    return best


def _gains(constants: Constants, walks: Sequence[Walk]) -> Iterable[tuple[str, float, float]]:
    """What each change is worth, in shares of seconds."""
    present = _loss(constants, walks)
    changes = ((name, factor) for name, _ in constants for factor in FACTORS)
    for (name, factor), changed in zip(changes, _neighbours(constants), strict=True):
        yield name, factor, present - _loss(changed, walks)


def _neighbours(constants: Constants) -> Iterable[Constants]:
    """One constant changed at a time."""
    for place, (name, value) in enumerate(constants):
        for factor in FACTORS:
            yield (*constants[:place], (name, value * factor), *constants[place + 1 :])


def _loss(constants: Constants, walks: Sequence[Walk]) -> float:
    by_row = _by_row({walk: scored(constants)[walk] for walk in walks})
    return fmean(1 - each.right / each.seconds + each.flaps / each.hours / FLAPS_WORTH for each in by_row.values())


def _by_row(scores: Mapping[Walk, tuple[Score, ...]]) -> Mapping[str, Score]:
    of_row: dict[str, list[Score]] = {}
    for (row, _), of_walk in scores.items():
        of_row.setdefault(row, []).extend(of_walk)
    return {row: pool(each) for row, each in of_row.items()}


def _tell(title: str, scores: Mapping[Walk, tuple[Score, ...]]) -> None:
    print(title)
    for name, score in _by_row(scores).items():
        told = figures(score)
        print(f"  {name:<26}{told['zone_accuracy']:9.3f}{told['flaps_per_hour']:9.0f}", flush=True)


if __name__ == "__main__":
    main()
