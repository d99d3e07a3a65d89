"""COSE_Sign1 against examples of others: RFC 8392, appendix A.3, and the COSE working group's."""

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.cose import CoseError, key_from, key_octets, read_cbor, read_key, read_signed, sign, write_key

SIGNED_CWT = bytes.fromhex(
    "d28447a20319fde80126a05853a70175636f61703a2f2f61732e6578616d706c652e636f6d02656572696b77037818636f61703a2f2f"
    "6c696768742e6578616d706c652e636f6d04c11a5612aeb005c11a5610d9f006c11a5610d9f007420b7158408caad9ebd60e5f41cd68"
    "3771e8a02cade07d894dd1cfaf3a23c6481546e78febc0c13e8f649096f347480db3e8c16cddc04116a3874cf0a4da2f4cb2d67c8eb0"
)
CWT_KEY = EllipticCurvePublicNumbers(
    0xC4F9160FC22682991C59C4D96E8ACCC2DA3CC7B7A9BC197C7C1E1BC6D0C1DC61,
    0xFEB11CA73B028A10CF77D58A2DFDF2A11EAB8FFEEEAAEEB03097FFEE9F3EF2FC,
    SECP256R1(),
).public_key()
KEY_11 = EllipticCurvePublicNumbers(
    0xBAC5B11CAD8F99F9C72B05CF4B9E26D244DC189F745228255A219A86D6A09EFF,
    0x20138BF82DC1B6D562BE0FA54AB7804A3A64B6D72CCFED6B6FB6ED28BBFC117E,
    SECP256R1(),
).public_key()
CHANGED_CONTENT = bytes.fromhex(
    "d28443a10126a10442313154546869732069732074686520636f6e74656e742f5840eae868ecc176883766c5dc5ba5b8dca25dab3c2e"
    "56a551ce5705b793914348e19f43d6c6ba654472da301b645b293c9ba939295b97c4bdb847782bff384c5794"
)


def test_a_published_cwt_holds_and_another_key_does_not() -> None:
    signed = read_signed(SIGNED_CWT)
    assert signed.holds(CWT_KEY)
    assert not signed.holds(KEY_11)
    assert not signed.holds(Ed25519PrivateKey.generate().public_key())
    assert SIGNED_CWT.endswith(signed.signature)


def test_published_content_that_was_changed_does_not_hold() -> None:
    changed = read_signed(CHANGED_CONTENT)
    assert changed.key_id == b"11"
    assert not changed.holds(KEY_11)
    original = CHANGED_CONTENT.replace(b"content/", b"content.")
    assert read_signed(original).holds(KEY_11)


@given(st.binary(max_size=64), st.none() | st.binary(max_size=8), st.booleans())
def test_what_was_signed_holds(payload: bytes, key_id: bytes | None, edwards: bool) -> None:
    key = Ed25519PrivateKey.generate() if edwards else generate_private_key(SECP256R1())
    signed = read_signed(sign(payload, key, key_id))
    assert (signed.payload, signed.key_id) == (payload, key_id)
    assert signed.holds(key.public_key())
    assert read_signed(cbor2.dumps(cbor2.CBORTag(18, cbor2.loads(sign(payload, key))))).payload == payload


def test_keys_round_trip_as_bytes_and_as_cose_keys() -> None:
    for key in (Ed25519PrivateKey.generate().public_key(), generate_private_key(SECP256R1()).public_key()):
        assert key_octets(key_from(key_octets(key))) == key_octets(key)
        assert key_octets(read_key(read_cbor(cbor2.dumps(write_key(key))))) == key_octets(key)


@pytest.mark.parametrize(
    ("value", "cut_short"),
    [
        ([b"", {}, b"x", b"y"], False),
        ([cbor2.dumps({1: "ES256"}), {}, b"x", b"y"], False),
        ([cbor2.dumps({1: -7, 2: [99]}), {}, b"x", b"y"], False),
        ([cbor2.dumps({1: -7, 4: "name"}), {}, b"x", b"y"], False),
        ([cbor2.dumps({1: -7})[:-1], {}, b"x", b"y"], True),
        ({1: 2}, False),
        ([[[[[[[[1]]]]]]]], False),
    ],
)
def test_another_form_is_refused(value: object, cut_short: bool) -> None:
    with pytest.raises(CoseError) as refused:
        read_signed(cbor2.dumps(value))
    assert refused.value.cut_short is cut_short


def test_lengths_left_open_and_keys_given_twice_are_refused() -> None:
    for octets in (b"\x9f\x01\xff", b"\xa2\x01\x01\x01\x02", b"\xbf\xff", b"\x01\x02"):
        with pytest.raises(CoseError):
            read_cbor(octets)


@given(st.binary(max_size=80))
def test_no_bytes_raise_anything_else(octets: bytes) -> None:
    try:
        read_key(read_cbor(octets))
        read_signed(octets)
    except CoseError:
        pass
