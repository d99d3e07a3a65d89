"""How a beacon is, from what is known of it: the gravest trouble first."""

from typing import Final

from gateway.model.beacons import BeaconState, BeaconVerdict

WEAK_MV: Final = 2400
"""A battery below this is weak: a lithium coin cell holds 2.7 to 3.0 V for most of its life and then falls fast."""
WELL_MV: Final = 2600
"""A weak one is well again from here on, so that a cold night does not make it flap."""
SILENT_AFTER_INTERVALS: Final = 10.0
"""A beacon is silent after so many of its longest usual gaps,"""
SILENT_MIN_S: Final = 30.0
"""never sooner than this (seconds),"""
SILENT_MAX_S: Final = 900.0
"""and never later (seconds): so much too while its interval is not known."""
CLONED_FOR_S: Final = 1800.0
"""A suspicion holds for this long after the last contradiction (seconds)."""


def is_weak(battery_mv: int | None, before: bool) -> bool:
    """Whether a battery is weak that was so `before`; None says nothing."""
    if battery_mv is None:
        return before
    return battery_mv < (WELL_MV if before else WEAK_MV)


def patience_s(interval_s: float | None) -> float:
    """How long a beacon of this interval may be silent (seconds)."""
    if interval_s is None:
        return SILENT_MAX_S
    return min(SILENT_MAX_S, max(SILENT_MIN_S, SILENT_AFTER_INTERVALS * interval_s))


def verdict_on(state: BeaconState, *, mobile: bool, listened_since_s: float | None, mono_s: float) -> BeaconVerdict:
    """The verdict at `mono_s` (monotonic s).

    `listened_since_s` is since when all that heard the beacon listen, None while one does not: until it does, and for
    the beacon's patience after it, nothing is silent. Who is silent stays so until it is heard. A tag may go away.
    """
    if not mobile and _is_silent(state, listened_since_s, mono_s):
        return "silent"
    if state.cloned is not None and mono_s - state.cloned.mono_s < CLONED_FOR_S:
        return "cloned"
    if state.moved:
        return "moved"
    return "weak" if state.weak else "ok"


def _is_silent(state: BeaconState, listened_since_s: float | None, mono_s: float) -> bool:
    if state.verdict == "silent" and state.heard.mono_s <= state.since.mono_s:
        return True
    if listened_since_s is None:
        return False
    return mono_s - max(state.heard.mono_s, listened_since_s) >= patience_s(state.interval_s)
