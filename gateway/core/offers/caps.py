"""Caps: how often one campaign may be offered to one member."""

from gateway.core.offers.exposure import in_day, in_visit
from gateway.core.offers.facts import Facts, Refusal
from gateway.model.decision import Exposure
from gateway.model.documents import Campaign, Cap


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
    return Refusal("cap", _sentence(spent, exposure, facts))


def _counted(cap: Cap, exposure: Exposure, facts: Facts) -> int:
    if cap.scope == "visit":
        return in_visit(exposure, facts.moment.visit, facts.day)
    return in_day(exposure, facts.day) if cap.per == "day" else exposure.total


def _sentence(cap: Cap, exposure: Exposure, facts: Facts) -> str:
    if facts.now.clock != "synced":
        return f"Already offered as often as it may be ({cap.max})."
    last = facts.snapshot.local(exposure.last.utc_s)
    today = last.date() == facts.local.date()
    when = f"today at {last:%H:%M}" if today else f"on {last:%Y-%m-%d at %H:%M}"
    if cap.max == 1:
        return f"Already offered {when}."
    within = "in this visit" if cap.scope == "visit" else ("today" if cap.per == "day" else "in all")
    return f"Already offered {cap.max} times {within}, last {when}."
