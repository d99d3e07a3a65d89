"""Assurance: how sure the gateway must be of who it is before it speaks."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`assurance`: the identity is less sure than the campaign's `min_assurance`."""
    known, needed = facts.moment.assurance, campaign.min_assurance
    if known >= needed:
        return None
    says = f"The identity is only {known.wire}; this campaign needs it {needed.wire}."
    return Refusal("assurance", says, {"known": known.wire, "needed": needed.wire})
