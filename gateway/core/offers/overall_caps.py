"""Caps over several campaigns: how often a member is spoken to at all, or about one category of things."""

from gateway.core.offers.caps import WITHIN, span
from gateway.core.offers.facts import Facts, Refusal
from gateway.core.offers.tally import Count
from gateway.model.documents import Campaign, Cap


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`overall_cap`, `category_cap`: the member was offered as much as a cap of the document allows.

    A day and a visit are counted as those of a campaign's own caps.
    """
    for cap in facts.snapshot.campaigns.caps:
        if cap.category is not None and cap.category != campaign.category:
            continue
        if _counted(cap, facts.tally.of_category(cap.category)) >= cap.max:
            return _refusal(cap)
    return None


def _counted(cap: Cap, count: Count) -> int:
    if cap.scope == "visit":
        return count.visit
    return count.day if cap.per == "day" else count.ever


def _refusal(cap: Cap) -> Refusal:
    within = WITHIN[span(cap)]
    values: dict[str, object] = {"case": span(cap), "count": cap.max}
    if cap.category is None:
        says = f"This member already has the {cap.max} offers that anybody gets {within}."
        return Refusal("overall_cap", says, values)
    says = f"This member already has the {cap.max} offers about “{cap.category}” that anybody gets {within}."
    return Refusal("category_cap", says, values | {"category": cap.category})
