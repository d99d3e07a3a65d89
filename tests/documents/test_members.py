"""The members document: whole, as a change, and refused."""

import json

import pytest

from gateway.documents.members import apply_delta, compile_members
from gateway.documents.refusal import DocumentRefused
from gateway.model.documents import Member, Members
from gateway.model.time import from_rfc3339

KEY = "YWJjZGVmZ2hpamtsbW5vcA=="
HEADER: dict[str, object] = {
    "document": "members",
    "tenant": "acme",
    "store": "0042",
    "serial": 812,
    "valid_from": "2026-01-05T00:00:00Z",
    "valid_until": "2026-01-08T00:00:00Z",
}
FULL: dict[str, object] = {
    "handle": "q3lzt7",
    "keys": {"20778": KEY},
    "languages": ["fr"],
    "purposes": ["presence", "offers"],
    "segments": ["sneakers"],
    "units": {"brand": 4711},
    "caps": {"push": 1},
    "campaigns_seen": ["ig-2026-11"],
    "minor": False,
}


def lines(*values: dict[str, object]) -> bytes:
    return "".join(json.dumps(value) + "\n" for value in values).encode()


def refused(raw: bytes) -> DocumentRefused:
    with pytest.raises(DocumentRefused) as caught:
        compile_members(raw)
    return caught.value


def test_a_whole_document_compiles() -> None:
    members = compile_members(lines(HEADER, FULL, {"handle": "x"}))
    assert (members.serial, members.base_serial, members.removed) == (812, None, frozenset())
    assert members.valid_from_utc_s == from_rfc3339("2026-01-05T00:00:00Z")
    assert members.valid_until_utc_s == from_rfc3339("2026-01-08T00:00:00Z")
    assert members.members["q3lzt7"] == Member(
        handle="q3lzt7",
        keys={20778: b"abcdefghijklmnop"},
        languages=("fr",),
        purposes=frozenset({"presence", "offers"}),
        segments=("sneakers",),
        units={"brand": 4711},
        caps={"push": 1},
        campaigns_seen=("ig-2026-11",),
    )
    assert members.members["x"] == Member("x")


def test_blank_lines_are_passed_over() -> None:
    assert list(compile_members(b"\n" + lines(HEADER) + b"\n\n" + lines({"handle": "x"})).members) == ["x"]


def test_a_delta_replaces_joins_and_removes() -> None:
    current = compile_members(lines(HEADER, FULL, {"handle": "goes"}, {"handle": "stays"}))
    changed = {**FULL, "minor": True}
    delta = compile_members(
        lines(
            {**HEADER, "serial": 813, "base_serial": 812},
            changed,
            {"handle": "new"},
            {"handle": "goes", "removed": True},
        )
    )
    merged = apply_delta(current, delta)
    assert (merged.serial, merged.base_serial, merged.removed) == (813, None, frozenset())
    assert sorted(merged.members) == ["new", "q3lzt7", "stays"]
    assert merged.members["q3lzt7"].minor


@pytest.mark.parametrize("base_serial", [811, None])
def test_a_change_to_another_serial_is_refused(base_serial: int | None) -> None:
    delta = Members(813, {}, base_serial=base_serial)
    with pytest.raises(DocumentRefused) as caught:
        apply_delta(Members(812, {}), delta)
    assert caught.value.code == "wrong_base"
    assert str(base_serial) in caught.value.problem


@pytest.mark.parametrize(
    ("raw", "code", "key", "problem"),
    [
        (b"", "malformed", "", "it has no header"),
        (b"{", "malformed", "line 1", "Invalid JSON"),
        (lines({**HEADER, "document": "campaigns"}), "invalid", "line 1.document", "should be 'members'"),
        (lines({**HEADER, "valid_from": "2026-01-05T00:00:00"}), "invalid", "line 1.valid_from", "has no offset"),
        (lines(HEADER, {**FULL, "name": "Ann"}), "invalid", "line 2.name", "this key is not known"),
        (lines(HEADER, {"keys": {}}), "invalid", "line 2.handle", "this key is missing"),
        (lines(HEADER, {**FULL, "minor": 1}), "invalid", "line 2.minor", "valid boolean"),
        (lines(HEADER, {**FULL, "keys": {"20778": "YQ=="}}), "invalid", "line 2.keys.20778", "16 bytes"),
        (lines(HEADER, {**FULL, "keys": {"20778": "é"}}), "invalid", "line 2.keys.20778", "16 bytes"),
        (lines(HEADER, {**FULL, "keys": {"x": KEY}}), "invalid", "line 2.keys", "'x' is no day"),
        (lines(HEADER, {**FULL, "purposes": ["all"]}), "invalid", "line 2.purposes", "there is no purpose 'all'"),
        (lines(HEADER, FULL, FULL), "invalid", "line 3.handle", "there twice"),
        (lines(HEADER, {"handle": "x", "removed": True}), "invalid", "line 2.removed", "removes nobody"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(raw: bytes, code: str, key: str, problem: str) -> None:
    refusal = refused(raw)
    assert (refusal.code, refusal.document, refusal.key) == (code, "members", key)
    assert problem in refusal.problem


def test_a_refusal_repeats_no_key_of_a_member() -> None:
    assert "YQ==" not in str(refused(lines(HEADER, {**FULL, "keys": {"20778": "YQ=="}})))
