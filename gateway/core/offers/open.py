"""Open: until when an offer can be used."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.model.documents import Campaign


def open_until_utc_s(campaign: Campaign, offered_utc_s: float, timezone: ZoneInfo) -> float:
    """When an offer made at `offered_utc_s` ends (seconds since 1970): with its campaign, else with the shop's day."""
    return campaign.schedule.until_utc_s or _end_of_day(offered_utc_s, timezone)


def _end_of_day(utc_s: float, timezone: ZoneInfo) -> float:
    """The midnight after, on the shop's wall."""
    day = datetime.fromtimestamp(utc_s, UTC).astimezone(timezone).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=timezone).timestamp()
