"""A member as a record of a compiled file holds one, and back."""

import json

from gateway.documents.mapped import GONE
from gateway.model.documents import Member


def member_bytes(member: Member | None) -> bytes:
    """A member as a record holds one: all but handle and keys that is not empty, in JSON; `GONE` for one removed."""
    if member is None:
        return GONE
    facts = {
        "languages": member.languages,
        "purposes": sorted(member.purposes),
        "segments": member.segments,
        "units": member.units,
        "caps": member.caps,
        "campaigns_seen": member.campaigns_seen,
        "minor": member.minor,
        "contacts": member.contacts,
        "consent_utc_s": member.consent_utc_s,
    }
    given = {name: fact for name, fact in facts.items() if fact}
    if member.channels is not None:
        given["channels"] = sorted(member.channels)
    return json.dumps(given, ensure_ascii=False, separators=(",", ":")).encode()


def member_of(handle: str, value: bytes) -> Member:
    """The member of this handle, of what `member_bytes` gave."""
    facts = json.loads(value)
    return Member(
        handle=handle,
        languages=tuple(facts.get("languages", ())),
        purposes=frozenset(facts.get("purposes", ())),
        segments=tuple(facts.get("segments", ())),
        units=facts.get("units", {}),
        caps=facts.get("caps", {}),
        campaigns_seen=tuple(facts.get("campaigns_seen", ())),
        minor=facts.get("minor", False),
        contacts=facts.get("contacts", {}),
        channels=frozenset(facts["channels"]) if "channels" in facts else None,
        consent_utc_s=facts.get("consent_utc_s"),
    )
