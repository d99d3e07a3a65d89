"""Place: the shops and zones a campaign keeps to."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`place`: the campaign names shops or zones, and the moment is in none of them (or nowhere known)."""
    if campaign.stores and campaign.stores.isdisjoint(facts.snapshot.shop):
        says = f"This campaign is for the shops {_listed(campaign.stores)}."
        return Refusal("place", says, {"case": "stores", "stores": ", ".join(sorted(campaign.stores))})
    if not campaign.zones or facts.moment.zone in campaign.zones:
        return None
    values = {"case": "nowhere", "zones": ", ".join(sorted(campaign.zones))}
    where = "at no known place"
    if facts.moment.zone is not None:
        where, values = f"in “{facts.moment.zone}”", values | {"case": "elsewhere", "zone": facts.moment.zone}
    return Refusal("place", f"This happened {where}; the campaign is for {_listed(campaign.zones)}.", values)


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"“{name}”" for name in sorted(names))
