"""RRULE as a predicate on dates, against python-dateutil's generator."""

from datetime import date, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.offers.recurrence import needs_start, occurs_on, parse_rrule, recurrence

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SPAN_DAYS = 800


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(("DAILY", "WEEKLY", "MONTHLY", "YEARLY")))
    parts = [f"FREQ={frequency}"]
    if draw(st.booleans()):
        parts.append(f"INTERVAL={draw(st.integers(1, 5))}")
    if draw(st.booleans()):
        months = draw(st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True))
        parts.append("BYMONTH=" + ",".join(map(str, months)))
    if draw(st.booleans()):
        days = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3, unique=True))
        ordinals = frequency in {"MONTHLY", "YEARLY"} and draw(st.booleans())
        of_a_year = frequency == "YEARLY" and not any(part.startswith("BYMONTH=") for part in parts)
        far = (20, -53) if of_a_year else ()
        ordinal = st.sampled_from((-5, -2, -1, 1, 2, 3, 5, *far)) if ordinals else st.just("")
        parts.append("BYDAY=" + ",".join(f"{draw(ordinal)}{day}" for day in days))
    if frequency != "WEEKLY" and draw(st.booleans()):
        month_days = draw(st.lists(st.sampled_from((-31, -30, -7, -1, 1, 13, 29, 31)), min_size=1, unique=True))
        parts.append("BYMONTHDAY=" + ",".join(map(str, month_days)))
    if draw(st.booleans()):
        parts.append(f"WKST={draw(st.sampled_from(WEEKDAYS))}")
    ending = draw(st.sampled_from(("", "UNTIL=20270610", f"COUNT={draw(st.integers(1, 40))}")))
    return ";".join([*parts, ending] if ending else parts)


@settings(deadline=None)
@given(rules(), st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_the_dates_are_those_of_dateutil(text: str, start: date) -> None:
    rule = recurrence(parse_rrule(text), start)
    days = [start + timedelta(days=n) for n in range(-3, SPAN_DAYS)]
    midnight = datetime(start.year, start.month, start.day)  # noqa: DTZ001 - dateutil's UNTIL is a local date here
    peer = rrulestr(text, dtstart=midnight)
    expected = {at.date() for at in peer.between(midnight, midnight + timedelta(days=SPAN_DAYS - 1), inc=True)}
    assert {day for day in days if occurs_on(rule, day)} == expected


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("FREQ=HOURLY", "HOURLY"),
        ("BYDAY=MO", "missing"),
        ("FREQ=DAILY;BYHOUR=9", "BYHOUR"),
        ("FREQ=YEARLY;BYWEEKNO=20", "BYWEEKNO"),
        ("FREQ=MONTHLY;BYSETPOS=-1;BYDAY=FR", "BYSETPOS"),
        ("FREQ=YEARLY;BYYEARDAY=1", "BYYEARDAY"),
        ("FREQ=DAILY;FREQ=DAILY", "twice"),
        ("FREQ=DAILY;UNTIL=20260101;COUNT=3", "UNTIL and COUNT"),
        ("FREQ=DAILY;UNTIL=20260101T000000Z", "UNTIL"),
        ("FREQ=DAILY;UNTIL=20261341", "UNTIL"),
        ("FREQ=DAILY;COUNT=0", "COUNT"),
        ("FREQ=DAILY;INTERVAL=x", "INTERVAL"),
        ("FREQ=WEEKLY;BYDAY=1MO", "1MO"),
        ("FREQ=YEARLY;BYDAY=54MO", "54MO"),
        ("FREQ=MONTHLY;BYDAY=6MO", "6MO"),
        ("FREQ=YEARLY;BYMONTH=2;BYDAY=6MO", "6MO"),
        ("FREQ=MONTHLY;BYDAY=XX", "XX"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTH=13", "BYMONTH"),
        ("FREQ=WEEKLY;WKST=XX", "WKST"),
        ("FREQ", "FREQ"),
        ("", "NAME=VALUE"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        parse_rrule(text)


@settings(deadline=None)
@given(st.text(alphabet="FREQ=DAILYWKMOBYTU;,-0123456789", max_size=60))
def test_no_text_does_worse_than_be_refused(text: str) -> None:
    try:
        parts = parse_rrule(text)
    except ValueError as error:
        assert str(error)  # noqa: PT017 - either outcome is right, and only a ValueError may be raised
    else:
        recurrence(parts, date(2026, 1, 5))


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("FREQ=WEEKLY;BYDAY=MO,TU", False),
        ("FREQ=DAILY", False),
        ("FREQ=MONTHLY;BYMONTHDAY=1", False),
        ("FREQ=WEEKLY", True),
        ("FREQ=DAILY;INTERVAL=2", True),
        ("FREQ=DAILY;COUNT=2", True),
        ("FREQ=YEARLY;BYMONTH=3", True),
    ],
)
def test_a_rule_knows_whether_its_start_matters(text: str, *, needed: bool) -> None:
    assert needs_start(parse_rrule(text)) is needed


def test_a_count_out_of_reach_ends_twenty_years_on() -> None:
    rule = recurrence(parse_rrule("FREQ=YEARLY;COUNT=1000"), date(2026, 1, 5))
    assert occurs_on(rule, date(2045, 1, 5))
    assert not occurs_on(rule, date(2047, 1, 5))
