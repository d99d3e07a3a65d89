"""Eddystone-EID: the identifier that a beacon sends for a while, and the key that it is made with.

Source: Eddystone-EID specification, "EID computation" and "Beacon registration" (ECDH over Curve25519).
"""

from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from gateway.codecs.aes import KEY_BYTES, encrypt_block
from gateway.codecs.hkdf import hkdf

EID_BYTES: Final = 8
LONGEST_EXPONENT: Final = 15


def ephemeral_id(identity_key: bytes, exponent: int, beacon_time_s: int) -> bytes:
    """The 8 bytes that a beacon sends at `beacon_time_s` of its own counter; they change every 2^`exponent` seconds.

    Raises:
        ValueError: the key has not 16 bytes, the exponent is not 0 to 15, or the time does not fit into 32 bits.
    """
    if not 0 <= exponent <= LONGEST_EXPONENT or not 0 <= beacon_time_s < 1 << 32:
        msg = f"exponent {exponent}, time {beacon_time_s}: give an exponent of 0 to 15 and a time of 32 bits"
        raise ValueError(msg)
    truncated = (beacon_time_s >> exponent << exponent).to_bytes(4, "big")
    block = bytes(11) + bytes((exponent,)) + truncated
    return encrypt_block(temporary_key(identity_key, beacon_time_s), block)[:EID_BYTES]


def temporary_key(identity_key: bytes, beacon_time_s: int) -> bytes:
    """The key of the 65,536 seconds of the beacon's counter that `beacon_time_s` lies in."""
    top_bits = (beacon_time_s >> 16).to_bytes(2, "big")
    return encrypt_block(identity_key, bytes(11) + b"\xff\x00\x00" + top_bits)


def registered_key(resolver_private: bytes, beacon_public: bytes) -> bytes:
    """The identity key (16 bytes) that resolver and beacon agree on, from 32-byte X25519 keys.

    Raises:
        ValueError: a key has not 32 bytes, or the shared secret is zero.
    """
    resolver = X25519PrivateKey.from_private_bytes(resolver_private)
    shared = resolver.exchange(X25519PublicKey.from_public_bytes(beacon_public))
    salt = resolver.public_key().public_bytes_raw() + beacon_public
    return hkdf(shared, b"", KEY_BYTES, salt)
