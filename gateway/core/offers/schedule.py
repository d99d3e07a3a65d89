"""Schedule: from when, until when, and on which days of the store's calendar."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.core.offers.recurrence import occurs_on
from gateway.model.documents import Campaign


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`schedule`: before `from`, at or after `until`, or on a date that the recurrence does not give."""
    schedule, snapshot = campaign.schedule, facts.snapshot
    if schedule.from_utc_s is not None and facts.now.utc_s < schedule.from_utc_s:
        return Refusal("schedule", f"This campaign starts on {snapshot.local(schedule.from_utc_s):%Y-%m-%d at %H:%M}.")
    if schedule.until_utc_s is not None and facts.now.utc_s >= schedule.until_utc_s:
        return Refusal("schedule", f"This campaign ended on {snapshot.local(schedule.until_utc_s):%Y-%m-%d at %H:%M}.")
    recurrence = snapshot.recurrences.get(campaign.id)
    if recurrence is None or occurs_on(recurrence, facts.local.date()):
        return None
    return Refusal("schedule", f"This campaign does not run on {facts.local:%Y-%m-%d}, by its recurrence.")
