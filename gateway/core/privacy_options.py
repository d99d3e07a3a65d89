"""Who answers for what the shop keeps of people, and what it may count: the `[privacy]` table of the settings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LEGAL_BASES: Final = ("legitimate_interest", "consent", "public_interest")
FEWEST: Final = 10
"""A count of fewer people than this is published by nobody."""


@dataclass(frozen=True, slots=True)
class PrivacyOptions:
    """What the record of a consent names, and on what ground strangers are counted."""

    controller: str | None = None
    """Who answers for the data, by name and address (GDPR, article 13)."""
    contact: str | None = None
    """Where people reach the controller, or its data protection officer."""
    notice: str | None = None
    """The address of the notice that members read."""
    notice_version: str | None = None
    """Its version; a consent is recorded with it."""
    jurisdiction: str | None = None
    """The country whose law holds (ISO 3166-1, such as `FR`)."""
    guests_basis: str | None = None
    """The legal basis on which strangers are counted: `legitimate_interest`, `consent` or `public_interest`. Without
    it nobody is."""
    guests_street: bool = False
    """Count before the shop too, in zones of kind `storefront`; in some countries this needs a permit of its own."""
    guests_fewest: int = FEWEST
    """A count is told from so many on, 10 or more."""
    guests_epsilon: float | None = None
    """Geometric noise for each count told, of this privacy budget (above 0, at most 1); without it none is added."""

    @property
    def counts_guests(self) -> bool:
        """Whether strangers may be counted at all."""
        return self.guests_basis is not None


def problems(options: PrivacyOptions) -> Iterator[tuple[str, str, str]]:
    """Key, problem and hint of each option that will not do."""
    basis = options.guests_basis
    if basis is not None and basis not in LEGAL_BASES:
        yield "guests_basis", f"{basis!r} is no legal basis", f"write one of {', '.join(LEGAL_BASES)}"
    if basis is not None and options.controller is None:
        hint = "write controller: the notice at the door has to name who counts"
        yield "guests_basis", "nobody answers for the counting", hint
    if options.guests_street and basis is None:
        yield "guests_street", "nobody may be counted", "write guests_basis first"
    if options.guests_fewest < FEWEST:
        yield "guests_fewest", f"{options.guests_fewest} is too few", f"write {FEWEST} or more"
    if options.guests_epsilon is not None and not 0.0 < options.guests_epsilon <= 1.0:
        yield "guests_epsilon", f"{options.guests_epsilon:g} is out of range", "write more than 0 and at most 1"
