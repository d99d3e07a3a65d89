"""Stacking: how many offers one moment makes, and which benefits go together."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`stacking`: better offers were made at this moment already, or the benefit goes with none that the visit has."""
    most, index = facts.snapshot.campaigns.at_once, facts.snapshot.index
    if most is not None and facts.made >= most:
        says = f"At this moment the {most} best offers that may be made at once are made."
        return Refusal("stacking", says, {"case": "at_once", "count": most})
    others = facts.given - {campaign.id}
    if campaign.id not in index.giving or not others:
        return None
    if campaign.alone:
        says = "Its benefit goes with no other one, and this visit already has an offer of one."
        return Refusal("stacking", says, {"case": "alone"})
    rival = min(others & index.alone, default=None)
    if rival is None:
        return None
    says = f"This visit has the offer “{rival}”, which goes with no other one."
    return Refusal("stacking", says, {"case": "rival", "campaign": rival})
