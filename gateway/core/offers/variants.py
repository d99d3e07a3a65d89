"""Variants: which arm of a campaign's test a member is in."""

from itertools import accumulate

from gateway.core.offers.facts import Facts
from gateway.core.offers.sticky import bucket
from gateway.model.documents import Campaign, Variant


def variant_for(campaign: Campaign, facts: Facts) -> Variant:
    """The same variant for the same member each time, in proportion to the weights; salt `{campaign}:variant`."""
    if len(campaign.variants) == 1:
        return campaign.variants[0]
    ends = tuple(accumulate(variant.weight for variant in campaign.variants))
    place = bucket(f"{campaign.id}:variant", facts.unit, ends[-1])
    return next(variant for variant, end in zip(campaign.variants, ends, strict=True) if place < end)
