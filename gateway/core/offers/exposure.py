"""Counting what was offered: what caps are judged by."""

from gateway.model.decision import Exposure, Offered


def exposed(previous: Exposure | None, offered: Offered, day: str) -> Exposure:
    """The count of `offered`'s campaign for its subject once it was made; `day` is the store's date (`Snapshot.local_day`).

    A day before the one already counted (the clock stepped back) counts as that later one, so that a cap is never exceeded.
    """
    if previous is None:
        return Exposure(offered.subject, offered.campaign, 1, day, 1, offered.visit, 1, offered.at)
    counted_day = max(previous.day, day)
    return Exposure(
        subject=offered.subject,
        campaign=offered.campaign,
        total=previous.total + 1,
        day=counted_day,
        in_day=in_day(previous, day) + 1,
        visit=offered.visit,
        in_visit=in_visit(previous, offered.visit, day) + 1,
        last=offered.at,
    )


def in_day(exposure: Exposure | None, day: str) -> int:
    """How many offers of `exposure` count for `day` (the store's date, ISO 8601)."""
    return exposure.in_day if exposure is not None and exposure.day >= day else 0


def in_visit(exposure: Exposure | None, visit: str | None, day: str) -> int:
    """How many offers of `exposure` count for `visit`; without a visit (before the window), how many of that day."""
    if exposure is None or exposure.visit != visit or (visit is None and exposure.day < day):
        return 0
    return exposure.in_visit
