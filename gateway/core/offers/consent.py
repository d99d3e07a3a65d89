"""Consent: a campaign reaches only who agreed to its purpose."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`consent`: the member's purposes do not include the campaign's."""
    if facts.member is None or campaign.purpose in facts.member.purposes:
        return None
    says = f"This member has not agreed to the purpose “{campaign.purpose}”."
    return Refusal("consent", says, {"purpose": campaign.purpose})
