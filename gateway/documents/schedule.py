"""Schedules and quiet hours of campaigns: instants, dates and times of day."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from pydantic import Field

from gateway.core.offers.recurrence import needs_start, parse_rrule
from gateway.documents.form import Form, invalid
from gateway.documents.hours import compile_span
from gateway.model.documents import Schedule
from gateway.model.time import from_rfc3339

MOST_SHARED: Final = 1024
"""Schedules that stay known, so that campaigns written later share them."""


class ScheduleForm(Form):
    """A campaign's `schedule` as written; dates of `rrule` are the store's own.

    `opening_hours` limits a campaign to the hours of the floor plan; a floor plan without hours limits nothing.
    """

    from_: str | None = Field(default=None, alias="from")
    until: str | None = None
    rrule: str | None = None
    dayparts: list[list[str]] = Field(default_factory=list)
    opening_hours: bool = False


def compile_schedule(form: ScheduleForm, key: str, document: str) -> Schedule:
    """The schedule written at `key` of `document`.

    Raises:
        DocumentRefused: `invalid`: a time without offset, an end before its start, a recurrence that is not understood.
    """
    from_utc_s = compile_instant(form.from_, f"{key}.from", document)
    until_utc_s = compile_instant(form.until, f"{key}.until", document)
    if from_utc_s is not None and until_utc_s is not None and until_utc_s <= from_utc_s:
        raise invalid(document, f"{key}.until", "it is not after from", "Correct one of the two")
    rrule = None if form.rrule is None else _rrule(form.rrule, f"{key}.rrule", document)
    if rrule is not None and from_utc_s is None and needs_start(rrule):
        problem = "its dates depend on when it starts"
        raise invalid(document, f"{key}.rrule", problem, "Add schedule.from, or name the days with BYDAY or BYMONTHDAY")
    dayparts = (compile_span(part, f"{key}.dayparts[{n}]", document) for n, part in enumerate(form.dayparts))
    written = None if rrule is None else tuple(rrule.items())
    return _shared(from_utc_s, until_utc_s, written, tuple(dayparts), form.opening_hours)


@lru_cache(MOST_SHARED)
def _shared(
    from_utc_s: float | None,
    until_utc_s: float | None,
    rrule: tuple[tuple[str, str], ...] | None,
    dayparts: tuple[tuple[str, str], ...],
    opening_hours: bool,
) -> Schedule:
    """One for all campaigns that say the same, so that its dates are worked out once (`core.offers.dates`)."""
    return Schedule(from_utc_s, until_utc_s, None if rrule is None else dict(rrule), dayparts, opening_hours)


def compile_quiet_hours(written: Mapping[str, Sequence[str]], key: str, document: str) -> dict[str, tuple[str, str]]:
    """By channel, from and until which time of the store's day it is quiet; past midnight when they run backwards.

    Raises:
        DocumentRefused: `invalid`: not two different times written HH:MM.
    """
    return {channel: compile_span(times, f"{key}.{channel}", document) for channel, times in written.items()}


def compile_instant(text: str | None, key: str, document: str) -> float | None:
    """Seconds since 1970 of a time written at `key` of `document`; None where there is none.

    Raises:
        DocumentRefused: `invalid`: no time, or one without offset.
    """
    if text is None:
        return None
    try:
        return from_rfc3339(text)
    except ValueError as error:
        raise invalid(document, key, str(error), "Write it as 2026-01-05T09:00:00Z") from error


def _rrule(text: str, key: str, document: str) -> Mapping[str, str]:
    try:
        return parse_rrule(text)
    except ValueError as error:
        raise invalid(document, key, str(error), "Correct the recurrence") from error
