"""What a rule may know, and how it says no."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.core.offers.snapshot import Snapshot
from gateway.model.decision import Exposure, Moment
from gateway.model.documents import Campaign, Member
from gateway.model.time import Now


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything around one moment.

    `subject` is the member's (`m.` and a handle), `local` the store's wall time. `member` is None while no
    members document is in use: the handle is then taken as consenting. `exposures` gives by campaign what was
    offered to this subject before; `groups_used` are the exclusive groups of which this visit already had an
    offer; `spent` gives by campaign the offers made to everybody.
    """

    snapshot: Snapshot
    moment: Moment
    subject: str
    member: Member | None
    exposures: Callable[[str], Exposure | None]
    groups_used: frozenset[str]
    spent: Callable[[str], int]
    now: Now
    local: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a campaign is withheld: `reason` a stable code, `says` a sentence for a person.

    `would_have_shown` is the content that a control or holdout member did not get.
    """

    reason: str
    says: str
    would_have_shown: str | None = None


Rule = Callable[[Campaign, Facts], Refusal | None]
"""One reason for which a campaign may be withheld; None where it has nothing against it."""
