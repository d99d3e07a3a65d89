"""Eddystone-EID: the identifier that a beacon sends for a while, and the key that it is made with.

Source: Eddystone-EID specification, "EID computation" and "Beacon registration" (ECDH over Curve25519).
"""

from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 16
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
    top_bits = (beacon_time_s >> 16).to_bytes(2, "big")
    temporary_key = _block(identity_key, bytes(11) + b"\xff\x00\x00" + top_bits)
    truncated = (beacon_time_s >> exponent << exponent).to_bytes(4, "big")
    return _block(temporary_key, bytes(11) + bytes((exponent,)) + truncated)[:EID_BYTES]


def registered_key(resolver_private: bytes, beacon_public: bytes) -> bytes:
    """The identity key (16 bytes) that resolver and beacon agree on, from 32-byte X25519 keys.

    Raises:
        ValueError: a key has not 32 bytes, or the shared secret is zero.
    """
    resolver = X25519PrivateKey.from_private_bytes(resolver_private)
    shared = resolver.exchange(X25519PublicKey.from_public_bytes(beacon_public))
    salt = resolver.public_key().public_bytes_raw() + beacon_public
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=b"").derive(shared)


def _block(key: bytes, block: bytes) -> bytes:
    """One block of AES-128; each key is used for blocks that never repeat within its time."""
    return Cipher(AES128(key), ECB()).encryptor().update(block)  # noqa: S305 - the specification's own, single blocks
