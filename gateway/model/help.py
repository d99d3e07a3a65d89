"""Help: somebody in the shop wants a seller, what for, and who took it on."""

from dataclasses import dataclass, field
from typing import Literal

from gateway.model.time import At

HelpCause = Literal["asked", "campaign"]
HelpOutcome = Literal["served", "not_found", "left", "expired"]
"""How a request ended: a seller says so, or its visitor left, or nobody said anything for hours."""


@dataclass(frozen=True, slots=True)
class HelpRequest:
    """An open request: of a member (`subject`) or of nobody we know, about a `product` (GTIN-14) in a `size`.

    `notes` are the asker's own words: they stay in the shop. `campaign` is the one that asked for a seller, where one
    did. `seller` is who took it on, at `claimed`. A `zone` that is `zone_unsaid` is a sensitive one: no event names it,
    nor what is wanted there.
    """

    id: str
    cause: HelpCause
    since: At
    subject: str | None = None
    visit: str | None = None
    zone: str | None = None
    zone_unsaid: bool = False
    product: str | None = None
    size: str | None = None
    notes: str | None = field(default=None, repr=False)
    campaign: str | None = None
    seller: str | None = None
    claimed: At | None = None


@dataclass(frozen=True, slots=True)
class AskHelp:
    """A member (its handle) or a guest (None) wants a seller; `zone` is where, None for a member whose zone we know."""

    member: str | None = None
    zone: str | None = None
    product: str | None = None
    size: str | None = None
    notes: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ClaimHelp:
    """A seller takes a request on."""

    help: str
    seller: str


@dataclass(frozen=True, slots=True)
class CloseHelp:
    """A seller is done with a request."""

    help: str
    outcome: Literal["served", "not_found"]
