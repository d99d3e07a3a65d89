"""Budgets: how many offers of a campaign this gateway was lent."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`budget`: all that head office lent this gateway is spent, over all members and days."""
    if campaign.lease is None or facts.spent(campaign.id) < campaign.lease:
        return None
    return Refusal("budget", f"The {campaign.lease} offers lent to this shop are all made.")
