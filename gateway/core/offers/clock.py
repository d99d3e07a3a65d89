"""The clock: while the time of day is not known, nothing that depends on it is decided in favour of speaking."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign, Schedule


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`clock_unset`: the campaign has a schedule, quiet hours or a cap per day, and the clock is not set."""
    if facts.now.clock == "synced":
        return None
    daily = any(cap.scope == "member" and cap.per == "day" for cap in campaign.caps)
    if campaign.schedule == Schedule() and not campaign.quiet_hours and not daily:
        return None
    return Refusal("clock_unset", "The gateway's clock is not set, and this campaign depends on the time.")
