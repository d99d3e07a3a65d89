"""Channel caps: how often a day a member wants to be addressed by each channel, whatever campaigns there are."""

from collections.abc import Mapping

from gateway.core.offers.channels import agreed_channels
from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`channel_cap`: by every channel of the campaign the member was reached as often today as the member wants."""
    if facts.member is None or not facts.member.caps or free_channels(campaign, facts):
        return None
    counts = {
        each: (facts.tally.of_channel(each), facts.member.caps[each]) for each in agreed_channels(campaign, facts)
    }
    reached = ", ".join(f"{count} of {most} by “{channel}”" for channel, (count, most) in counts.items())
    values = {"reached": ", ".join(f"{channel} {count}/{most}" for channel, (count, most) in counts.items())}
    return Refusal("channel_cap", f"Reached as often today as this member wants: {reached}.", values)


def free_channels(campaign: Campaign, facts: Facts) -> tuple[str, ...]:
    """The channels that may be used for this member and are not used up for today, in the campaign's order."""
    channels = agreed_channels(campaign, facts)
    if facts.member is None or not facts.member.caps:
        return channels
    return tuple(channel for channel in channels if _free(channel, facts.member.caps, facts))


def _free(channel: str, caps: Mapping[str, int], facts: Facts) -> bool:
    """Whether there is room by this channel today; without a clock nobody knows what today is."""
    cap = caps.get(channel)
    return cap is None or (facts.now.clock == "synced" and facts.tally.of_channel(channel) < cap)
