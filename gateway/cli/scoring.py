"""How well reported zones match the true ones: accuracy, flaps, and how late changes were reported.

A walk is scored from its first truth line to its last; a line holds until the next. Where the true zone is None nobody
can say where the subject is, and nobody is judged. Pure: instants in, counts out.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_HOUR_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Placed:
    """From `t_s` (seconds since the walk's start) the subject is in `zone`, truly or by report; None = not known."""

    t_s: float
    zone: str | None


@dataclass(frozen=True, slots=True)
class Latencies:
    """How late changes were reported (seconds, one each), and how many never were while they held."""

    reached_s: tuple[float, ...]
    missed: int


@dataclass(frozen=True, slots=True)
class Score:
    """Of one walk, or of many pooled: seconds judged, those right, reported changes in excess, hours, latencies."""

    seconds: int
    right: int
    flaps: int
    hours: float
    enter: Latencies
    exit: Latencies


@dataclass(frozen=True, slots=True)
class _Stay:
    """A stretch in one true zone; gaps within it, where nobody could say, do not end it."""

    zone: str
    from_s: float
    until_s: float


class _Reports:
    """What was reported, to be asked by time."""

    __slots__ = ("_placed", "_times")

    def __init__(self, placed: Sequence[Placed]) -> None:
        self._placed = placed
        self._times = [each.t_s for each in placed]

    def at(self, t_s: float) -> str | None:
        """The zone reported at `t_s`."""
        after = bisect_right(self._times, t_s)
        return self._placed[after - 1].zone if after else None

    def wait_s(self, zone: str, there: bool, from_s: float, until_s: float) -> float | None:
        """Seconds from `from_s` until `zone` is reported (`there`) or no longer is; None if not before `until_s`."""
        if (self.at(from_s) == zone) is there:
            return 0.0
        due = self._placed[bisect_right(self._times, from_s) : bisect_left(self._times, until_s)]
        return next((each.t_s - from_s for each in due if (each.zone == zone) is there), None)

    def entries(self, from_s: float, until_s: float) -> int:
        """How often a zone was entered in this time, the one reported at its start included."""
        due = self._placed[bisect_right(self._times, from_s) : bisect_right(self._times, until_s)]
        zones = [None, self.at(from_s), *(each.zone for each in due)]
        return sum(after is not None and after != before for before, after in pairwise(zones))


def score(reports: Sequence[Placed], truth: Sequence[Placed]) -> Score:
    """The score of one subject on one walk; both sequences in order of time, `truth` not empty.

    Every change to another true zone has two latencies. Enter: from the first moment in the new zone until it is
    reported, missed if the zone ends first. Exit: from the last moment in the old zone until it is no longer reported,
    missed if it comes true again or the truth ends first. A gap with the same zone on either side is no change. Every
    reported entry after the first is a reported change, so leaving a zone and entering it again is one too many.
    """
    from_s, until_s = truth[0].t_s, truth[-1].t_s
    reported, true = _Reports(reports), _Reports(truth)
    judged = [
        (zone, reported.at(second))
        for second in range(math.ceil(from_s), math.floor(until_s) + 1)
        if (zone := true.at(second)) is not None
    ]
    stays = _stays(truth)
    return Score(
        seconds=len(judged),
        right=sum(zone == said for zone, said in judged),
        flaps=max(0, reported.entries(from_s, until_s) - max(1, len(stays))),
        hours=(until_s - from_s) / _HOUR_S,
        enter=_latencies(reported.wait_s(stay.zone, True, stay.from_s, stay.until_s) for stay in stays[1:]),
        exit=_latencies(
            reported.wait_s(stay.zone, False, stay.until_s, _true_again(stays[place + 1 :], stay.zone, until_s))
            for place, stay in enumerate(stays[:-1])
        ),
    )


def pool(scores: Iterable[Score]) -> Score:
    """The score of all the walks together: seconds, flaps, hours and latencies of all."""
    all_ = list(scores)
    return Score(
        seconds=sum(each.seconds for each in all_),
        right=sum(each.right for each in all_),
        flaps=sum(each.flaps for each in all_),
        hours=sum(each.hours for each in all_),
        enter=_together(each.enter for each in all_),
        exit=_together(each.exit for each in all_),
    )


def figures(score: Score) -> dict[str, object]:
    """The score as `evaluate` prints it; what cannot be said (no second judged, no change reached) is None."""
    return {
        "zone_accuracy": round(score.right / score.seconds, 3) if score.seconds else None,
        "flaps_per_hour": round(score.flaps / score.hours, 1) if score.hours else None,
        "enter": _latency_figures(score.enter),
        "exit": _latency_figures(score.exit),
        "seconds": score.seconds,
    }


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The value that `percent` of the others lie below: of n in order, the one at ⌊n·percent/100⌋, counted from 0.

    Nothing is interpolated, so the median of an even number is the upper of the middle two. None if there are none.
    """
    return sorted(values)[len(values) * percent // 100] if values else None


def _stays(truth: Sequence[Placed]) -> list[_Stay]:
    stays: list[_Stay] = []
    for now, following in pairwise(truth):
        if now.zone is None:
            continue
        goes_on = bool(stays) and stays[-1].zone == now.zone
        from_s = stays.pop().from_s if goes_on else now.t_s
        stays.append(_Stay(now.zone, from_s, following.t_s))
    return stays


def _true_again(later: Sequence[_Stay], zone: str, until_s: float) -> float:
    return next((stay.from_s for stay in later if stay.zone == zone), until_s)


def _latencies(waits_s: Iterable[float | None]) -> Latencies:
    waited = list(waits_s)
    reached = tuple(wait_s for wait_s in waited if wait_s is not None)
    return Latencies(reached, len(waited) - len(reached))


def _together(each: Iterable[Latencies]) -> Latencies:
    all_ = list(each)
    return Latencies(tuple(s for one in all_ for s in one.reached_s), sum(one.missed for one in all_))


def _latency_figures(latencies: Latencies) -> dict[str, object]:
    median_s, p90_s = (percentile(latencies.reached_s, percent) for percent in (50, 90))
    return {
        "count": len(latencies.reached_s) + latencies.missed,
        "missed": latencies.missed,
        "median_s": None if median_s is None else round(median_s, 3),
        "p90_s": None if p90_s is None else round(p90_s, 3),
    }
