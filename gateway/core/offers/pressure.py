"""Pressure: what a member hears of the brand in a day on all channels, those of head office included."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign


def refusal(_campaign: Campaign, facts: Facts) -> Refusal | None:
    """`pressure`: today's offers here and the contacts that head office reports reach `contacts_per_day`."""
    most = facts.snapshot.campaigns.contacts_per_day
    if most is None:
        return None
    elsewhere = facts.member.contacts.get(facts.day, 0) if facts.member is not None else 0
    here = facts.tally.overall.day
    if here + elsewhere < most:
        return None
    says = f"Reached {elsewhere} times elsewhere and {here} times here today; at most {most} in all."
    return Refusal("pressure", says, {"elsewhere": elsewhere, "here": here, "max": most})
