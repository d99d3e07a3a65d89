"""What is said to sellers about a member, by the channel `staff`, and is not the member's to hear."""

from collections.abc import Iterable
from typing import Any

from gateway.core.desk.help import STAFF
from gateway.model.decision import Decision, Offered, Withheld
from gateway.model.event import Event
from gateway.web.answers import DecisionAnswer, decision_answer
from gateway.web.in_force import InForce


def told_to_member(decided: Iterable[object], in_force: InForce) -> list[DecisionAnswer]:
    """What a member hears of the decisions in what came of its step, with the words of each offer."""
    decisions = [each for each in decided if isinstance(each, Offered | Withheld)]
    heard = [each for each in decisions if not decided_for_sellers(each, in_force)]
    return [decision_answer(each, in_force.words(each)) for each in heard]


def decided_for_sellers(decision: Decision, in_force: InForce) -> bool:
    """Whether a decision is about words for sellers alone; of a campaign that is no longer known, it may be."""
    if isinstance(decision, Offered):
        return decision.channel == STAFF
    return _speaks_to_sellers(decision.campaign, in_force)


def told_of_sellers(event: Event, in_force: InForce) -> bool:
    """Whether an event tells of such a decision, or of the request for a seller that came of one."""
    said: Any = event.data
    match event.type:
        case "offer.made":
            return bool(said["channel"] == STAFF)
        case "offer.withheld":
            return _speaks_to_sellers(said["campaign"], in_force)
        case "help.requested" | "help.claimed" | "help.closed":
            return bool(said["cause"] == "campaign")
        case _:
            return False


def _speaks_to_sellers(campaign: str, in_force: InForce) -> bool:
    known = in_force.campaigns.get(campaign)
    return known is None or set(known.channels) == {STAFF}
