"""Caps: how often one campaign may be offered to one member."""

from typing import Final, Literal

from gateway.core.offers.exposure import in_day, in_visit
from gateway.core.offers.facts import Facts, Refusal
from gateway.model.decision import Exposure
from gateway.model.documents import Campaign, Cap
from gateway.model.time import rfc3339

Span = Literal["visit", "day", "ever"]

WITHIN: Final[dict[Span, str]] = {"visit": "in this visit", "day": "today", "ever": "in all"}


def span(cap: Cap) -> Span:
    """Over what a cap counts."""
    if cap.scope == "visit":
        return "visit"
    return "day" if cap.per == "day" else "ever"


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`cap`: the campaign was already offered as often as one of its caps allows.

    A day is a date of the store's calendar, not 24 hours. Where there is no visit (before the window), a cap per visit
    counts the day.
    """
    exposure = facts.exposures.get(campaign.id)
    if exposure is None:
        return None
    spent = next((cap for cap in campaign.caps if _counted(cap, exposure, facts) >= cap.max), None)
    if spent is None:
        return None
    return _refusal(spent, exposure, facts)


def _counted(cap: Cap, exposure: Exposure, facts: Facts) -> int:
    if cap.scope == "visit":
        return in_visit(exposure, facts.moment.visit, facts.day)
    return in_day(exposure, facts.day) if cap.per == "day" else exposure.total


def _refusal(cap: Cap, exposure: Exposure, facts: Facts) -> Refusal:
    if facts.now.clock != "synced":
        says = f"Already offered as often as it may be ({cap.max})."
        return Refusal("cap", says, {"case": "clock_unset", "count": cap.max})
    last = facts.snapshot.local(exposure.last.utc_s)
    today = last.date() == facts.local.date()
    when = f"today at {last:%H:%M}" if today else f"on {last:%Y-%m-%d at %H:%M}"
    values: dict[str, object] = {"case": "once" if cap.max == 1 else span(cap), "at": rfc3339(exposure.last.utc_s)}
    if cap.max == 1:
        return Refusal("cap", f"Already offered {when}.", values)
    says = f"Already offered {cap.max} times {WITHIN[span(cap)]}, last {when}."
    return Refusal("cap", says, values | {"count": cap.max})
