"""NDEF messages there and back, and messages that are none."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.codecs.ndef import (
    MAX_MESSAGE_BYTES,
    NdefError,
    OtherRecord,
    Record,
    SmartPosterRecord,
    TextRecord,
    UriRecord,
    decode,
    encode,
)

ADDRESS = st.text(st.characters(min_codepoint=0x20, exclude_categories=("Cs",)), max_size=300)
ASCII = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=30)
RECORDS: st.SearchStrategy[Record] = (
    st.builds(UriRecord, ADDRESS)
    | st.builds(TextRecord, ASCII, st.text(max_size=300))
    | st.builds(OtherRecord, ASCII.map("urn:nfc:ext:{}".format), st.binary(max_size=300))
    | st.builds(OtherRecord, st.just("text/vcard"), st.binary(max_size=300))
    | st.builds(OtherRecord, st.just(""), st.binary(max_size=300))
    | st.builds(
        lambda uri, title: SmartPosterRecord((UriRecord(uri), TextRecord("en", title))),
        ADDRESS,
        st.text(max_size=100),
    )
)


@pytest.mark.parametrize(
    ("message", "record"),
    [
        ("d1010c5504 6578616d706c652e636f6d", UriRecord("https://example.com")),
        ("d101085402 6672 53616c7574", TextRecord("fr", "Salut")),
        ("c101 00000008 5402 6672 53616c7574", TextRecord("fr", "Salut")),
        ("d901 08 02 54 6162 02 6672 53616c7574", TextRecord("fr", "Salut")),
        ("d101095482 6672 feff 00e9 00e8", TextRecord("fr", "éè")),
        ("d101095482 6672 fffe e900 e800", TextRecord("fr", "éè")),
        ("d101075482 6672 00e9 00e8", TextRecord("fr", "éè")),
        ("d20a02746578742f7663617264 6869", OtherRecord("text/vcard", b"hi")),
        ("d40d02 6578616d706c652e636f6d3a78 00ff", OtherRecord("urn:nfc:ext:example.com:x", b"\x00\xff")),
        ("b1010354026672 3600025361 5600036c7574", TextRecord("fr", "Salut")),
        (
            "d1021b 5370 9101015500 110301616374 01 110104 73 00000064 510103 74 612f62",
            SmartPosterRecord(
                (
                    UriRecord(""),
                    OtherRecord("urn:nfc:wkt:act", b"\x01"),
                    OtherRecord("urn:nfc:wkt:s", b"\x00\x00\x00d"),
                    OtherRecord("urn:nfc:wkt:t", b"a/b"),
                )
            ),
        ),
        ("d50001 00", OtherRecord("", b"\x00")),
        ("d00000", OtherRecord("", b"")),
    ],
)
def test_records_are_read(message: str, record: Record) -> None:
    assert decode(bytes.fromhex(message)) == (record,)


def test_a_tag_without_a_message_has_no_records() -> None:
    assert decode(b"") == ()


@pytest.mark.parametrize("code", range(0x24))
def test_every_abbreviation_is_expanded_and_found_again(code: int) -> None:
    payload = bytes((code,)) + b"x"
    (record,) = decode(bytes((0xD1, 1, len(payload))) + b"U" + payload)
    assert decode(encode(record)) == (record,)


def test_an_address_is_abbreviated_as_far_as_it_goes() -> None:
    assert encode(UriRecord("https://www.example.com")).hex() == "d1010c5502" + b"example.com".hex()


@given(st.lists(RECORDS, min_size=1, max_size=5))
@settings(max_examples=100)
def test_there_and_back(records: list[Record]) -> None:
    assert decode(encode(*records)) == tuple(records)


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_any_bytes_are_a_message_or_an_ndef_error(message: bytes) -> None:
    with suppress(NdefError):
        decode(message)


@pytest.mark.parametrize(
    ("message", "what"),
    [
        ("d1", "record 1 at byte 0: 1 bytes are due at byte 1 and 0 are left: the message is cut short"),
        ("d1010c5504", "12 bytes are due at byte 4 and 1 are left"),
        ("c1ffffffffffff", "255 bytes are due"),
        ("b101015504", "1 bytes are due at byte 5 and 0 are left"),
        ("f101015504", "the message ends between its chunks"),
        ("b101015504 510101 5578", "what follows a chunk is none: it has a type or an id"),
        ("b101015504 5e0001 01 6961", "what follows a chunk is none: it has a type or an id"),
        ("d6000100", "type format 6 belongs to a later chunk or is reserved"),
        ("d7000100", "type format 7 belongs to a later chunk or is reserved"),
        ("d10201 5370 00", "record 1 at byte 0, a smart poster: record 1 at byte 0: only the first record may begin"),
        ("d10208 5370 d101045402656e78", "a smart poster has exactly one address, this one has 0"),
        ("d1020a 5370 91010155005101015500", "a smart poster has exactly one address, this one has 2"),
        ("5101015500", "only the first record may begin the message, and must"),
        ("9101015500d101015500", "record 2 at byte 5: only the first record may begin"),
        ("9101015500", "record 2 at byte 5: 1 bytes are due"),
        ("d10101550000", "1 bytes follow the last record at byte 5"),
        ("d1010155ff", "a URI begins with a prefix code of 0 to 35"),
        ("d1010055", "a URI begins with a prefix code"),
        ("d101025500ff", "the text is no UTF-8"),
        ("d1010054", "a text begins with the length of its language tag"),
        ("d10103540565", "the message is cut short"),
        ("d1010254056e", "a text begins with the length of its language tag"),
        ("d000010a", "type format 0 has a type or payload where none is allowed"),
        ("d50100 61", "type format 5 has a type or payload where none is allowed"),
        ("d10000", "type format 1 needs a type of printable characters"),
        ("d40000", "type format 4 needs a type of printable characters"),
        ("d20500 612f116263", "type format 2 needs a type of printable characters"),
        ("d80000 0161", "an empty record has an id where none is allowed"),
        ("d101025400 61", "a text begins with the length of its language tag and the tag"),
        ("d101045503 61 00 62", "a URI holds no control character"),
        ("d1020c 5370 9101015500 51030161637403", "a smart poster: record 2 at byte 5: an action is one byte"),
        ("d1020b 5370 9101015500 510300616374", "an action is one byte of 0 to 2"),
        ("d1020c 5370 9101015500 51010373000000", "a size has 4 bytes, this one 3"),
        ("d1020a 5370 9101015500 51010174ff", "the text is no UTF-8"),
        ("d1020a 5370 9101015500 5101017400", "a media type holds a control character"),
    ],
)
def test_what_is_no_message_is_refused(message: str, what: str) -> None:
    with pytest.raises(NdefError, match=what):
        decode(bytes.fromhex(message))


def test_a_message_is_bounded_in_bytes_and_records() -> None:
    with pytest.raises(NdefError, match="8193 bytes: at most 8192 are read"):
        decode(bytes(MAX_MESSAGE_BYTES + 1))
    with pytest.raises(NdefError, match="more than 64 records"):
        decode(encode(*[OtherRecord("", b"")] * 65))


@pytest.mark.parametrize(
    ("records", "advice"),
    [
        ((), "give one"),
        ((TextRecord("x" * 64, ""),), "language tag is 64 bytes long: give 1 to 63"),
        ((TextRecord("", "x"),), "language tag is 0 bytes long: give 1 to 63"),
        ((UriRecord("tel:\n"),), "holds a control character: percent-encode it"),
        ((OtherRecord("urn:nfc:ext:" + "x" * 256, b""),), "type is 256 bytes long: give at most 255"),
    ],
)
def test_what_cannot_be_written_is_refused(records: tuple[Record, ...], advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        encode(*records)
