"""The code on a member's phone: read back whole, refused with a reason otherwise."""

from collections import Counter
from contextlib import suppress

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.cose import sign
from gateway.codecs.member_code import (
    LONGEST_BYTES,
    LONGEST_CHARS,
    MemberCodeError,
    code_octets,
    code_text,
    read_code,
    write_code,
    write_credential,
)
from gateway.codecs.wallet import WalletPass, pass_text, read_pass
from gateway.model.meaning import SAYS, KeptOutReason
from simulators.member_card import MemberCard, barcode, one_time_password

AT = 1_767_603_600.0
ISSUER = Ed25519PrivateKey.generate()
CARD = MemberCard.issue("q3lzt7", "proximity:acme/0042", "loyalty-2026", ISSUER, AT)
KEYS = {"loyalty-2026": ISSUER.public_key()}


def refusal(octets: bytes) -> str:
    with pytest.raises(MemberCodeError) as refused:
        read_code(octets, KEYS.get)
    assert refused.value.reason in SAYS
    return refused.value.reason


def test_a_code_says_whose_phone_it_is_for_where_and_when() -> None:
    code = read_code(code_octets(CARD.text(AT + 5.9)), KEYS.get)
    assert (code.issuer, code.credential.handle, code.credential.audience) == (
        "loyalty-2026",
        "q3lzt7",
        "proximity:acme/0042",
    )
    assert (code.credential.begins_utc_s, code.credential.ends_utc_s, code.shown_utc_s) == (AT, AT + 86_400, AT + 5)


def test_a_code_fits_into_a_small_qr_code() -> None:
    """Version 15 with correction M holds 600 alphanumeric characters (ISO/IEC 18004, table 7)."""
    assert len(CARD.text(AT)) <= 600
    assert set(CARD.text(AT)) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


def test_an_issuer_may_sign_with_p_256_too() -> None:
    issuer = generate_private_key(SECP256R1())
    card = MemberCard.issue("q3lzt7", "proximity:acme/0042", "store", issuer, AT)
    assert read_code(card.octets(AT), {"store": issuer.public_key()}.get).credential.handle == "q3lzt7"


def test_an_unknown_issuer_a_forged_one_and_a_forged_phone_are_told_apart() -> None:
    forger = Ed25519PrivateKey.generate()
    assert refusal(MemberCard.issue("q3lzt7", "a", "nobody", ISSUER, AT).octets(AT)) == "code_unknown_issuer"
    assert refusal(MemberCard.issue("q3lzt7", "a", "loyalty-2026", forger, AT).octets(AT)) == "code_forged_issuer"
    credential = write_credential(CARD.credential, CARD.issuer, CARD.issuer_key)
    assert refusal(write_code(credential, AT, bytes(8), forger)) == "code_forged"


def test_every_cut_of_a_code_is_refused_as_truncated() -> None:
    text = CARD.text(AT)
    reasons: Counter[str] = Counter()
    for end in range(4, len(text)):
        try:
            read_code(code_octets(text[:end]), KEYS.get)
        except MemberCodeError as refused:
            reasons[refused.reason] += 1
    assert reasons == {"code_truncated": len(text) - 4}


def test_every_flipped_bit_is_refused() -> None:
    octets = bytearray(CARD.octets(AT))
    for place in range(0, 8 * len(octets), 3):
        octets[place // 8] ^= 1 << place % 8
        refusal(bytes(octets))
        octets[place // 8] ^= 1 << place % 8


def test_oversized_codes_are_refused_before_they_are_parsed() -> None:
    with pytest.raises(MemberCodeError, match="code_too_long"):
        code_octets("PX1:" + "0" * LONGEST_CHARS)
    assert refusal(bytes(LONGEST_BYTES + 1)) == "code_too_long"


@pytest.mark.parametrize(
    "payload", [[b"x", 1, b"short"], [b"x", "soon", bytes(8)], [b"x", True, bytes(8)], {1: 2}, [b""]]
)
def test_what_a_phone_may_not_sign(payload: object) -> None:
    assert refusal(sign(cbor2.dumps(payload), ISSUER)) in {"code_malformed", "code_truncated"}


@pytest.mark.parametrize(
    "claims",
    [
        {2: "h", 3: "a", 4: 5, 6: 1},
        {2: "", 3: "a", 4: 5, 6: 1, 8: {1: {}}},
        {2: "h\n", 3: "a", 4: 5, 6: 1, 8: {1: {}}},
        {2: "h", 3: "a", 4: -5, 6: 1, 8: {1: {1: 1, -1: 6, -2: bytes(32)}}},
        {2: "h", 3: "a", 4: 5, 6: 1, 8: {1: {1: 2, -1: 1, -2: bytes(32), -3: bytes(32)}}},
        {2: "h", 3: "a", 4: float("nan"), 6: 1, 8: {1: {1: 1, -1: 6, -2: bytes(32)}}},
    ],
)
def test_what_a_credential_may_not_say(claims: dict[int, object]) -> None:
    credential = sign(cbor2.dumps(claims), ISSUER, b"loyalty-2026")
    assert refusal(write_code(credential, AT, bytes(8), CARD.phone_key)) == "code_malformed"


@given(st.binary(max_size=700))
def test_no_bytes_raise_anything_else(octets: bytes) -> None:
    refusal(octets)
    assert code_octets(code_text(octets[:600])) == octets[:600]


@given(st.text(max_size=60))
def test_no_text_raises_anything_else(text: str) -> None:
    for read in (code_octets, read_pass):
        with suppress(MemberCodeError):
            read(text)


def test_the_published_one_time_password() -> None:
    """RFC 6238, appendix B."""
    assert one_time_password(b"12345678901234567890", 59.0) == "94287082"


def test_a_pass_says_whose_it_is_and_when_its_barcode_was_made() -> None:
    assert read_pass(pass_text("q3lzt7")) == WalletPass("q3lzt7", None)
    shown = barcode("q3lzt7", b"12345678901234567890", 59.0)
    assert (shown, read_pass(shown)) == ("PXW1:q3lzt7:30:94287082", WalletPass("q3lzt7", 30.0))


@pytest.mark.parametrize(
    "text", ["PXW1:", "PXW1:q3 lzt7", "PXW1:q3lzt7:soon:94287082", "PXW1:q3lzt7:30", "PXW1:a:1:12:3"]
)
def test_another_pass_is_refused(text: str) -> None:
    with pytest.raises(MemberCodeError, match="code_malformed"):
        read_pass(text)


def test_every_reason_of_a_members_code_has_words() -> None:
    reasons = {each for each in KeptOutReason.__args__ if each.startswith("code_")}  # type: ignore[attr-defined]
    assert reasons == set(SAYS)
