"""Schedule: from when, until when, on which days of the store's calendar, and at which times of its day."""

from datetime import datetime
from typing import Protocol

from gateway.core.offers.day_times import within
from gateway.core.offers.facts import Refusal
from gateway.core.offers.snapshot import Snapshot
from gateway.model.documents import Campaign, OpeningHours, Schedule
from gateway.model.time import Now, rfc3339


class _Instant(Protocol):
    """The little of `Facts` that a schedule is judged by, also where there is no moment."""

    @property
    def snapshot(self) -> Snapshot: ...
    @property
    def now(self) -> Now: ...
    @property
    def local(self) -> datetime: ...
    @property
    def clock(self) -> str: ...


def refusal(campaign: Campaign, facts: _Instant) -> Refusal | None:
    """`schedule`: outside `from` and `until`, the recurrence's dates, the dayparts or the shop's opening hours."""
    schedule = campaign.schedule
    return _bounds(schedule, facts) or _dates(schedule, facts) or _times(schedule, facts)


def _bounds(schedule: Schedule, facts: _Instant) -> Refusal | None:
    snapshot = facts.snapshot
    if schedule.from_utc_s is not None and facts.now.utc_s < schedule.from_utc_s:
        says = f"This campaign starts on {snapshot.local(schedule.from_utc_s):%Y-%m-%d at %H:%M}."
        return Refusal("schedule", says, {"case": "starts", "at": rfc3339(schedule.from_utc_s)})
    if schedule.until_utc_s is not None and facts.now.utc_s >= schedule.until_utc_s:
        says = f"This campaign ended on {snapshot.local(schedule.until_utc_s):%Y-%m-%d at %H:%M}."
        return Refusal("schedule", says, {"case": "ended", "at": rfc3339(schedule.until_utc_s)})
    return None


def _dates(schedule: Schedule, facts: _Instant) -> Refusal | None:
    if schedule.rrule is None or facts.snapshot.dates.include(schedule, facts.local.date()):
        return None
    says = f"This campaign does not run on {facts.local:%Y-%m-%d}, by its recurrence."
    return Refusal("schedule", says, {"case": "recurrence", "day": f"{facts.local:%Y-%m-%d}"})


def _times(schedule: Schedule, facts: _Instant) -> Refusal | None:
    if schedule.dayparts and not any(within(part, facts.clock) for part in schedule.dayparts):
        parts = ", ".join(f"{begins} to {ends}" for begins, ends in schedule.dayparts)
        shown = ", ".join(f"{begins}–{ends}" for begins, ends in schedule.dayparts)
        says = f"It is {facts.clock}; this campaign runs from {parts}."
        return Refusal("schedule", says, {"case": "dayparts", "time": facts.clock, "parts": shown})
    hours = facts.snapshot.opening_hours
    if not schedule.opening_hours or hours is None or _open(hours, facts):
        return None
    says = f"The shop is closed on {facts.local:%Y-%m-%d at %H:%M}."
    return Refusal("schedule", says, {"case": "closed", "at": rfc3339(facts.now.utc_s)})


def _open(hours: OpeningHours, facts: _Instant) -> bool:
    today = facts.local.date()
    if today.isoformat() in hours.closed:
        return False
    return any(within(span, facts.clock) for span in hours.by_weekday.get(today.weekday(), ()))
