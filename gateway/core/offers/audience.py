"""Audience: for whom a campaign is."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`audience`: the member is not in the audience; `audience_error`: the expression gives neither yes nor no."""
    if campaign.audience is None:
        return None
    match facts.answers.to(campaign.audience):
        case True:
            return None
        case False:
            says = f"This member is not in the audience: {campaign.audience.source}"
            return Refusal("audience", says, {"audience": campaign.audience.source})
        case _:
            says = f"The audience cannot be judged for this member: {campaign.audience.source}"
            return Refusal("audience_error", says, {"audience": campaign.audience.source})
