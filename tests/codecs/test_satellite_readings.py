"""What a satellite gateway tells: readings, and packets written anew from what it understood of them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.adverts import tokens_in
from gateway.codecs.satellites import NotRead, life
from gateway.codecs.satellites.batch import payload_of
from gateway.codecs.satellites.life import MOST_NAME_CHARS, Life
from gateway.codecs.satellites.reading import (
    MOST_READINGS,
    Reading,
    Refusal,
    Taken,
    decode,
    decode_taken,
    encode,
    encode_taken,
)
from gateway.model.sighting import (
    LIGHT,
    NFC_WALLET,
    AppReport,
    BeaconId,
    BeaconTelemetry,
    CodeText,
    MemberToken,
    NfcTag,
    SealedTelemetry,
    Sighting,
    Stranger,
)

sequences = st.integers(1, MOST_READINGS)
ages_s = st.integers(0, 10**9).map(lambda ms: ms / 1000)
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=50)
media = st.sampled_from(("code", NFC_WALLET))
codes = st.builds(
    lambda medium, text, age_s: Sighting(medium, "cam", CodeText("qr_code", text), age_s=age_s), media, texts, ages_s
)
tags = st.builds(
    lambda ndef, age_s: Sighting("nfc", "nfc-2", NfcTag(ndef), age_s=age_s), st.binary(max_size=50), ages_s
)


temperatures_c = st.integers(-30_000, 30_000).map(lambda steps: steps / 256)


def hex_of(octets: int) -> st.SearchStrategy[str]:
    return st.binary(min_size=octets, max_size=octets).map(bytes.hex)


advertised = st.one_of(
    st.builds(MemberToken, st.binary(min_size=8, max_size=8)),
    st.builds(
        BeaconTelemetry,
        st.none() | st.integers(1, 0xFFFF),
        st.none() | st.integers(-30_000, 30_000).map(lambda n: n / 256),
    ),
    st.builds(
        SealedTelemetry,
        st.binary(min_size=12, max_size=12),
        st.binary(min_size=2, max_size=2),
        st.binary(min_size=2, max_size=2),
    ),
    st.builds(
        lambda uuid, major, minor: BeaconId("ibeacon", f"{uuid}/{major}/{minor}"),
        st.uuids(),
        st.integers(0, 0xFFFF),
        st.integers(0, 0xFFFF),
    ),
    hex_of(20).map(lambda octets: BeaconId("altbeacon", octets)),
    hex_of(8).map(lambda octets: BeaconId("eddystone_eid", octets)),
    st.tuples(hex_of(10), hex_of(6)).map(lambda parts: BeaconId("eddystone_uid", "/".join(parts))),
)


@given(sequences, st.none() | codes | tags)
def test_a_reading_is_read_as_it_was_written(sequence: int, sighting: Sighting | None) -> None:
    assert decode(encode(Reading(sequence, sighting))) == Reading(sequence, sighting)


@given(sequences, st.sampled_from((None, "unknown_receiver", "not_understood")))
def test_an_answer_is_read_as_it_was_written(sequence: int, refused: Refusal | None) -> None:
    assert decode_taken(encode_taken(Taken(sequence, refused))) == Taken(sequence, refused)


def test_a_reason_of_a_newer_gateway_is_a_reason_all_the_same() -> None:
    assert decode_taken(b'{"sequence": 3, "refused": "tuesday"}') == Taken(3, "not_understood")


@pytest.mark.parametrize("rest", ["", ', "receiver": "x", "age_ms": 1, "medium": "smell"', ', "receiver": 7'])
def test_what_has_a_place_and_is_not_understood_says_why(rest: str) -> None:
    read = decode(b'{"sequence": 9' + rest.encode() + b"}")
    assert (read.sequence, read.sighting) == (9, None)
    assert read.problem


names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=MOST_NAME_CHARS)
lives = st.builds(Life, st.sampled_from(("up", "down")), names, st.lists(names, max_size=5).map(tuple))


@given(lives)
def test_a_life_is_read_as_it_was_written(told: Life) -> None:
    assert life.decode(life.encode(told)) == told


@given(st.binary(max_size=80))
def test_no_bytes_make_more_of_a_life(said: bytes) -> None:
    with suppress(NotRead):
        life.decode(said)


def test_a_life_with_a_name_out_of_bounds_is_refused() -> None:
    with pytest.raises(NotRead, match="more than 64 characters"):
        life.decode(life.encode(Life("up", "s", ("x" * (MOST_NAME_CHARS + 1),))))


def test_what_the_formats_show_is_read() -> None:
    """The example of docs/wire.md."""
    said = b'{"sequence": 17, "receiver": "nfc-2", "age_ms": 1250, "medium": "nfc", "ndef": "d1010c"}'
    tag = Sighting("nfc", "nfc-2", NfcTag(bytes.fromhex("d1010c")), age_s=1.25)
    assert decode(said) == Reading(17, tag)


@pytest.mark.parametrize(
    "said",
    [b"", b"{}", b"[1]", b"\xff", b'{"sequence": 0, "lost": true}', b'{"sequence": 1e400}'],
)
def test_nonsense_is_refused_in_words(said: bytes) -> None:
    with pytest.raises(NotRead):
        decode(said)


@given(st.binary(max_size=80))
def test_no_bytes_do_worse_than_that(said: bytes) -> None:
    with suppress(NotRead):
        decode(said)
    with suppress(NotRead):
        decode_taken(said)


def test_what_is_neither_code_nor_tag_is_no_reading() -> None:
    with pytest.raises(ValueError, match="not of app"):
        encode(Reading(1, Sighting("app", "app", AppReport("q3lzt7", ()))))


@given(advertised)
def test_a_packet_written_anew_says_the_same(
    token: BeaconId | BeaconTelemetry | MemberToken | SealedTelemetry,
) -> None:
    assert tokens_in(payload_of(token)) == (token,)


def test_a_stranger_says_nothing() -> None:
    assert tokens_in(payload_of(Stranger())) == ()


def test_a_lamp_is_in_no_packet() -> None:
    with pytest.raises(ValueError, match="no packet says light"):
        payload_of(BeaconId(LIGHT, "0a"))
