"""Schedules and quiet hours of campaigns: instants, dates and times of day."""

import re
from collections.abc import Mapping, Sequence

from pydantic import Field

from gateway.core.offers.recurrence import needs_start, parse_rrule
from gateway.documents.form import Form, invalid
from gateway.model.documents import Schedule
from gateway.model.time import from_rfc3339


class ScheduleForm(Form):
    """A campaign's `schedule` as written; dates of `rrule` are the store's own.

    `opening_hours` limits a campaign to the hours of the floor plan; a floor plan without hours limits nothing.
    """

    from_: str | None = Field(default=None, alias="from")
    until: str | None = None
    rrule: str | None = None
    opening_hours: bool = False


def compile_schedule(form: ScheduleForm, key: str, document: str) -> Schedule:
    """The schedule written at `key` of `document`.

    Raises:
        DocumentRefused: `invalid`: a time without offset, an end before its start, a recurrence that is not understood.
    """
    from_utc_s = _instant(form.from_, f"{key}.from", document)
    until_utc_s = _instant(form.until, f"{key}.until", document)
    if from_utc_s is not None and until_utc_s is not None and until_utc_s <= from_utc_s:
        raise invalid(document, f"{key}.until", "it is not after from", "Correct one of the two")
    rrule = None if form.rrule is None else _rrule(form.rrule, f"{key}.rrule", document)
    if rrule is not None and from_utc_s is None and needs_start(rrule):
        problem = "its dates depend on when it starts"
        raise invalid(document, f"{key}.rrule", problem, "Add schedule.from, or name the days with BYDAY or BYMONTHDAY")
    return Schedule(from_utc_s, until_utc_s, rrule)


def compile_quiet_hours(written: Mapping[str, Sequence[str]], key: str, document: str) -> dict[str, tuple[str, str]]:
    """By channel, from and until which time of the store's day it is quiet; past midnight when they run backwards.

    Raises:
        DocumentRefused: `invalid`: not two different times written HH:MM.
    """
    compiled: dict[str, tuple[str, str]] = {}
    for channel, times in written.items():
        at = f"{key}.{channel}"
        if len(times) != 2 or not all(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", time) for time in times):
            problem = f"{list(times)} are not two times of day"
            raise invalid(document, at, problem, 'Write them as ["20:00", "09:00"]')
        if times[0] == times[1]:
            raise invalid(document, at, "the two times are the same", "Write different ones, or drop the channel")
        compiled[channel] = (times[0], times[1])
    return compiled


def _instant(text: str | None, key: str, document: str) -> float | None:
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
