"""Agreement: which of two words of a member holds, the one in the members document or the one said here."""

from dataclasses import replace

from gateway.model.consent import Consent
from gateway.model.documents import Member


def in_force(member: Member, consent: Consent | None, serial: int | None) -> Member:
    """The member with the purposes and channels that hold: those of the document of this serial, or said here since.

    What was said here holds, until a document says when the member said something later. A document without such a
    date that came later can take away and not add: in doubt a withdrawal wins.
    """
    if consent is None or overtaken(member, consent):
        return member
    said = consent.said[-1]
    purposes = frozenset(said.purposes)
    channels = member.channels if said.channels is None else frozenset(said.channels)
    if serial != consent.serial and (member.consent_utc_s is None or said.clock == "unset"):
        purposes &= member.purposes
        channels = member.channels if channels is None or member.channels is None else channels & member.channels
    return replace(member, purposes=purposes, channels=channels)


def overtaken(member: Member, consent: Consent) -> bool:
    """Whether the members document tells a later word, or this one; never where no clock says when it was said here."""
    said = consent.said[-1]
    return said.clock == "synced" and member.consent_utc_s is not None and member.consent_utc_s >= said.at.utc_s
