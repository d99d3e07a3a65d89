"""Public displays: what others can read is for everybody, never chosen for one member."""

from typing import Final

from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign

PUBLIC: Final = frozenset({"display"})
"""Channels that others see."""


def refusal(campaign: Campaign, _facts: Facts) -> Refusal | None:
    """`public_display`: the campaign chooses whom it is for, and has no channel but public ones."""
    if private_channels(campaign):
        return None
    return Refusal("public_display", "This campaign is for some members only, and would be shown to everybody.")


def private_channels(campaign: Campaign) -> tuple[str, ...]:
    """The channels that the campaign may use, in its order: one with an audience uses no public one."""
    if campaign.audience is None or PUBLIC.isdisjoint(campaign.channels):
        return campaign.channels
    return tuple(channel for channel in campaign.channels if channel not in PUBLIC)
