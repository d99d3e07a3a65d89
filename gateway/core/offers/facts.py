"""What a rule may know, and how it says no."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.core.offers.expression import Answers
from gateway.core.offers.snapshot import Snapshot
from gateway.core.offers.tally import Tally
from gateway.model.decision import Exposure, Moment
from gateway.model.documents import Campaign, Member
from gateway.model.time import Now


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything around one moment, put together once for all its candidates.

    `subject` is the member's (`m.` and a handle), `local` the store's wall time, `day` its date (ISO 8601), `clock` its
    time of day (`HH:MM`). `member` is None while no members document is in use: the handle is then taken as consenting.
    `exposures` are by campaign what was offered to this subject before, `tally` over all of them; `groups_used` are the
    exclusive groups of which this visit already had an offer; `made` counts the offers of this moment so far, and
    `given` are the campaigns with a benefit that were offered in this visit, where any goes with no other. `spent`
    gives by campaign the offers made to everybody, `stock` how many there are here of a product (GTIN-14; None = nobody
    knows). `unit` is what is dealt into buckets: the member's brand-wide number in decimal where there is one, else the
    subject. Only the former keeps a member on the same side in every store: a handle differs from store to store.
    """

    snapshot: Snapshot
    moment: Moment
    subject: str
    member: Member | None
    exposures: Mapping[str, Exposure]
    tally: Tally
    groups_used: frozenset[str]
    made: int
    given: frozenset[str]
    spent: Callable[[str], int]
    stock: Callable[[str], int | None]
    now: Now
    local: datetime
    day: str
    clock: str
    unit: str
    held_out: bool
    answers: Answers


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a campaign is withheld: `reason` a stable code, `says` a sentence for a person, `values` what it names.

    `would_have_shown` is the content that a control or holdout member did not get.
    """

    reason: str
    says: str
    values: Mapping[str, object] = field(default_factory=dict)
    would_have_shown: str | None = None


Rule = Callable[[Campaign, Facts], Refusal | None]
"""One reason for which a campaign may be withheld; None where it has nothing against it."""
