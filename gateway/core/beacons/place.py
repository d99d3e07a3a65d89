"""Whether a beacon is where it was: its level at each receiver, learned, against what is heard now."""

from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Final

from gateway.model.beacons import BeaconState, LearnedLevel

LEARNED: Final = 3
"""A level counts as learned after so many lessons."""
SHIFT_DB: Final = 10.0
"""A median this far from what was learned speaks for another place. People, stock and the weather of a room shift the
median of five minutes by some 6 dB (log-normal shadowing indoors: Rappaport, Wireless Communications, section 4.9)."""
SHIFT_ALONE_DB: Final = 15.0
"""So far where a single receiver can say: a pallet before it must not look like another place."""
AUDIBLE_DBM: Final = -85.0
"""A receiver that heard the beacon at least so loudly must hear it still; a weaker one may lose it to the noise."""
PASSED_BY: Final = 20
"""So many packets must others have heard before a receiver's silence means anything."""
MOVED_AFTER: Final = 3
"""Lessons in a row elsewhere (a quarter of an hour): a beacon lifted for cleaning is none that moved."""
STEADIEST: Final = 48
"""A new lesson weighs no less than this fraction: four hours of stock being put up are followed, not reported."""
MOST_LEVELS: Final = 8
"""The loudest receivers of a beacon are learned, no more."""


def after_lesson(
    state: BeaconState,
    medians: Mapping[str, float],
    packets: int,
    attentive: Container[str],
    places: Mapping[str, tuple[float, float] | None],
) -> BeaconState:
    """What a lesson tells of the place: `medians` (dBm) by receiver out of `packets` in all.

    `attentive` are the receivers that listened all the while, `places` where the shop's receivers stand (metres).
    """
    elsewhere = _is_elsewhere(state.levels, medians, packets, attentive)
    if elsewhere is None and state.astray:
        return state
    if elsewhere:
        astray = min(MOVED_AFTER, state.astray + 1)
        return replace(state, astray=astray, moved=state.moved or astray == MOVED_AFTER)
    astray = max(0, state.astray - 1)
    if astray:
        return replace(state, astray=astray)
    return replace(state, astray=0, moved=False, levels=_learned(state.levels, medians, places))


def _is_elsewhere(
    levels: tuple[LearnedLevel, ...], medians: Mapping[str, float], packets: int, attentive: Container[str]
) -> bool | None:
    """Whether most receivers, and two at least where there are two, find it elsewhere; None where none can say."""
    shifts_db = [
        shift_db
        for level in levels
        if level.lessons >= LEARNED and level.receiver in attentive
        if (shift_db := _shift_db(level, medians.get(level.receiver), packets)) is not None
    ]
    if len(shifts_db) < 2:
        return shifts_db[0] >= SHIFT_ALONE_DB if shifts_db else None
    shifted = sum(shift_db >= SHIFT_DB for shift_db in shifts_db)
    return shifted >= 2 and 2 * shifted >= len(shifts_db)


def _shift_db(level: LearnedLevel, median_dbm: float | None, packets: int) -> float | None:
    if median_dbm is not None:
        return abs(median_dbm - level.dbm)
    if level.dbm >= AUDIBLE_DBM and packets >= PASSED_BY:
        return SHIFT_ALONE_DB
    return None


def _learned(
    levels: tuple[LearnedLevel, ...],
    medians: Mapping[str, float],
    places: Mapping[str, tuple[float, float] | None],
) -> tuple[LearnedLevel, ...]:
    by_receiver = {level.receiver: level for level in levels}
    for receiver, dbm in medians.items():
        known = by_receiver.get(receiver) or LearnedLevel(receiver, dbm, 0, places.get(receiver))
        lessons = min(known.lessons + 1, STEADIEST)
        mean_dbm = round(known.dbm + (dbm - known.dbm) / lessons, 2)
        by_receiver[receiver] = replace(known, dbm=mean_dbm, lessons=lessons)
    loudest = sorted(by_receiver.values(), key=lambda level: (-level.dbm, level.receiver))[:MOST_LEVELS]
    return tuple(sorted(loudest, key=lambda level: level.receiver))
