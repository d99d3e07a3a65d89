"""Control: a share of members whom one campaign does not reach, to measure its effect against."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.core.offers.sticky import bucket
from gateway.core.offers.variants import variant_for
from gateway.model.documents import Campaign


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`control`: the member falls below the campaign's `control_per_10000` under the salt `{campaign}:control`."""
    share = campaign.control_per_10000
    if share == 0 or bucket(f"{campaign.id}:control", facts.unit) >= share:
        return None
    says = "This member is in the control group of this campaign."
    return Refusal("control", says, would_have_shown=variant_for(campaign, facts).content)
