"""The shop's own beacons as its receivers hear them: what was learned of each, and how it is."""

from dataclasses import dataclass
from typing import Literal

from gateway.model.time import At

BeaconVerdict = Literal["ok", "weak", "moved", "cloned", "silent"]
"""How a beacon is, a graver trouble hiding a lighter one: `weak` its battery, `moved` from where it was learned,
`cloned` a suspicion only, `silent` too long for its own rhythm."""


@dataclass(frozen=True, slots=True)
class LearnedLevel:
    """How loud a beacon is at a receiver: `dbm` over `lessons` of them, while the receiver stood `at` (metres)."""

    receiver: str
    dbm: float
    lessons: int
    at: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class BeaconState:
    """What is known of one beacon of the floor plan.

    `verdict` holds since `since`; `heard` is the last packet, `heard_by` the receivers that heard it lately;
    `interval_s` its longest usual gap, `per_minute` the packets heard a minute; `battery_mv` and `temperature_c` as it
    says itself, `weak` what the first comes to. `at` and `zone` are the floor plan's while `levels` were learned;
    `astray` counts the lessons that it was elsewhere, less those that it was back, until it counts as `moved`.
    `cloned` is when it last was in two places; `told` and `told_at` the verdict that head office heard last.
    """

    beacon: str
    heard: At
    verdict: BeaconVerdict
    since: At
    heard_by: tuple[str, ...] = ()
    interval_s: float | None = None
    per_minute: float | None = None
    battery_mv: int | None = None
    temperature_c: float | None = None
    weak: bool = False
    at: tuple[float, float] | None = None
    zone: str | None = None
    levels: tuple[LearnedLevel, ...] = ()
    astray: int = 0
    moved: bool = False
    cloned: At | None = None
    told: BeaconVerdict | None = None
    told_at: At | None = None
