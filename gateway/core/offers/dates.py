"""Which schedules run on a date: worked out once a schedule and day, however many campaigns share it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from gateway.core.offers.recurrence import Recurrence, occurs_on, recurrence
from gateway.model.documents import Schedule


class Dates:
    """The recurrences of a shop's campaigns, by schedule: those that are written alike are one where compiled.

    A schedule goes by its identity, which takes less time than what it says.
    """

    __slots__ = ("_known", "_timezone")

    def __init__(self, timezone: ZoneInfo) -> None:
        self._timezone = timezone
        self._known: dict[int, tuple[Schedule, Recurrence, date, bool]] = {}

    def include(self, schedule: Schedule, day: date) -> bool:
        """Whether the recurrence of `schedule`, if it has one, gives `day` (of the store's calendar)."""
        if schedule.rrule is None:
            return True
        known = self._known.get(id(schedule))
        if known is not None and known[2] == day:
            return known[3]
        rule = known[1] if known is not None else recurrence(schedule.rrule, self._start(schedule.from_utc_s))
        occurs = occurs_on(rule, day)
        self._known[id(schedule)] = (schedule, rule, day, occurs)
        return occurs

    def _start(self, from_utc_s: float | None) -> date:
        if from_utc_s is None:
            return date(1970, 1, 1)
        return datetime.fromtimestamp(from_utc_s, UTC).astimezone(self._timezone).date()
