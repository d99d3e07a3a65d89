"""Commands of head office: what was ordered, under which name, until when, and what became of it."""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["open", "done", "failed", "unknown"]
"""What became of a command that was taken; `unknown` where the gateway ended before it was over."""


@dataclass(frozen=True, slots=True)
class Command:
    """An order that a trusted key signed for this gateway.

    `id` is head office's, new for each order; `key` the signer's name in `[trust]`; it was issued, and ends, at seconds
    since 1970.
    """

    id: str
    name: str
    key: str
    issued_utc_s: float
    expires_utc_s: float


@dataclass(frozen=True, slots=True)
class UsedCommand:
    """A command that was taken: it has its effect once. Times are seconds since 1970."""

    id: str
    name: str
    expires_utc_s: float
    used_utc_s: float
    outcome: Outcome = "open"


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Why a command is refused: a stable code and a sentence for a person."""

    reason: str
    says: str


@dataclass(frozen=True, slots=True)
class ErasedState:
    """How much of a member the shop's state held before it was erased; `statements` are those of its consent."""

    visits: int
    presences: int
    exposures: int
    orders: int = 0
    briefs: int = 0
    redemptions: int = 0
    statements: int = 0
