"""The documents that are mapped, not held: how each becomes an indexed file, and what is looked up in it."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.documents.elements import utf8
from gateway.documents.mapped import GONE, Lookup, MapFile, MapWriter
from gateway.documents.members import Heading, read_members
from gateway.documents.products import ProductsReading
from gateway.documents.refusal import DocumentRefused
from gateway.model.documents import Member, Members, Products

MAX_CHANGES: Final = 32
"""Changes of the members kept after the last whole document; the next one is refused, so that it comes whole."""


FEW: Final = 250
"""So many members' tokens of a slot are computed on the timeline in some 10 ms; those of more in a child, ahead."""


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of a document on disk, and what its manifest says of them."""

    path: Path
    serial: int
    digest: str
    size: int


def source_of(facts: Mapping[str, Any]) -> Source:
    """A source as a question names it."""
    return Source(Path(facts["path"]), facts["serial"], facts["digest"], facts["size"])


def source_facts(source: Source) -> Mapping[str, Any]:
    """How a question names a source."""
    return {"path": str(source.path), "serial": source.serial, "digest": source.digest, "size": source.size}


@dataclass(frozen=True, slots=True)
class Mapped:
    """One kind of document: `pack` writes its records, `view` is what the engine and the pages are given.

    `pack` takes the document and those that it may change, the whole one first, and gives what the file is about.
    """

    pack: Callable[[Source, Sequence[Source], MapWriter], Mapping[str, Any]]
    view: Callable[[MapFile, MapFile | None], Members | Products]


def _pack_products(new: Source, _before: Sequence[Source], made: MapWriter) -> Mapping[str, object]:
    reading = ProductsReading(utf8(new.path.read_bytes(), "products"))
    for gtin, product in reading:
        made.add(gtin, json.dumps(product, ensure_ascii=False, separators=(",", ":")).encode())
    return {"serial": reading.serial}


def _products(whole: MapFile, _changes: MapFile | None) -> Products:
    def decode(_gtin: str, value: bytes) -> Mapping[str, object]:
        product: Mapping[str, object] = json.loads(value)
        return product

    return Products(int(str(whole.about["serial"])), Lookup(decode, whole))


def _pack_members(new: Source, before: Sequence[Source], made: MapWriter) -> Mapping[str, object]:
    with new.path.open("rb") as file:
        heading, entries = read_members(file)
        if heading.base_serial is None:
            for handle, member in entries:
                made.add(handle, _member_bytes(member))
            return _about(heading, 0)
    return _pack_changes(new, before, made)


def _pack_changes(new: Source, before: Sequence[Source], made: MapWriter) -> Mapping[str, object]:
    """The changes since the whole members as one file: the newest of each handle."""
    latest: dict[str, bytes] = {}
    heading = Heading(before[0].serial if before else -1)
    changes = [*before[1:], new]
    for change in changes:
        with change.path.open("rb") as file:
            base, (heading, entries) = heading, read_members(file)
            _check_base(heading, base, known=bool(before))
            latest.update((handle, _member_bytes(member)) for handle, member in entries)
    if len(changes) > MAX_CHANGES:
        problem = f"{MAX_CHANGES} changes were taken since the members came whole"
        raise DocumentRefused("too_many_changes", problem, "Send the members whole", document="members")
    for handle, value in latest.items():
        made.add(handle, value)
    return _about(heading, len(changes))


def _check_base(heading: Heading, base: Heading, *, known: bool) -> None:
    if not known:
        problem = f"it changes serial {heading.base_serial}, and there are no members here"
        raise DocumentRefused("wrong_base", problem, "Send the members whole", document="members")
    if heading.base_serial != base.serial:
        problem = f"it changes serial {heading.base_serial}, and the one in use is {base.serial}"
        hint = "Send the members whole, or a change to the one in use"
        raise DocumentRefused("wrong_base", problem, hint, document="members")


def _members(whole: MapFile, changes: MapFile | None) -> Members:
    about: Any = (changes or whole).about
    return Members(
        serial=about["serial"],
        members=Lookup(_member_of, whole, changes),
        valid_from_utc_s=about["valid_from_utc_s"],
        valid_until_utc_s=about["valid_until_utc_s"],
        tokens_handed=len(whole) + (0 if changes is None else len(changes)) > FEW,
    )


def _about(heading: Heading, changes: int) -> Mapping[str, object]:
    return {
        "serial": heading.serial,
        "changes": changes,
        "tenant": heading.tenant,
        "store": heading.store,
        "valid_from_utc_s": heading.valid_from_utc_s,
        "valid_until_utc_s": heading.valid_until_utc_s,
    }


def _member_bytes(member: Member | None) -> bytes:
    """A member as a record holds one: what differs from nothing, in JSON; `GONE` for one that is removed."""
    if member is None:
        return GONE
    facts = {
        "keys": {str(day): base64.b64encode(key).decode() for day, key in member.keys.items()},
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


def _member_of(handle: str, value: bytes) -> Member:
    facts = json.loads(value)
    return Member(
        handle=handle,
        keys={int(day): base64.b64decode(key) for day, key in facts.get("keys", {}).items()},
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


MAPPED: Final[Mapping[str, Mapped]] = {
    "members": Mapped(_pack_members, _members),
    "products": Mapped(_pack_products, _products),
}
"""By document; the others are small, and compiled into memory."""
