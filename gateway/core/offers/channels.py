"""Channels: who did not agree to be addressed by one is not, beside the purpose that the campaign has."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.core.offers.public_display import private_channels
from gateway.model.documents import PROSPECTING, Campaign


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`channel_consent`: the member wants to be addressed by none of the campaign's channels."""
    if agreed_channels(campaign, facts):
        return None
    says = f"This member did not agree to “{'”, “'.join(campaign.channels)}”."
    return Refusal("channel_consent", says, {"channels": ", ".join(campaign.channels)})


def agreed_channels(campaign: Campaign, facts: Facts) -> tuple[str, ...]:
    """The channels that may be used for this member, in the campaign's order: any, while nobody asked the member."""
    channels = private_channels(campaign)
    if facts.member is None or facts.member.channels is None:
        return channels
    agreed = facts.member.channels
    return tuple(channel for channel in channels if channel not in PROSPECTING or channel in agreed)
