"""Which schedules run on a date: worked out once a schedule and day, however many campaigns share it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from gateway.core.offers.recurrence import Recurrence, occurs_on, recurrence
from gateway.model.documents import Schedule

_Written = tuple[tuple[tuple[str, str], ...], float | None]


class Dates:
    """The recurrences of a shop's campaigns, by what was written; as many entries as there are different ones."""

    __slots__ = ("_known", "_timezone")

    def __init__(self, timezone: ZoneInfo) -> None:
        self._timezone = timezone
        self._known: dict[_Written, tuple[Recurrence, date, bool]] = {}

    def include(self, schedule: Schedule, day: date) -> bool:
        """Whether the recurrence of `schedule`, if it has one, gives `day` (of the store's calendar)."""
        if schedule.rrule is None:
            return True
        written = (tuple(schedule.rrule.items()), schedule.from_utc_s)
        known = self._known.get(written)
        if known is not None and known[1] == day:
            return known[2]
        rule = known[0] if known is not None else recurrence(schedule.rrule, self._start(schedule.from_utc_s))
        occurs = occurs_on(rule, day)
        self._known[written] = (rule, day, occurs)
        return occurs

    def _start(self, from_utc_s: float | None) -> date:
        if from_utc_s is None:
            return date(1970, 1, 1)
        return datetime.fromtimestamp(from_utc_s, UTC).astimezone(self._timezone).date()
