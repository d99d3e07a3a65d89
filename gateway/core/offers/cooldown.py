"""Cooldown: how long a campaign rests for a member after each offer."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign
from gateway.model.time import rfc3339


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`cooldown`: the member was offered this campaign less than its `cooldown_s` ago.

    An offer that lies ahead (the clock was set back) counts as one just made.
    """
    last = facts.exposures.get(campaign.id)
    if campaign.cooldown_s is None or last is None or facts.now.utc_s - last.last.utc_s >= campaign.cooldown_s:
        return None
    again_utc_s = last.last.utc_s + campaign.cooldown_s
    says = f"Offered a short while ago; it rests until {facts.snapshot.local(again_utc_s):%Y-%m-%d %H:%M}."
    return Refusal("cooldown", says, {"at": rfc3339(again_utc_s)})
