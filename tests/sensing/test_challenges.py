"""Challenges: each good once, for a minute, on its own connection; and a bound on how many phones are remembered."""

from os import urandom

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.codecs.check_in import CheckInError, read_challenge
from gateway.sensing.ble.challenges import KEY_S, MOST_PHONES, Challenges
from simulators.check_in_phone import prepare
from simulators.member_card import MemberCard

CARD = MemberCard.issue("q3lzt7", "proximity:acme/0042", "i", Ed25519PrivateKey.generate(), 1_700_000_000.0)
CHALLENGE_S = 60.0
PHONE, OTHER = "dev_1", "dev_2"


def challenges() -> Challenges:
    return Challenges("proximity:acme/0042", CHALLENGE_S, urandom)


def refusal(all_of_them: Challenges, phone: str, value: bytes, mono_s: float) -> str:
    with pytest.raises(CheckInError) as refused:
        all_of_them.take(phone, value, mono_s)
    return refused.value.reason


def test_a_challenge_is_good_once() -> None:
    ours = challenges()
    value = ours.give(PHONE, 0.0)
    assert ours.given(PHONE) == value
    written = prepare(CARD, value)
    said, _ = ours.take(PHONE, written.value, CHALLENGE_S)
    assert said.challenge == value
    assert refusal(ours, PHONE, written.value, 1.0) == "check_in_replayed"


def test_a_new_challenge_ends_the_one_before() -> None:
    ours = challenges()
    first = prepare(CARD, ours.give(PHONE, 0.0))
    second = ours.give(PHONE, 1.0)
    said, _ = ours.take(PHONE, first.value, 2.0)
    assert said.challenge == second


def test_without_one_or_after_a_minute_nothing_is_taken() -> None:
    ours = challenges()
    written = prepare(CARD, ours.give(PHONE, 0.0))
    assert refusal(ours, OTHER, written.value, 1.0) == "check_in_no_challenge"
    assert refusal(ours, PHONE, written.value, CHALLENGE_S + 0.1) == "check_in_stale"
    assert refusal(ours, PHONE, b"", 1.0) == "check_in_version"


def test_what_cannot_be_opened_leaves_the_challenge_good() -> None:
    ours = challenges()
    written = prepare(CARD, ours.give(PHONE, 0.0))
    assert refusal(ours, PHONE, written.value[:-1], 1.0) == "check_in_unsealed"
    ours.take(PHONE, written.value, 2.0)


def test_answers_are_each_phones_own() -> None:
    ours = challenges()
    ours.give(PHONE, 0.0)
    ours.answer(PHONE, b"yes")
    ours.answer(OTHER, b"no")
    assert (ours.answered(PHONE), ours.answered(OTHER)) == (b"yes", b"")
    ours.give(PHONE, 1.0)
    assert ours.answered(PHONE) == b""


def test_few_are_remembered_and_not_for_long() -> None:
    ours = challenges()
    for number in range(MOST_PHONES + 10):
        ours.give(f"dev_{number}", float(number) / 10)
    assert len(ours) == MOST_PHONES
    assert ours.given("dev_0") == b""
    ours.forget(3 * CHALLENGE_S)
    assert len(ours) == 0


def test_the_key_is_a_days() -> None:
    ours = challenges()
    keys = [read_challenge(ours.give(PHONE, at_s)).key for at_s in (0.0, KEY_S - 1, KEY_S, 2 * KEY_S - 1)]
    assert [keys.index(key) for key in keys] == [0, 0, 2, 2]


def test_a_key_outlives_its_day_for_who_was_given_it() -> None:
    ours = challenges()
    written = prepare(CARD, ours.give(PHONE, KEY_S - 1))
    ours.give(OTHER, KEY_S + 1)
    ours.take(PHONE, written.value, KEY_S + 2)
