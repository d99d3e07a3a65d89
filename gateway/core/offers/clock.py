"""The clock: while the time of day is not known, nothing that depends on it is decided in favour of speaking."""

from gateway.core.offers.channel_caps import free_channels
from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign, Campaigns, Schedule


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`clock_unset`: the clock is not set, and a schedule, quiet hours, a cap per day or a lapse of time matters."""
    if facts.now.clock == "synced":
        return None
    daily = _daily(campaign, facts.snapshot.campaigns) or not free_channels(campaign, facts)
    if not (daily or _timed(campaign)):
        return None
    return Refusal("clock_unset", "The gateway's clock is not set, and this campaign depends on the time.")


def _timed(campaign: Campaign) -> bool:
    lapse = campaign.cooldown_s is not None or (campaign.follows is not None and campaign.follows.within_s is not None)
    return lapse or campaign.schedule != Schedule() or bool(campaign.quiet_hours)


def _daily(campaign: Campaign, document: Campaigns) -> bool:
    return document.contacts_per_day is not None or any(
        cap.scope == "member" and cap.per == "day" for cap in (*campaign.caps, *document.caps)
    )
