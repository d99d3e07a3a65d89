"""The members document: NDJSON, a header and then one member a line, whole or as a change to the one before."""

import base64
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import Field

from gateway.documents.form import Form, LanguageTag, Name, fill_json, invalid
from gateway.documents.refusal import DocumentRefused
from gateway.model.documents import PURPOSES, Member, Members
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
    removed: bool = False


def compile_members(lines: bytes) -> Members:
    """The members of `lines`; with a `base_serial` in its header, the change that `apply_delta` applies.

    Raises:
        DocumentRefused: `malformed` or `invalid`, with the line and key that is wrong.
    """
    numbered = [(number, line) for number, line in enumerate(lines.splitlines(), start=1) if line.strip()]
    if not numbered:
        problem = "it has no header"
        raise DocumentRefused(
            "malformed", problem, "Begin with the line that says document and serial", document=DOCUMENT
        )
    number, line = numbered[0]
    header = fill_json(_HeaderForm, line, DOCUMENT, f"line {number}")
    members: dict[str, Member] = {}
    removed: set[str] = set()
    for number, line in numbered[1:]:
        form = fill_json(_MemberForm, line, DOCUMENT, f"line {number}")
        _check_line(form, number, header, members, removed)
        if form.removed:
            removed.add(form.handle)
        else:
            members[form.handle] = _member(form, number)
    return Members(
        serial=header.serial,
        members=MappingProxyType(members),
        base_serial=header.base_serial,
        removed=frozenset(removed),
        valid_from_utc_s=_instant("valid_from", header.valid_from),
        valid_until_utc_s=_instant("valid_until", header.valid_until),
    )


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


def _check_line(
    form: _MemberForm, number: int, header: _HeaderForm, members: Mapping[str, Member], removed: set[str]
) -> None:
    if form.handle in members or form.handle in removed:
        raise invalid(DOCUMENT, f"line {number}.handle", "this handle is there twice", "Give each member one line")
    if form.removed and header.base_serial is None:
        problem = "a whole document removes nobody"
        raise invalid(DOCUMENT, f"line {number}.removed", problem, "Leave the line out, or give base_serial")


def _member(form: _MemberForm, number: int) -> Member:
    unknown = sorted(set(form.purposes) - PURPOSES)
    if unknown:
        hint = f"Write any of {', '.join(sorted(PURPOSES))}"
        raise invalid(DOCUMENT, f"line {number}.purposes", f"there is no purpose {unknown[0]!r}", hint)
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
    )


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


def _instant(name: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return from_rfc3339(text)
    except ValueError as error:
        raise invalid(DOCUMENT, f"line 1.{name}", str(error), "Write it as 2026-01-05T09:00:00Z") from error
