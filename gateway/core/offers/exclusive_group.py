"""Exclusive groups: of campaigns that say much the same thing, one a visit."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`exclusive_group`: another offer of the campaign's group was made in this visit, or is better at this moment."""
    if campaign.exclusive_group is None or campaign.exclusive_group not in facts.groups_used:
        return None
    says = f"This visit already has an offer of the group “{campaign.exclusive_group}”."
    return Refusal("exclusive_group", says, {"group": campaign.exclusive_group})
