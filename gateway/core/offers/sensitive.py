"""Sensitive zones: nothing personal is said because of where a member was who may not want it known."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign


def refusal(_campaign: Campaign, facts: Facts) -> Refusal | None:
    """`sensitive_zone`: the moment is in a zone that the floor plan calls sensitive."""
    zone = facts.snapshot.zones.get(facts.moment.zone or "")
    if zone is None or not zone.sensitive:
        return None
    says = f"“{zone.id}” is a sensitive zone: nothing personal is said about being there."
    return Refusal("sensitive_zone", says, {"zone": zone.id})
