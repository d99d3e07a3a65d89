"""Scenarios: a campaign that is a step after another, told only to whom the one before was told."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.model.decision import Exposure
from gateway.model.documents import Campaign, Follows


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`scenario`: the campaign that this one follows was not offered to the member in time."""
    step = campaign.follows
    if step is None or _taken(step, facts.exposures.get(step.after), facts):
        return None
    when = "in this visit"
    values: dict[str, object] = {"case": "visit", "campaign": step.after}
    if step.within_s is not None:
        when, values = f"in the last {step.within_s:g} s", values | {"case": "lately", "within_s": step.within_s}
    return Refusal("scenario", f"This campaign follows “{step.after}”, which was not offered {when}.", values)


def _taken(step: Follows, before: Exposure | None, facts: Facts) -> bool:
    if before is None:
        return False
    if step.within_s is None:
        return facts.moment.visit is not None and before.visit == facts.moment.visit
    return 0 <= facts.now.utc_s - before.last.utc_s <= step.within_s
