"""Times of day and opening hours, as documents write them."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from gateway.core.offers.recurrence import WEEKDAYS
from gateway.documents.form import invalid
from gateway.model.documents import OpeningHours

_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def compile_span(times: Sequence[str], key: str, document: str) -> tuple[str, str]:
    """From and until which time of the store's day; past midnight when they run backwards.

    Raises:
        DocumentRefused: `invalid`: not two different times written HH:MM.
    """
    if len(times) != 2 or not all(_TIME.fullmatch(time) for time in times):
        problem = f"{list(times)} are not two times of day"
        raise invalid(document, key, problem, 'Write them as ["20:00", "09:00"]')
    if times[0] == times[1]:
        raise invalid(document, key, "the two times are the same", "Write different ones, or leave them out")
    return times[0], times[1]


def compile_opening_hours(
    written: Mapping[str, Sequence[Sequence[str]]], closed: Sequence[str], document: str
) -> OpeningHours | None:
    """The hours by weekday (MO to SU), each of one or several spans; None where none are written.

    Raises:
        DocumentRefused: `invalid`: no weekday, no times, a span past midnight, or a closed day that is no date.
    """
    by_weekday: dict[int, tuple[tuple[str, str], ...]] = {}
    for name, spans in written.items():
        key = f"store.opening_hours.{name}"
        if name not in WEEKDAYS:
            raise invalid(document, key, f"there is no weekday {name!r}", f"Write one of {', '.join(WEEKDAYS)}")
        compiled = tuple(compile_span(span, f"{key}[{number}]", document) for number, span in enumerate(spans))
        for number, (begins, ends) in enumerate(compiled):
            if begins > ends:
                hint = "End it at 23:59, and begin the next day's at 00:00"
                raise invalid(document, f"{key}[{number}]", "it runs past midnight", hint)
        by_weekday[WEEKDAYS.index(name)] = compiled
    days = frozenset(_date(text, f"store.closed[{number}]", document) for number, text in enumerate(closed))
    if days and not by_weekday:
        problem = "there are days on which the shop is closed, and no hours in which it is open"
        raise invalid(document, "store.closed", problem, "Add store.opening_hours")
    return OpeningHours(by_weekday, days) if by_weekday else None


def _date(text: str, key: str, document: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise invalid(document, key, f"{text!r} is no date", "Write it as 2026-12-25") from error
