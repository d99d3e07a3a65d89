"""Recurrence of local dates: the part of RFC 5545 (section 3.3.10) that speaks of days, as a predicate."""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal, cast

Frequency = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]

FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
PARTS: Final = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTH", "BYMONTHDAY", "UNTIL", "COUNT", "WKST"})
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
COUNT_HORIZON_DAYS: Final = 20 * 366
"""A `COUNT` is counted out this far from its start; a rule that has some left then ends there."""
MOST_KNOWN: Final = 1024
"""Rules that stay read after they were checked, so that the first decision by one need not read it again."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule anchored at its first possible date.

    `by_day` holds (ordinal, weekday), Monday being 0 and ordinal 0 meaning every one; `until` is the last
    possible date.
    """

    frequency: Frequency
    start: date
    interval: int = 1
    by_day: tuple[tuple[int, int], ...] = ()
    by_month: frozenset[int] = frozenset()
    by_month_day: frozenset[int] = frozenset()
    week_start: int = 0
    until: date | None = None

    def starting(self, start: date) -> "Recurrence":
        """The same rule from `start` on: `dataclasses.replace` would take several times as long."""
        by_days = self.by_day, self.by_month, self.by_month_day
        return Recurrence(self.frequency, start, self.interval, *by_days, self.week_start, self.until)


def parse_rrule(text: str) -> Mapping[str, str]:
    """The parts of an RRULE, by name, checked; `recurrence` anchors them.

    Raises:
        ValueError: a part is unknown, not supported here, given twice or has a bad value; it says which.
    """
    parts: dict[str, str] = {}
    for piece in text.removeprefix("RRULE:").upper().split(";"):
        name, equals, value = piece.partition("=")
        if not equals or not value:
            msg = f"{piece!r} is not NAME=VALUE"
            raise ValueError(msg)
        if name not in PARTS:
            msg = f"{name} is not one of the parts understood here ({', '.join(sorted(PARTS))})"
            raise ValueError(msg)
        if name in parts:
            msg = f"{name} is given twice"
            raise ValueError(msg)
        parts[name] = value
    if "UNTIL" in parts and "COUNT" in parts:
        msg = "UNTIL and COUNT exclude each other"
        raise ValueError(msg)
    _unanchored(tuple(parts.items()))
    return parts


def needs_start(parts: Mapping[str, str]) -> bool:
    """Whether the dates of a rule depend on when it starts (an interval, a count, or a day taken from the start)."""
    if "COUNT" in parts or int(parts.get("INTERVAL", "1")) > 1:
        return True
    return parts["FREQ"] != "DAILY" and "BYDAY" not in parts and "BYMONTHDAY" not in parts


def recurrence(parts: Mapping[str, str], start: date) -> Recurrence:
    """The rule of `parts` from `start` on, with the days that RFC 5545 takes from the start filled in.

    Raises:
        ValueError: as `parse_rrule`.
    """
    rule = _unanchored(tuple(parts.items())).starting(start)
    if not rule.by_day and not rule.by_month_day:
        rule = _with_day_of(start, rule)
    if "COUNT" not in parts:
        return rule
    return replace(rule, until=_counted_out(rule, int(parts["COUNT"])))


def occurs_on(rule: Recurrence, day: date) -> bool:
    """Whether `day` is one of the rule's dates."""
    if day < rule.start or (rule.until is not None and day > rule.until):
        return False
    return _in_period(rule, day) and _in_month(rule, day) and _on_month_day(rule, day) and _on_weekday(rule, day)


def _in_period(rule: Recurrence, day: date) -> bool:
    if rule.interval == 1:
        return True
    match rule.frequency:
        case "DAILY":
            periods = (day - rule.start).days
        case "WEEKLY":
            periods = (_week_of(day, rule.week_start) - _week_of(rule.start, rule.week_start)).days // 7
        case "MONTHLY":
            periods = (day.year - rule.start.year) * 12 + day.month - rule.start.month
        case "YEARLY":
            periods = day.year - rule.start.year
    return periods % rule.interval == 0


def _in_month(rule: Recurrence, day: date) -> bool:
    return not rule.by_month or day.month in rule.by_month


def _on_month_day(rule: Recurrence, day: date) -> bool:
    if not rule.by_month_day:
        return True
    from_the_end = day.day - monthrange(day.year, day.month)[1] - 1
    return day.day in rule.by_month_day or from_the_end in rule.by_month_day


def _on_weekday(rule: Recurrence, day: date) -> bool:
    return not rule.by_day or any(
        weekday == day.weekday() and (ordinal == 0 or ordinal in _ordinals(rule, day))
        for ordinal, weekday in rule.by_day
    )


def _ordinals(rule: Recurrence, day: date) -> tuple[int, int]:
    """Which one of its weekday `day` is, from either end of its month (of its year, for YEARLY without BYMONTH)."""
    if rule.frequency == "YEARLY" and not rule.by_month:
        before = (day - date(day.year, 1, 1)).days
        after = (date(day.year, 12, 31) - day).days
    else:
        before = day.day - 1
        after = monthrange(day.year, day.month)[1] - day.day
    return before // 7 + 1, -(after // 7 + 1)


