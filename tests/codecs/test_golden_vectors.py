"""Known answers of every scheme that tells who or what is near, against what the product computes each with."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from gateway.codecs import eax
from gateway.codecs.adverts import eddystone_tlm
from gateway.codecs.aes import encrypt_block
from gateway.codecs.eddystone_identity import ephemeral_id, registered_key, temporary_key
from gateway.codecs.eddystone_telemetry import open_telemetry, seal_telemetry
from gateway.codecs.hkdf import hkdf
from gateway.codecs.private_address import AddressResolver, ah
from gateway.codecs.tokens import day_key, slot_of, token
from gateway.model.sighting import SealedTelemetry
from simulators.member_card import one_time_password

IDENTITY_KEY = bytes.fromhex("00112233445566778899aabbccddeeff")
RESOLVER_KEY, BEACON_KEY = bytes(range(32)), bytes(range(32, 64))


@pytest.mark.parametrize(
    ("irk", "prand", "hashed"),
    [
        pytest.param("ec0234a357c8ad05341010a60a397d9b", "708194", "0dfbaa", id="Bluetooth Core, Vol 3, Part H, D.7"),
        pytest.param("be759a027a4870fd242794f4c45220fb", "493970", "e51944", id="EnOcean, manual of a beacon"),
    ],
)
def test_resolvable_private_address(irk: str, prand: str, hashed: str) -> None:
    assert ah(bytes.fromhex(irk), bytes.fromhex(prand)).hex() == hashed
    assert AddressResolver([bytes.fromhex(irk)]).index(bytes.fromhex(prand + hashed).hex(":").upper()) == 0


def test_exposure_notification() -> None:
    """google/exposure-notifications-internals, CRYPTO.md: the same HKDF and AES, put together in their way."""
    rolling_key = hkdf(bytes.fromhex("75c734c6dd1a782de7a965da5eb93125"), b"EN-RPIK", 16)
    assert rolling_key.hex() == "185ad91db69ec7dd048960f1f3ba6175"
    padded = b"EN-RPI" + bytes(6) + (2_642_976).to_bytes(4, "little")
    assert encrypt_block(rolling_key, padded).hex() == "8be6cd371c5c891604bfbe49df845096"


@pytest.mark.parametrize(
    ("exponent", "time_s", "key", "eid"),
    [
        (10, 65_280, "ca31ba0714446c771af095b7a9fc8faf", "823ea23e8675bc96"),
        (10, 65_536, "0f5bab6cc9c94d4fd1ddb62a44460f14", "f4c6d4d1464d5a60"),
        (0, 65_537, "0f5bab6cc9c94d4fd1ddb62a44460f14", "5578ec2af7923cee"),
        (15, 0x12345678, "fb5af60447cf771b43d96f530c9fe1ee", "64744c088d6d9f3d"),
    ],
)
def test_ephemeral_identifier(exponent: int, time_s: int, key: str, eid: str) -> None:
    """google/eddystone, eddystone-eid/eid-computation.md."""
    assert temporary_key(IDENTITY_KEY, time_s).hex() == key
    assert ephemeral_id(IDENTITY_KEY, exponent, time_s).hex() == eid


def test_eax() -> None:
    """Bellare, Rogaway and Wagner, "The EAX Mode of Operation", appendix: the second vector, its whole tag."""
    key, nonce = bytes.fromhex("91945d3f4dcbee0bf45ef52255f095a4"), bytes.fromhex("becaf043b0a23d843194ba972c66debd")
    header, text = bytes.fromhex("fa3bfd4806eb53fa"), bytes.fromhex("f7fb")
    ciphertext, tag = eax.seal(key, nonce, text, header)
    assert (ciphertext + tag).hex() == "19dd5c4c9331049d0bdab0277408f67967e5"
    assert eax.open_sealed(key, nonce, ciphertext, tag, header) == text
    assert eax.open_sealed(key, nonce, ciphertext, tag) is None
    assert eax.seal(key, nonce, text, header, tag_bytes=2) == (ciphertext, tag[:2])


def test_sealed_telemetry() -> None:
    """google/eddystone, eddystone-tlm/tlm-encrypted.md."""
    frame = bytes.fromhex("200178a72252b439df350f591eb5abcddb38")
    sealed = SealedTelemetry(frame[2:14], frame[14:16], frame[16:18])
    said = eddystone_tlm.decode(eddystone_tlm.SIGNATURE + bytes.fromhex("0bb81500000004d20000ddd5"))
    assert said is not None
    assert open_telemetry(IDENTITY_KEY, 10, 0x1FFFF, sealed) == said
    assert seal_telemetry(IDENTITY_KEY, 10, 0x1FFFF, sealed.salt, said) == sealed


def test_a_beacons_registration() -> None:
    """google/eddystone, eddystone-eid: Curve25519, and HKDF with both public keys as its salt."""
    resolver, beacon = (X25519PrivateKey.from_private_bytes(each) for each in (RESOLVER_KEY, BEACON_KEY))
    resolver_public, beacon_public = (each.public_key().public_bytes_raw() for each in (resolver, beacon))
    assert resolver_public.hex() == "8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f"
    assert beacon_public.hex() == "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254"
    key = registered_key(RESOLVER_KEY, beacon_public)
    assert key.hex() == "472b971678a8864ce11c81597febdc32"
    shared = beacon.exchange(X25519PublicKey.from_public_bytes(resolver_public))
    assert hkdf(shared, b"", 16, resolver_public + beacon_public) == key


def test_a_beacons_lock() -> None:
    """google/eddystone, configuration-service: the challenge under the lock code opens a locked beacon."""
    assert encrypt_block(bytes(range(16)), bytes(range(16, 32))).hex() == "07feef74e1d5036e900eee118e949293"


def test_a_day_key_and_its_token() -> None:
    key = day_key(bytes(range(32)), "store-0042", 20_000)
    assert key.hex() == "616b81f3af7d435c90d33c28359ee7be"
    assert slot_of(20_000 * 86_400 + 40 * 900) == 1_920_040
    assert token(key, 1_920_040).hex() == "d7a8805435fac867"


def test_a_wallets_one_time_password() -> None:
    """RFC 6238, appendix B."""
    assert one_time_password(b"12345678901234567890", 59.0) == "94287082"
