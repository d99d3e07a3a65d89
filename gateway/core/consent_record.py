"""The record of a consent, with the fields that ISO/IEC TS 27560:2023 asks for."""

from typing import Final

from gateway.core.privacy_options import PrivacyOptions
from gateway.core.purposes import PURPOSES
from gateway.model.consent import Consent, Statement
from gateway.model.documents import PROSPECTING
from gateway.model.time import rfc3339

SCHEMA: Final = "ISO/IEC TS 27560:2023"
WITHDRAWAL: Final = "PUT /v1/consents without the purpose, or DELETE /v1/me; in the app at any time, or from the staff"


def consent_record(consent: Consent, options: PrivacyOptions) -> dict[str, object]:
    """Who agreed to what, towards whom, having read what, when and how; and every change of it that is kept."""
    said = consent.said[-1]
    return {
        "schema_version": SCHEMA,
        "record_id": consent.id,
        "pii_principal_id": consent.handle,
        "pii_controllers": [{"name": options.controller, "contact": options.contact}],
        "jurisdiction": options.jurisdiction,
        "notice": {"url": options.notice, "version": said.notice, "language": said.language},
        "collection_method": said.method,
        "timestamp": rfc3339(said.at.utc_s),
        "clock": said.clock,
        "withdrawal_method": WITHDRAWAL,
        "purposes": [_purpose(name, consent.said) for name in PURPOSES],
        "channels": None
        if said.channels is None
        else {channel: _state(channel in said.channels) for channel in sorted(PROSPECTING)},
        "events": [_event(each) for each in consent.said],
    }


def _purpose(name: str, said: tuple[Statement, ...]) -> dict[str, object]:
    facts, given = PURPOSES[name], name in said[-1].purposes
    since = said[-1]
    for each in reversed(said):
        if (name in each.purposes) != given:
            break
        since = each
    return {
        "purpose": name,
        "purpose_category": facts.category,
        "legal_basis": "consent (GDPR, article 6(1)(a))",
        "pii_categories": list(facts.personal),
        "retention": facts.retention,
        "recipients": list(facts.recipients),
        "state": _state(given),
        "since": rfc3339(since.at.utc_s),
    }


def _event(said: Statement) -> dict[str, object]:
    return {
        "at": rfc3339(said.at.utc_s),
        "purposes": list(said.purposes),
        "channels": None if said.channels is None else list(said.channels),
        "method": said.method,
        "notice_version": said.notice,
    }


def _state(given: bool) -> str:
    return "given" if given else "withdrawn"
