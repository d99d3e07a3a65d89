"""Minors: nothing personal is said to a member who is one."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign


def refusal(_campaign: Campaign, facts: Facts) -> Refusal | None:
    """`minor`: the member is under age, by the members document."""
    if facts.member is None or not facts.member.minor:
        return None
    return Refusal("minor", "This member is a minor: minors get no personal offers.")
