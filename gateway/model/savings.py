"""Savings: what a member saved at the tills of this shop."""

from dataclasses import dataclass

from gateway.model.amount import Amount
from gateway.model.time import At


@dataclass(frozen=True, slots=True)
class Saved:
    """What redemptions that are spent saved a subject, in the tills' currency: in one `visit`, and in all `since` then.

    `points` are those it earned in all; `last` is when it saved last.
    """

    subject: str
    visit: str | None
    in_visit: Amount
    in_all: Amount
    points: Amount
    since: At
    last: At


@dataclass(frozen=True, slots=True)
class ShowSaved:
    """A member (its handle), or the till that just took its offer, wants to see what it saved."""

    member: str
