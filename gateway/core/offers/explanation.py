"""A decision in words: what `explain` tells of it, on the command line and to head office."""

from gateway.model.decision import Decision, Offered
from gateway.model.time import rfc3339


def explanation(decision: Decision) -> dict[str, object]:
    """Subject, campaign, time, `offered` or `withheld`, the reason (None for an offer), and a sentence."""
    offered = isinstance(decision, Offered)
    return {
        "subject": decision.subject,
        "campaign": decision.campaign,
        "at": rfc3339(decision.at.utc_s),
        "decision": "offered" if offered else "withheld",
        "reason": None if isinstance(decision, Offered) else decision.reason,
        "says": _offer_says(decision) if isinstance(decision, Offered) else decision.says,
    }


def _offer_says(offered: Offered) -> str:
    """What an offer was, for a person: `Offered welcome-a (variant a) in fr on app after zone_entered.`."""
    return (
        f"Offered {offered.content} (variant {offered.variant}) in {offered.language} on {offered.channel} "
        f"after {offered.moment}."
    )
