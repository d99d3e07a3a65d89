"""Occupancy: how many people are in each zone, and how far that may be wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Final

from gateway.core.events import Emitter
from gateway.core.listening import Listening
from gateway.core.options import CoreOptions
from gateway.core.state import State
from gateway.model.time import At, Now, rfc3339
from gateway.model.visit import Presence

QUARTER_S: Final = 900.0
SAMPLE_S: Final = 60.0
"""People are counted once a minute (seconds)."""
NINE_IN_TEN: Final = 1.645
"""Standard deviations to either side that hold nine in ten of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Members counted in a zone at one instant, or the mean of several counts.

    `members` of whom `unheard` are only held, since a receiver that would hear them is down; `variance` is that of
    being told the right zone, which each is with the confidence of it.
    """

    members: float = 0.0
    unheard: float = 0.0
    variance: float = 0.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many members, nine times in ten between `low` and `high`; people likewise, None where no share is known."""

    members: float
    low: float
    high: float
    people: float | None = None
    people_low: float | None = None
    people_high: float | None = None


def estimate(tally: Tally, share: float | None) -> Estimate:
    """What a count says; `share` is how many of all visitors are recognised members, 0 to 1.

    Who is only held may be gone: the bar reaches down by all of them. Of N people each is a member by chance, so n
    members stand for n / share, and how many others there are is negative binomial: (n + 1)(1 - share) / share².
    """
    counted, held = tally.members, tally.unheard
    bar = NINE_IN_TEN * sqrt(tally.variance)
    low, high = max(0.0, counted - held - bar), counted + bar
    if share is None:
        return Estimate(_figure(counted), _figure(low), _figure(high))
    wide = NINE_IN_TEN * sqrt(tally.variance + (counted + 1.0) * (1.0 - share))
    people_low, people_high = max(low, (counted - held - wide) / share), (counted + wide) / share
    people = (_figure(counted / share), _figure(people_low), _figure(people_high))
    return Estimate(_figure(counted), _figure(low), _figure(high), *people)


def tallied(presences: Iterable[Presence], listening: Listening) -> Mapping[str, Tally]:
    """The members now in each zone; tags are things, and are left out."""
    zones: dict[str, Tally] = {}
    for presence in presences:
        if presence.zone is not None and presence.kind == "member":
            deaf = listening.deaf(presence.anchors)
            wrong = presence.confidence * (1.0 - presence.confidence)
            one = Tally(1.0, 1.0 if deaf else 0.0, wrong)
            zones[presence.zone] = _sum(zones.get(presence.zone, Tally()), one)
    return zones


class Occupancy:
    """Counts once a minute, and tells the mean of each quarter of an hour in which there was somebody."""

    def __init__(self, state: State, listening: Listening, emitter: Emitter, options: CoreOptions) -> None:
        self._state = state
        self._listening = listening
        self._emitter = emitter
        self._share = options.member_share
        self._begun: At | None = None
        self._next_utc_s = float("-inf")
        self._counts: list[Mapping[str, Tally]] = []
        self._due_s: float | None = None

    @property
    def deadline_s(self) -> float | None:
        """When to count again (monotonic s); None while there is nobody, and none was counted."""
        return self._due_s

    def look(self, now: Now) -> None:
        """Count if it is time; tell the quarter of an hour that is over."""
        if now.clock == "unset":
            self._due_s = None
            return
        if not 0.0 < self._next_utc_s - now.utc_s <= SAMPLE_S:
            if self._begun is not None and now.utc_s // QUARTER_S != self._begun.utc_s // QUARTER_S:
                self._tell(self._begun, now)
            self._count(now)
            self._next_utc_s = (now.utc_s // SAMPLE_S + 1) * SAMPLE_S
        somebody = self._counts or self._state.presences
        self._due_s = now.mono_s + self._next_utc_s - now.utc_s if somebody else None

    def _count(self, now: Now) -> None:
        counted = tallied(self._state.presences.values(), self._listening)
        if counted or self._counts:
            self._begun = self._begun or At.of(now)
            self._counts.append(counted)

    def _tell(self, begun: At, now: Now) -> None:
        counts, self._counts, self._begun = self._counts, [], None
        lasted_s = now.mono_s - begun.mono_s  # a clock that was set meanwhile made it neither longer nor shorter
        data = {
            "from_at": rfc3339(now.utc_s - lasted_s),
            "until_at": rfc3339(now.utc_s),
            "counts": len(counts),
            "member_share": self._share,
            "zones": [_zone(zone, counts, self._share) for zone in sorted({zone for each in counts for zone in each})],
        }
        self._emitter.emit("occupancy.measured", now, At.of(now), data)


def _zone(zone: str, counts: list[Mapping[str, Tally]], share: float | None) -> dict[str, object]:
    """The mean of the counts of a zone as it is told. Counts of one quarter err alike: their mean errs as one does."""
    of_zone = [each.get(zone, Tally()) for each in counts]
    total = Tally()
    for tally in of_zone:
        total = _sum(total, tally)
    number = len(of_zone)
    mean = Tally(total.members / number, total.unheard / number, total.variance / number)
    told = estimate(mean, share)
    return {
        "zone": zone,
        "members": told.members,
        "low": told.low,
        "high": told.high,
        "most": round(max(each.members for each in of_zone)),
        "unheard": _figure(mean.unheard),
        "people": told.people,
        "people_low": told.people_low,
        "people_high": told.people_high,
    }


def _sum(one: Tally, other: Tally) -> Tally:
    return Tally(one.members + other.members, one.unheard + other.unheard, one.variance + other.variance)


def _figure(number: float) -> float:
    return round(number, 1)
