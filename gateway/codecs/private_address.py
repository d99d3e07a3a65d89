"""Resolvable private addresses: whose changing address one is, by the identity resolving keys of a few devices.

Source: Bluetooth Core, Vol 6, Part B, 1.3.2.2 (the form) and Vol 3, Part H, 2.2.2 (the hash `ah`). The hash has 24
bits: among a thousand keys one foreign address in 17,000 is taken for a device's.
"""

from collections.abc import Sequence
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from gateway.codecs.aes import BLOCK_BYTES, encrypt_block

IRK_BYTES: Final = 16

_PART_BYTES: Final = 3
_PADDING: Final = bytes(BLOCK_BYTES - _PART_BYTES)


def ah(irk: bytes, prand: bytes) -> bytes:
    """The hash of 3 bytes that goes with `prand` (3 bytes) under `irk`, most significant byte first."""
    return encrypt_block(irk, _PADDING + prand)[-_PART_BYTES:]


def is_resolvable(address: str) -> bool:
    """Whether an address (`5A:…`, most significant byte first) has the form of a resolvable private one."""
    try:
        return int(address[:2], 16) >> 6 == 0b01
    except ValueError:
        return False


class AddressResolver:
    """Tries each key on an address. The schedule of every key is kept: making it is most of what a try costs."""

    def __init__(self, irks: Sequence[bytes]) -> None:
        """Each of 16 bytes, most significant byte first."""
        self._encrypt = tuple(Cipher(AES(irk), ECB()).encryptor().update for irk in irks)  # noqa: S305 - as in `encrypt_block`

    def index(self, address: str) -> int | None:
        """Which key's address this is (`AA:BB:CC:DD:EE:FF`), by its place; None: no key's, or of another form."""
        if not is_resolvable(address):
            return None
        octets = bytes.fromhex(address.replace(":", ""))
        block, said = _PADDING + octets[:_PART_BYTES], octets[_PART_BYTES:]
        for place, encrypt in enumerate(self._encrypt):
            if encrypt(block).endswith(said):
                return place
        return None
