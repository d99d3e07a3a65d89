"""Counting what was offered: what caps are judged by."""

from collections import Counter
from dataclasses import replace
from typing import Final

from gateway.model.decision import Exposure, Offered

NOBODY: Final = ""
"""The subject under which the offers to erased members stay counted, for what was lent to this gateway."""


def exposed(previous: Exposure | None, offered: Offered, day: str) -> Exposure:
    """The count of `offered`'s campaign for its subject, this offer included.

    `day` is the store's date (`Snapshot.local_day`). A day before the one already counted (the clock stepped
    back) counts as that later one, so that a cap is never exceeded.
    """
    if previous is None:
        in_first_visit = 0 if offered.visit is None else 1
        first = Exposure(offered.subject, offered.campaign, 1, day, 1, offered.visit, in_first_visit, offered.at)
        return replace(first, by_channel=((offered.channel, 1),))
    outside = offered.visit is None
    counted_day = max(previous.day, day)
    channels = Counter(dict(previous.by_channel) if previous.day == counted_day else ())
    channels[offered.channel] += 1
    return Exposure(
        subject=offered.subject,
        campaign=offered.campaign,
        total=previous.total + 1,
        day=counted_day,
        in_day=in_day(previous, counted_day) + 1,
        visit=previous.visit if outside else offered.visit,
        in_visit=previous.in_visit if outside else in_visit(previous, offered.visit, day) + 1,
        last=max(previous.last, offered.at, key=lambda at: at.utc_s),
        by_channel=tuple(sorted(channels.items())),
    )


def pooled(previous: Exposure | None, erased: Exposure) -> Exposure:
    """The count of nobody's offers of a campaign, with those of an erased subject added to it."""
    total, last = erased.total, erased.last
    if previous is not None:
        total, last = total + previous.total, max(last, previous.last, key=lambda at: at.utc_s)
    return Exposure(NOBODY, erased.campaign, total, day="", in_day=0, visit=None, in_visit=0, last=last)


def in_day(exposure: Exposure | None, day: str) -> int:
    """How many offers of `exposure` count for `day` (the store's date, ISO 8601).

    For a day before the one counted (the clock stepped back) all there ever were: which of them were that day's is not
    known any more.
    """
    if exposure is None or exposure.day < day:
        return 0
    return exposure.in_day if exposure.day == day else exposure.total


def in_day_by(exposure: Exposure, channel: str, day: str) -> int:
    """How many offers of `exposure` count for `day` and `channel`: all that are not known to have gone by another."""
    of_day = in_day(exposure, day)
    return of_day and of_day - sum(times for other, times in exposure.by_channel if other != channel)


def in_visit(exposure: Exposure | None, visit: str | None, day: str) -> int:
    """How many offers of `exposure` count for `visit`; without a visit (before the window), how many of that day."""
    if visit is None:
        return in_day(exposure, day)
    return exposure.in_visit if exposure is not None and exposure.visit == visit else 0
