"""Budgets: how many offers of a campaign this gateway was lent."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`budget`: what head office lent this gateway is spent, over all members and days, or its time is over."""
    lease = campaign.lease
    if lease is None:
        return None
    if lease.until_utc_s is not None and (facts.now.clock != "synced" or facts.now.utc_s >= lease.until_utc_s):
        says = "The time is over for which this shop was lent offers of this campaign."
        return Refusal("budget", says, {"case": "over"})
    if facts.spent(campaign.id) < lease.offers:
        return None
    says = f"The {lease.offers} offers lent to this shop are all made."
    return Refusal("budget", says, {"case": "made", "count": lease.offers})
