"""The members document: NDJSON, a header and then one member a line, whole or as a change to the one before."""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import Field

from gateway.documents.form import Form, LanguageTag, Name, fill_json, invalid
from gateway.documents.refusal import DocumentRefused
from gateway.model.documents import PROSPECTING, PURPOSES, Member, Members
from gateway.model.time import from_rfc3339

DOCUMENT: Final = "members"

KEY_BYTES: Final = 16
"""Length of a day key (`docs/wire.md`, "The member token on the air")."""

Count = Annotated[int, Field(ge=0)]


class _HeaderForm(Form):
    document: Literal["members"]
    serial: Count
    tenant: Name | None = None
    store: Name | None = None
    base_serial: Count | None = None
    valid_from: str | None = None
    valid_until: str | None = None


class _MemberForm(Form):
    handle: Name
    keys: dict[str, str] = Field(default_factory=dict)
    languages: list[LanguageTag] = Field(default_factory=list)
    purposes: list[str] = Field(default_factory=list)
    segments: list[str] = Field(default_factory=list)
    units: dict[str, int] = Field(default_factory=dict)
    caps: dict[str, Count] = Field(default_factory=dict)
    campaigns_seen: list[str] = Field(default_factory=list)
    minor: bool = False
    contacts: dict[str, Count] = Field(default_factory=dict)
    channels: list[str] | None = None
    consent_at: str | None = None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """What the first line says: which members these are, and to which serial they are a change (None = whole)."""

    serial: int
    base_serial: int | None = None
    tenant: str | None = None
    store: str | None = None
    valid_from_utc_s: float | None = None
    valid_until_utc_s: float | None = None


def read_members(lines: Iterable[bytes]) -> tuple[Heading, Iterator[tuple[int, str, Member | None]]]:
    """The heading, then each line's number, its handle and its member, or None for one that is removed.

    Nothing of earlier lines is remembered: whether a handle is there twice is for who keeps them to see.

    Raises:
        DocumentRefused: `malformed` or `invalid`, with the line and key that is wrong; also while iterating.
    """
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    first = next(numbered, None)
    if first is None:
        hint = "Begin with the line that says document and serial"
        raise DocumentRefused("malformed", "it has no header", hint, document=DOCUMENT)
    number, line = first
    form = fill_json(_HeaderForm, line, DOCUMENT, f"line {number}")
    heading = Heading(
        serial=form.serial,
        base_serial=form.base_serial,
        tenant=form.tenant,
        store=form.store,
        valid_from_utc_s=_instant("line 1.valid_from", form.valid_from),
        valid_until_utc_s=_instant("line 1.valid_until", form.valid_until),
    )
    return heading, _entries(numbered, heading)


def compile_members(raw: bytes) -> Members:
    """The members of `raw`; with a `base_serial` in its header, the change that `apply_delta` applies.

    Raises:
        DocumentRefused: `malformed` or `invalid`, with the line and key that is wrong.
    """
    heading, entries = read_members(BytesIO(raw))
    members: dict[str, Member] = {}
    removed: set[str] = set()
    for number, handle, member in entries:
        if handle in members or handle in removed:
            raise twice(number)
        if member is None:
            removed.add(handle)
        else:
            members[handle] = member
    return Members(
        serial=heading.serial,
        members=MappingProxyType(members),
        base_serial=heading.base_serial,
        removed=frozenset(removed),
        valid_from_utc_s=heading.valid_from_utc_s,
        valid_until_utc_s=heading.valid_until_utc_s,
    )


def twice(line: int) -> DocumentRefused:
    """The refusal of a document that names a member in this line again."""
    return invalid(DOCUMENT, f"line {line}.handle", "this handle is there twice", "Give each member one line")


def apply_delta(current: Members, delta: Members) -> Members:
    """The members of `current` as `delta` changes them: its members replace or join, its removed ones go.

    Raises:
        DocumentRefused: `wrong_base`: `delta` is whole, or a change to another serial than `current`'s.
    """
    if delta.base_serial != current.serial:
        problem = f"it changes serial {delta.base_serial}, and the one in use is {current.serial}"
        raise DocumentRefused(
            "wrong_base", problem, "Send the members whole, or a change to the one in use", document=DOCUMENT
        )
    kept = {handle: member for handle, member in current.members.items() if handle not in delta.removed}
    return Members(
        serial=delta.serial,
        members=MappingProxyType({**kept, **delta.members}),
        valid_from_utc_s=delta.valid_from_utc_s,
        valid_until_utc_s=delta.valid_until_utc_s,
    )


def _entries(numbered: Iterator[tuple[int, bytes]], heading: Heading) -> Iterator[tuple[int, str, Member | None]]:
    for number, line in numbered:
        form = fill_json(_MemberForm, line, DOCUMENT, f"line {number}")
        if form.removed and heading.base_serial is None:
            problem = "a whole document removes nobody"
            raise invalid(DOCUMENT, f"line {number}.removed", problem, "Leave the line out, or give base_serial")
        yield number, form.handle, None if form.removed else _member(form, number)


def _member(form: _MemberForm, number: int) -> Member:
    _check_known("purpose", form.purposes, PURPOSES, number)
    _check_known("channel", form.channels or (), PROSPECTING, number)
    return Member(
        handle=form.handle,
        keys={_day(day, number): _key(key, day, number) for day, key in form.keys.items()},
        languages=tuple(form.languages),
        purposes=frozenset(form.purposes),
        segments=tuple(form.segments),
        units=form.units,
        caps=form.caps,
        campaigns_seen=tuple(form.campaigns_seen),
        minor=form.minor,
        contacts=form.contacts,
        channels=None if form.channels is None else frozenset(form.channels),
        consent_utc_s=_instant(f"line {number}.consent_at", form.consent_at),
    )


def _check_known(kind: str, given: Iterable[str], known: frozenset[str], number: int) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        hint = f"Write any of {', '.join(sorted(known))}"
        raise invalid(DOCUMENT, f"line {number}.{kind}s", f"there is no {kind} {unknown[0]!r}", hint)


def _day(text: str, number: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise invalid(DOCUMENT, f"line {number}.keys", f"{text!r} is no day", "Write the days since 1970-01-01")
    return int(text)


def _key(text: str, day: str, number: int) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        problem = f"it is not base64 of a day key of {KEY_BYTES} bytes"
        raise invalid(DOCUMENT, f"line {number}.keys.{day}", problem, "Write the key's bytes in base64")
    return key


def _instant(key: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return from_rfc3339(text)
    except ValueError as error:
        raise invalid(DOCUMENT, key, str(error), "Write it as 2026-01-05T09:00:00Z") from error
