"""Indexed files: what was packed is found, and no bit changes unseen."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.indexed import HEADER_BYTES, Indexed, KeyTwice, Packing, seal_of

RECORDS = st.dictionaries(st.binary(max_size=12), st.binary(max_size=20), max_size=40)


def packed(records: dict[bytes, bytes], about: bytes = b"{}") -> bytes:
    packing = Packing()
    body = b"".join([*(packing.add(key, value) for key, value in records.items()), packing.end(about)])
    return packing.header() + body


def whole(file: bytes) -> bool:
    """Whether a file passes as the one that was written."""
    try:
        indexed = Indexed(file)
    except ValueError:
        return False
    return indexed.seal == seal_of(file[:HEADER_BYTES], hashlib.sha256(file[HEADER_BYTES:]).digest())


@given(RECORDS, st.binary(max_size=30), st.binary(max_size=12))
def test_what_was_packed_is_found(records: dict[bytes, bytes], about: bytes, other: bytes) -> None:
    indexed = Indexed(packed(records, about))
    assert list(indexed) == sorted(records)
    assert {key: indexed.get(key) for key in indexed} == records
    assert indexed.get(other) == records.get(other)
    assert (len(indexed), indexed.about) == (len(records), about)


@given(RECORDS, st.data())
def test_no_bit_changes_unseen(records: dict[bytes, bytes], data: st.DataObject) -> None:
    file = packed(records)
    assert whole(file)
    at = data.draw(st.integers(0, len(file) - 1))
    flipped = bytearray(file)
    flipped[at] ^= 1 << data.draw(st.integers(0, 7))
    assert not whole(bytes(flipped))
    assert not whole(file[:at])
    assert not whole(file + b"\x00")


def test_a_key_is_there_once() -> None:
    packing = Packing()
    for key in (b"a", b"b", b"a"):
        packing.add(key, b"1")
    with pytest.raises(ValueError, match="65,535"):
        packing.add(bytes(65_536), b"")
    with pytest.raises(KeyTwice, match="once") as twice:
        packing.end(b"{}")
    assert twice.value.ordinal == 2


@given(RECORDS)
def test_a_record_is_found_by_its_place(records: dict[bytes, bytes]) -> None:
    indexed = Indexed(packed(records))
    assert [indexed.record_at(at) for at in indexed.places()] == sorted(records.items())
    for key, value in records.items():
        at = indexed.place_of(key)
        assert at is not None
        assert indexed.record_at(at) == (key, value)


def test_the_bytes_are_those_of_the_document() -> None:
    """The example of docs/documents-on-disk.md."""
    file = packed({b"b": b"2", b"a": b"1"}, b"{}")
    assert file[:16] == b"proximity-map 1\n"
    assert file[48:80] == b"".join(number.to_bytes(8, "little") for number in (2, 96, 112, 114))
    assert file[80:88] == b"\x01\x00" + b"\x01\x00\x00\x00" + b"b2"
    assert file[88:96] == b"\x01\x00" + b"\x01\x00\x00\x00" + b"a1"
    assert file[96:112] == (88).to_bytes(8, "little") + (80).to_bytes(8, "little")
    assert file[112:] == b"{}"
