"""The kill switch: head office silences one campaign, or all of them at once."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`stopped`: the campaign, or the whole document, says `stopped`."""
    if facts.snapshot.campaigns.stopped:
        return Refusal("stopped", "Head office stopped all campaigns.", {"case": "all"})
    return Refusal("stopped", "Head office stopped this campaign.", {"case": "one"}) if campaign.stopped else None
