"""Export: all that is kept of one member as plain JSON, for the member to read and to take along (GDPR, 15 and 20)."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Any, Final

from gateway.core.consent_record import consent_record
from gateway.core.offers.explanation import explanation
from gateway.core.privacy_options import PrivacyOptions
from gateway.model.consent import Consent
from gateway.model.decision import Decision
from gateway.model.documents import Member
from gateway.model.event import Event
from gateway.model.personal import Held
from gateway.model.step import RecordKind, kind_of
from gateway.model.time import At, rfc3339

SECTIONS: Final[Mapping[RecordKind, str]] = {
    "presence": "presence",
    "visit": "visits",
    "exposure": "offers_counted",
    "redemption": "redemptions",
    "order": "orders",
    "brief": "brief",
}
"""Under which key of an export the records of each kind stand."""


def exported(
    held: Held, decisions: Iterable[Decision], waiting: Iterable[Event], options: PrivacyOptions
) -> dict[str, object]:
    """Everything kept of a member: what head office said of it, what happened here, and what waits to be sent.

    Keys of days are told by their days alone: whoever has them could follow the member's phone.
    """
    told: dict[str, object] = {"handle": held.handle, "member": None if held.member is None else _member(held.member)}
    consents = [each for each in held.records if isinstance(each, Consent)]
    told["consent"] = consent_record(consents[0], options) if consents else None
    sections: dict[str, list[object]] = {name: [] for name in SECTIONS.values()}
    for record in held.records:
        section = SECTIONS.get(kind_of(record))
        if section is not None:
            sections[section].append(_plain(record))
        elif not isinstance(record, Consent):
            sections.setdefault(kind_of(record), []).append(_plain(record))
    told |= sections
    told["decisions"] = [explanation(each) for each in decisions]
    told["waiting_for_head_office"] = [
        {"type": each.type, "time": rfc3339(each.time_utc_s), "data": each.data} for each in waiting
    ]
    return told


def _member(member: Member) -> dict[str, object]:
    plain = {name: value for name, value in _fields(member).items() if name not in {"keys", "consent_utc_s"}}
    at = member.consent_utc_s
    return plain | {"key_days": sorted(member.keys), "consent_at": None if at is None else rfc3339(at)}


def _plain(value: Any) -> Any:
    """A value of the model in JSON's own types, times in RFC 3339."""
    if isinstance(value, At):
        return rfc3339(value.utc_s)
    if isinstance(value, IntEnum):
        return value.name.lower()
    if is_dataclass(value):
        return _fields(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return [_plain(each) for each in (sorted(value) if isinstance(value, frozenset) else value)]
    return float(value) if isinstance(value, Decimal) else value


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
