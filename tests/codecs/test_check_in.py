"""A check-in by connection as bytes: what is read, written and answered, and what is not taken for one."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.check_in import (
    LONGEST_VALUE,
    Answer,
    Challenge,
    CheckInError,
    challenge_digest,
    read_answer,
    read_challenge,
    read_check_in,
    read_statement,
    write_answer,
    write_challenge,
)
from gateway.codecs.cose import PublicKey
from gateway.codecs.member_code import LONGEST_HANDLE, MemberCodeError, read_code
from simulators.check_in_phone import Written, prepare
from simulators.member_card import MemberCard

ISSUER = Ed25519PrivateKey.generate()
KEY = X25519PrivateKey.generate()
CHALLENGE = write_challenge(Challenge(bytes(16), KEY.public_key().public_bytes_raw(), "proximity:acme/0042"))
CARD = MemberCard.issue("q3lzt7", "proximity:acme/0042", "loyalty-2026", ISSUER, 1_700_000_000.0)
OFFER = {"campaign": "welcome", "language": "fr", "words": {"title": "Bonjour", "body": "…" * 150}, "until": "2026"}


def issuers(name: str) -> PublicKey | None:
    return ISSUER.public_key() if name == "loyalty-2026" else None


def written() -> Written:
    return prepare(CARD, CHALLENGE)


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=32, max_size=32), st.text(min_size=1, max_size=100))
def test_a_challenge_comes_back(nonce: bytes, key: bytes, audience: str) -> None:
    challenge = Challenge(nonce, key, audience)
    assert read_challenge(write_challenge(challenge)) == challenge


@pytest.mark.parametrize("value", [b"", b"\x02" + bytes(60), b"\x01" + bytes(48), b"\x01" + bytes(LONGEST_VALUE)])
def test_what_is_no_challenge_is_refused(value: bytes) -> None:
    with pytest.raises(CheckInError):
        read_challenge(value)


def test_a_check_in_fits_an_attribute_and_says_who_and_over_what() -> None:
    value = written().value
    assert len(value) <= LONGEST_VALUE
    statement, _ = read_check_in(value, KEY)
    credential, digest = read_statement(statement, issuers)
    assert (credential.handle, digest) == ("q3lzt7", challenge_digest(CHALLENGE))


def test_the_longest_handle_still_fits() -> None:
    long = MemberCard.issue("h" * LONGEST_HANDLE, "proximity:acme/0042", "loyalty-2026", ISSUER, 1_700_000_000.0)
    assert len(prepare(long, CHALLENGE).value) <= LONGEST_VALUE


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "check_in_version"),
        (b"\x02" + written().value[1:], "check_in_version"),
        (written().value[:-1], "check_in_unsealed"),
        (written().value[:20], "check_in_unsealed"),
        (written().value + bytes(LONGEST_VALUE), "check_in_too_long"),
    ],
    ids=["nothing", "another version", "cut short", "cut off", "too long"],
)
def test_what_is_no_check_in_is_refused_with_its_reason(value: bytes, reason: str) -> None:
    with pytest.raises(CheckInError) as refused:
        read_check_in(value, KEY)
    assert refused.value.reason == reason


def test_a_check_in_is_no_code_to_hold_up_nor_a_code_a_check_in() -> None:
    statement, _ = read_check_in(written().value, KEY)
    for read, octets in ((read_code, statement), (read_statement, CARD.octets(1_700_000_000.0))):
        with pytest.raises(MemberCodeError, match="code_malformed"):
            read(octets, issuers)


@pytest.mark.parametrize("answer", [Answer(), Answer("code_expired"), Answer(offer=OFFER)])
def test_an_answer_is_for_who_asked(answer: Answer) -> None:
    ours = written()
    _, theirs = read_check_in(ours.value, KEY)
    value = write_answer(answer, theirs)
    read = read_answer(value, ours.context)
    assert len(value) <= LONGEST_VALUE
    assert read.refused == answer.refused
    assert (read.offer is None) == (answer.offer is None)
    with pytest.raises(CheckInError):
        read_answer(value, written().context)


def test_words_are_cut_before_an_answer_is_too_long() -> None:
    ours = written()
    _, theirs = read_check_in(ours.value, KEY)
    told = read_answer(write_answer(Answer(offer=OFFER), theirs), ours.context)
    assert told.offer is not None
    assert told.offer["campaign"] == "welcome"
    assert told.offer["words"]["title"] == "Bonjour"
    assert 0 < len(told.offer["words"]["body"]) < 150
    endless = dict.fromkeys(("campaign", "until"), "x" * 600)
    assert read_answer(write_answer(Answer(offer=endless), theirs), ours.context) == Answer()


def test_a_refusal_before_anything_could_be_opened_is_told_in_clear() -> None:
    value = write_answer(Answer("check_in_stale"), None)
    assert read_answer(value, written().context) == Answer("check_in_stale")
