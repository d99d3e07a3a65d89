"""Consent: what a member said in the shop about purposes and channels, and what was asked and answered about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.model.time import At, Clock

Method = Literal["app", "page", "staff"]
"""How a member said so: in the loyalty app, on a page of the shop, or to a member of staff who wrote it down."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A member's word: the purposes and channels agreed to, which withdraws all others.

    `channels` is None while nobody asked. `language` and `notice` (its version) tell what the member had read; None
    where nobody knows.
    """

    at: At
    clock: Clock
    purposes: tuple[str, ...]
    channels: tuple[str, ...] | None
    method: str
    language: str | None = None
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """A member's word here, newest last, the last of at least one holds.

    `serial` is of the members document that was in use when it was said (None: there was none).
    """

    handle: str
    id: str
    serial: int | None
    said: tuple[Statement, ...]

    @property
    def at(self) -> At:
        """When the word that holds was said."""
        return self.said[-1].at


@dataclass(frozen=True, slots=True)
class SayConsent:
    """A member (its handle) agrees to these purposes and channels (None: as before), and to no others any more."""

    handle: str
    purposes: frozenset[str]
    channels: frozenset[str] | None = None
    method: Method = "app"
    language: str | None = None


@dataclass(frozen=True, slots=True)
class AskConsent:
    """What did the member (its handle) agree to?"""

    handle: str


@dataclass(frozen=True, slots=True)
class Export:
    """A member (its handle) wants to see all that is kept."""

    handle: str


PersonalAsk = SayConsent | AskConsent | Export


@dataclass(frozen=True, slots=True)
class Agreed:
    """What holds: purposes, channels (None: nobody asked), and the record of who agreed to what, when and how."""

    purposes: tuple[str, ...]
    channels: tuple[str, ...] | None
    record: Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class NotHere:
    """Why there is no answer: a stable code and a sentence for a person."""

    reason: Literal["not_recognised", "too_many"]
    says: str
