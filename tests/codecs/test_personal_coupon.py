"""Personal coupons as text: what an issuer writes is what is read, and nothing else is."""

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.base45 import decode_base45, encode_base45
from gateway.codecs.cose import LATEST_UTC_S, PrivateKey, PublicKey, sign
from gateway.codecs.personal_coupon import (
    LONGEST_CHARS,
    PREFIX,
    PersonalCoupon,
    PersonalCouponError,
    read_coupon,
    write_coupon,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
COUPON = PersonalCoupon("00112233445566778899aabbccddeeff", "birthday", "proximity:acme/0042", 1e9, 2e9, "q3lzt7")
TEXT = write_coupon(COUPON, "hq", KEY)


def key_of(name: str) -> PublicKey | None:
    return KEY.public_key() if name == "hq" else None


def reason(text: str) -> str:
    with pytest.raises(PersonalCouponError) as refused:
        read_coupon(text, key_of)
    return refused.value.reason


names = st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=40)


@given(names, names, names, st.none() | names, st.integers(0, 1 << 37), st.binary(min_size=16, max_size=16))
def test_what_is_written_is_read(
    campaign: str, audience: str, issuer: str, handle: str | None, begins: int, own: bytes
) -> None:
    coupon = PersonalCoupon(own.hex(), campaign, audience, float(begins), float(begins + 60), handle)
    text = write_coupon(coupon, issuer, KEY)
    assert read_coupon(text, {issuer: KEY.public_key()}.get) == coupon


@pytest.mark.parametrize("key", [KEY, generate_private_key(SECP256R1())], ids=["ed25519", "p256"])
def test_it_fits_a_small_qr_code_and_is_signed_by_either_kind_of_key(key: PrivateKey) -> None:
    text = write_coupon(COUPON, "hq", key)
    assert len(text) < 320
    assert read_coupon(text, {"hq": key.public_key()}.get) == COUPON
    assert "q3lzt7" not in repr(COUPON)


@given(st.integers(0, len(TEXT) - 1), st.sampled_from("09AZ $%*+-./:"))
def test_no_changed_character_is_taken(place: int, other: str) -> None:
    changed = TEXT[:place] + other + TEXT[place + 1 :]
    if place >= len(PREFIX) and changed != TEXT:
        assert reason(changed).startswith("coupon_")


@given(st.integers(len(PREFIX), len(TEXT) - 1))
def test_no_part_of_it_is_taken(length: int) -> None:
    assert reason(TEXT[:length]) in {"coupon_truncated", "coupon_malformed"}


def test_why_one_is_refused() -> None:
    other = Ed25519PrivateKey.generate()
    assert reason(TEXT[:-1]) == "coupon_truncated"
    assert reason(PREFIX) == "coupon_truncated"
    assert reason(TEXT + "0" * LONGEST_CHARS) == "coupon_too_long"
    assert reason(f"{PREFIX}~~~") == "coupon_malformed"
    assert reason(write_coupon(COUPON, "another", KEY)) == "coupon_unknown_issuer"
    assert reason(write_coupon(COUPON, "hq", other)) == "coupon_forged"


CLAIMS: dict[int, object] = {
    2: "q3lzt7",
    3: "proximity:acme/0042",
    4: 2_000_000_000,
    6: 1_000_000_000,
    7: bytes(16),
    -65_537: "birthday",
}


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        *((missing, None) for missing in (3, 4, 6, 7, -65_537)),
        *((7, bytes(15)), (7, "0" * 16), (4, "soon"), (4, True), (4, -1), (4, LATEST_UTC_S + 1), (2, ""), (2, 7)),
        *((-65_537, ""), (-65_537, "x" * 257), (-65_537, "a\nb")),
    ],
)
def test_a_claim_that_is_missing_or_of_another_form(claim: int, value: object) -> None:
    claims = {key: given for key, given in CLAIMS.items() if key != claim}
    claims |= {} if value is None else {claim: value}
    assert reason(PREFIX + encode_base45(sign(cbor2.dumps(claims), KEY, b"hq"))) == "coupon_malformed"


def test_what_an_issuer_signs_for_a_phone_is_no_coupon() -> None:
    credential = {2: "q3lzt7", 3: "proximity:acme/0042", 4: 2_000_000_000, 6: 1_000_000_000, 8: {1: {}}}
    assert reason(PREFIX + encode_base45(sign(cbor2.dumps(credential), KEY, b"hq"))) == "coupon_malformed"
    assert decode_base45(TEXT.removeprefix(PREFIX))


@given(st.binary(max_size=200))
def test_whatever_it_is_it_has_a_reason(octets: bytes) -> None:
    assert reason(PREFIX + encode_base45(octets)) in {"coupon_truncated", "coupon_malformed"}
