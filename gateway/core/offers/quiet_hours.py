"""Quiet hours: when a channel is left in peace, by the store's wall clock."""

from gateway.core.offers.channel_caps import free_channels
from gateway.core.offers.day_times import within
from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`quiet_hours`: every channel of the campaign that is not used up for today is in its quiet hours."""
    if open_channel(campaign, facts) is not None:
        return None
    hours = {
        each: campaign.quiet_hours[each] for each in free_channels(campaign, facts) if each in campaign.quiet_hours
    }
    quiet = ", ".join(f"“{channel}” from {begins} to {ends}" for channel, (begins, ends) in hours.items())
    shown = ", ".join(f"{channel} {begins}–{ends}" for channel, (begins, ends) in hours.items())
    says = f"It is {facts.clock}, within quiet hours: {quiet}."
    return Refusal("quiet_hours", says, {"time": facts.clock, "quiet": shown})


def open_channel(campaign: Campaign, facts: Facts) -> str | None:
    """The first of the campaign's channels that is neither used up nor in its quiet hours now, None if all are."""
    return next((c for c in free_channels(campaign, facts) if not _quiet(campaign, c, facts.clock)), None)


def _quiet(campaign: Campaign, channel: str, clock: str) -> bool:
    hours = campaign.quiet_hours.get(channel)
    return hours is not None and within(hours, clock)
