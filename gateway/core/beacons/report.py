"""What head office is told of a beacon, and when: a change soon, a flapping one seldom, each one once a day."""

from collections.abc import Mapping
from typing import Final

from gateway.core.beacons.verdict import patience_s
from gateway.model.beacons import BeaconState
from gateway.model.time import At, rfc3339

APART_S: Final = 600.0
"""Two reports of a beacon are never closer (seconds): what changed and changed back meanwhile is not told."""
DAILY_S: Final = 86_400.0
"""An unchanged beacon is reported this often (seconds),"""
SETTLED_S: Final = 900.0
"""and the first time once it has been well for so long (seconds), for then its rate is known."""


def is_due(state: BeaconState, mono_s: float) -> bool:
    """Whether to report the beacon at `mono_s` (monotonic s)."""
    if state.told_at is None:
        return state.verdict != "ok" or (state.per_minute is not None and _settled(state, mono_s))
    told_s = mono_s - state.told_at.mono_s
    return told_s >= (APART_S if state.verdict != state.told else DAILY_S)


def _settled(state: BeaconState, mono_s: float) -> bool:
    """Well for long, and heard just now: one whose receivers are down is not known to be well."""
    return mono_s - state.since.mono_s >= SETTLED_S and mono_s - state.heard.mono_s <= patience_s(state.interval_s)


def happened(state: BeaconState, at: At) -> At:
    """When what is reported `at` this time happened: the last packet of a silent beacon, the change, or now."""
    if state.verdict == state.told:
        return at
    return state.heard if state.verdict == "silent" else state.since


def facts(state: BeaconState) -> Mapping[str, object]:
    """The `data` of `beacon.reported`."""
    return {
        "beacon": state.beacon,
        "state": state.verdict,
        "heard_at": rfc3339(state.heard.utc_s),
        "heard_by": list(state.heard_by),
        "per_minute": state.per_minute,
        "interval_s": state.interval_s,
        "battery_mv": state.battery_mv,
        "temperature_c": state.temperature_c,
    }
