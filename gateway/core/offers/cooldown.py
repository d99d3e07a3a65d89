"""Cooldown: how long a campaign rests for a member after each offer."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`cooldown`: the member was offered this campaign less than its `cooldown_s` ago.

    An offer that lies ahead (the clock was set back) counts as one just made.
    """
    last = facts.exposures.get(campaign.id)
    if campaign.cooldown_s is None or last is None or facts.now.utc_s - last.last.utc_s >= campaign.cooldown_s:
        return None
    again = facts.snapshot.local(last.last.utc_s + campaign.cooldown_s)
    return Refusal("cooldown", f"Offered a short while ago; it rests until {again:%Y-%m-%d %H:%M}.")
