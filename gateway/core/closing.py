"""Closing time: when the shop's opening hours end, and with them the visits of the day."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from gateway.core.shop import Shop
from gateway.model.time import Now

PAST_MIDNIGHT_S: Final = 60.0
"""Hours that end at 23:59 and begin again at 00:00 do not end."""
DAYS_AHEAD: Final = 8
"""A shop that opens once a week closes within so many days."""


def closings(shop: Shop, since_utc_s: float) -> list[float]:
    """When the shop closes from the day before `since_utc_s` on, for a week (seconds since 1970), in order.

    None without opening hours, and where they begin anew within a minute.
    """
    hours = shop.plan.opening_hours
    if hours is None:
        return []
    local = datetime.fromtimestamp(since_utc_s, UTC).astimezone(shop.timezone).date()
    spans = [span for ahead in range(-1, DAYS_AHEAD) for span in _spans(shop, local + timedelta(days=ahead))]
    begins = [begin for begin, _ in spans]
    return [end for _, end in spans if not any(end <= begin <= end + PAST_MIDNIGHT_S for begin in begins)]


def is_open(shop: Shop, utc_s: float) -> bool:
    """Whether the shop is open at `utc_s` (seconds since 1970); always, without opening hours."""
    if shop.plan.opening_hours is None:
        return True
    local = datetime.fromtimestamp(utc_s, UTC).astimezone(shop.timezone).date()
    return any(begin <= utc_s < end for begin, end in _spans(shop, local))


def _spans(shop: Shop, day: date) -> list[tuple[float, float]]:
    """From and until when the shop is open on a day (seconds since 1970)."""
    hours = shop.plan.opening_hours
    if hours is None or day.isoformat() in hours.closed:
        return []
    return [
        (_utc_s(shop, day, begin), _utc_s(shop, day, end)) for begin, end in hours.by_weekday.get(day.weekday(), ())
    ]


def _utc_s(shop: Shop, day: date, clock: str) -> float:
    return datetime.combine(day, time.fromisoformat(clock), shop.timezone).timestamp()


class ClosingTime:
    """Watches for closing time: past its grace, nobody of the day is a visitor any more."""

    def __init__(self, grace_s: float) -> None:
        """`grace_s` is how long after closing visitors may still be paying (seconds)."""
        self._grace_s = grace_s
        self._shop: Shop | None = None
        self._looked_utc_s = float("inf")
        self._next_utc_s = float("-inf")
        self.deadline_s = float("inf")
        """When to look again (monotonic s); infinite while nothing is to come, or the clock is not set."""

    def passed(self, shop: Shop, now: Now) -> float | None:
        """The latest closing (seconds since 1970) whose grace is over, where this is the first look since."""
        if shop.plan.opening_hours is None or now.clock == "unset":
            self.deadline_s = float("inf")
            return None
        closed = None
        if shop is not self._shop or now.utc_s >= self._next_utc_s or now.utc_s < self._looked_utc_s:
            known = [each for each in closings(shop, now.utc_s) if not is_open(shop, each + self._grace_s)]
            closed = max((each for each in known if each + self._grace_s <= now.utc_s), default=None)
            later = (each + self._grace_s for each in known if each + self._grace_s > now.utc_s)
            self._next_utc_s = min(later, default=float("inf"))
        self._shop, self._looked_utc_s = shop, now.utc_s
        self.deadline_s = now.mono_s + self._next_utc_s - now.utc_s
        return closed
