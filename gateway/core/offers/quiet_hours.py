"""Quiet hours: when a channel is left in peace, by the store's wall clock."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`quiet_hours`: every channel of the campaign is in its quiet hours."""
    if open_channel(campaign, facts) is not None:
        return None
    quiet = ", ".join(
        f"“{channel}” from {campaign.quiet_hours[channel][0]} to {campaign.quiet_hours[channel][1]}"
        for channel in campaign.channels
        if channel in campaign.quiet_hours
    )
    return Refusal("quiet_hours", f"It is {facts.local:%H:%M}, within quiet hours: {quiet}.")


def open_channel(campaign: Campaign, facts: Facts) -> str | None:
    """The first of the campaign's channels that is not in its quiet hours now, None if all are."""
    clock = f"{facts.local:%H:%M}"
    return next((c for c in campaign.channels if not _quiet(campaign.quiet_hours.get(c), clock)), None)


def _quiet(hours: tuple[str, str] | None, clock: str) -> bool:
    if hours is None:
        return False
    begins, ends = hours
    if begins <= ends:
        return begins <= clock < ends
    return clock >= begins or clock < ends
