"""Global holdout: a share of members whom no campaign reaches, to measure all campaigns together against."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.core.offers.variants import variant_for
from gateway.model.documents import Campaign


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`holdout`: the member falls below the document's `per_10000` under its salt."""
    if not facts.held_out:
        return None
    says = "This member is in the holdout, which gets no campaigns."
    return Refusal("holdout", says, would_have_shown=variant_for(campaign, facts).content)
