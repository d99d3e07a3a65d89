"""AES-128 of one block: what identifiers of beacons and private addresses are made with."""

from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import ECB

KEY_BYTES: Final = 16
BLOCK_BYTES: Final = 16


def encrypt_block(key: bytes, block: bytes) -> bytes:
    """One block of 16 bytes under a key of 16 (FIPS 197), for keys whose blocks never repeat within their time.

    Raises:
        ValueError: the key has not 16 bytes.
    """
    return Cipher(AES128(key), ECB()).encryptor().update(block)  # noqa: S305 - single blocks, as specifications say
