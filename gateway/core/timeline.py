"""Ticks on the grid of time: which instant the engine must be woken at before an input is stepped."""

from math import ceil

from gateway.model.time import GRID_S, Now


def tick_due(deadline_s: float | None, last_s: float, now: Now) -> Now | None:
    """The first grid instant that is due, not before `last_s` and not after `now`, or None.

    `deadline_s` is the engine's: the ticks before it would do nothing, so they are left out. Callers step a `Tick` with
    the answer and ask again until None, then step their input.
    """
    if deadline_s is None:
        return None
    grid_s = grid_from_s(max(deadline_s, last_s))
    if grid_s > now.mono_s:
        return None
    return Now(grid_s, now.utc_s - (now.mono_s - grid_s), now.clock, now.boot_id)


def next_grid_s(mono_s: float) -> float:
    """The grid instant strictly after `mono_s` (monotonic seconds)."""
    return (mono_s // GRID_S + 1) * GRID_S


def grid_from_s(mono_s: float) -> float:
    """The first grid instant that is not before `mono_s` (monotonic seconds)."""
    return ceil(mono_s / GRID_S) * GRID_S