def _week_of(day: date, week_start: int) -> date:
    return day - timedelta(days=(day.weekday() - week_start) % 7)


def _with_day_of(start: date, rule: Recurrence) -> Recurrence:
    match rule.frequency:
        case "DAILY":
            return rule
        case "WEEKLY":
            return replace(rule, by_day=((0, start.weekday()),))
        case "MONTHLY":
            return replace(rule, by_month_day=frozenset({start.day}))
        case "YEARLY":
            by_month = rule.by_month or frozenset({start.month})
            return replace(rule, by_month=by_month, by_month_day=frozenset({start.day}))


def _counted_out(rule: Recurrence, count: int) -> date:
    last = rule.start + timedelta(days=COUNT_HORIZON_DAYS)
    day = rule.start
    while day < last:
        if occurs_on(rule, day):
            count -= 1
            if count == 0:
                return day
        day += timedelta(days=1)
    return last


@lru_cache(MOST_KNOWN)
def _unanchored(written: tuple[tuple[str, str], ...]) -> Recurrence:
    parts = dict(written)
    frequency = parts.get("FREQ")
    if frequency not in FREQUENCIES:
        msg = f"FREQ must be one of {', '.join(FREQUENCIES)}, and is {frequency or 'missing'}"
        raise ValueError(msg)
    if "COUNT" in parts:
        _number("COUNT", parts["COUNT"], 1, 10_000)
    weekday = parts.get("WKST", "MO")
    if weekday not in WEEKDAYS:
        msg = f"WKST={weekday} is none of {', '.join(WEEKDAYS)}"
        raise ValueError(msg)
    return Recurrence(
        frequency=cast("Frequency", frequency),
        start=date.min,
        interval=_number("INTERVAL", parts.get("INTERVAL", "1"), 1, 1000),
        by_day=_by_day(parts, _most_ordinal(frequency, parts)),
        by_month=frozenset(_numbers("BYMONTH", parts, 1, 12)),
        by_month_day=_by_month_day(parts),
        week_start=WEEKDAYS.index(weekday),
        until=_until(parts.get("UNTIL")),
    )


def _most_ordinal(frequency: str, parts: Mapping[str, str]) -> int:
    """How many of one weekday there can be in what the ordinals of BYDAY count in; 0 where they count in nothing."""
    if frequency == "YEARLY" and "BYMONTH" not in parts:
        return 53
    return 5 if frequency in {"MONTHLY", "YEARLY"} else 0


def _by_day(parts: Mapping[str, str], most_ordinal: int) -> tuple[tuple[int, int], ...]:
    days: list[tuple[int, int]] = []
    for text in parts["BYDAY"].split(",") if "BYDAY" in parts else ():
        found = re.fullmatch(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", text)
        if found is None:
            msg = f"BYDAY: {text!r} is not a weekday such as MO, 1MO or -1FR"
            raise ValueError(msg)
        if found[1] is not None and not 1 <= abs(int(found[1])) <= most_ordinal:
            allowed = f"from 1 to {most_ordinal} or negative" if most_ordinal else "for MONTHLY and YEARLY only"
            msg = f"BYDAY: the ordinal of {text!r} is not one: they are {allowed}"
            raise ValueError(msg)
        days.append((int(found[1] or 0), WEEKDAYS.index(found[2])))
    return tuple(days)


def _by_month_day(parts: Mapping[str, str]) -> frozenset[int]:
    if parts.get("FREQ") == "WEEKLY" and "BYMONTHDAY" in parts:
        msg = "BYMONTHDAY does not go with FREQ=WEEKLY"
        raise ValueError(msg)
    days = frozenset(_numbers("BYMONTHDAY", parts, -31, 31))
    if 0 in days:
        msg = "BYMONTHDAY: 0 is no day of a month"
        raise ValueError(msg)
    return days


def _until(text: str | None) -> date | None:
    if text is None:
        return None
    if re.fullmatch(r"\d{8}", text) is None:
        msg = f"UNTIL={text} is not a date such as 20261231; for a time of day use the schedule's own until"
        raise ValueError(msg)
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError as error:
        msg = f"UNTIL={text} is no date of the calendar: {error}"
        raise ValueError(msg) from error


def _numbers(name: str, parts: Mapping[str, str], least: int, most: int) -> list[int]:
    return [_number(name, text, least, most) for text in parts[name].split(",")] if name in parts else []


def _number(name: str, text: str, least: int, most: int) -> int:
    if re.fullmatch(r"[+-]?\d{1,5}", text) is None or not least <= int(text) <= most:
        msg = f"{name}: {text!r} is not a number from {least} to {most}"
        raise ValueError(msg)
    return int(text)
