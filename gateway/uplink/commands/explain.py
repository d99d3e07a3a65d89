"""`explain`: why a member got an offer, or did not."""

from typing import Annotated, Final

from pydantic import AwareDatetime, Field

from gateway.core.offers.explanation import explanation
from gateway.uplink.commands.deed import Arguments, Deed, Result
from gateway.uplink.commands.erase import Handle
from gateway.uplink.commands.reach import Reach

MOST: Final = 100
"""Campaigns that are explained at once."""


class ExplainArguments(Arguments):
    """Whom, of which campaign (None: of each), until when (None: now)."""

    handle: Handle
    campaign: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    at: Annotated[AwareDatetime, Field(strict=False)] | None = None


async def explain(reach: Reach, arguments: ExplainArguments, _gave: None) -> Result:
    """The newest decisions, as the command line's `explain` prints them."""
    subject = f"m.{arguments.handle}"
    until_utc_s = reach.inbox.now().utc_s if arguments.at is None else arguments.at.timestamp()
    if arguments.campaign is None:
        decisions = await reach.ledger.last_of_each(subject, until_utc_s)
    else:
        decisions = await reach.ledger.decisions(subject, arguments.campaign, until_utc_s, limit=1)
    return {"decisions": [explanation(decision) for decision in decisions[:MOST]], "found": len(decisions)}


EXPLAIN = Deed(ExplainArguments, explain)
