"""Eddystone-eTLM opened and sealed with the beacon's identity key.

Source: google/eddystone, eddystone-tlm/tlm-encrypted.md; AES-EAX of Bellare, Rogaway and Wagner (FSE 2004), without a
header, its tag cut to two bytes: so weak that what it says is believed of a beacon only that named itself before.
"""

from struct import Struct
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.cmac import CMAC

from gateway.codecs.adverts import eddystone_tlm
from gateway.codecs.adverts.eddystone_tlm import EddystoneTlm
from gateway.model.sighting import SealedTelemetry

_TLM: Final = Struct(">HhII")
_MIC_BYTES: Final = 2
_NONCE, _HEADER, _MESSAGE = (bytes(15) + bytes((number,)) for number in range(3))


def open_telemetry(
    identity_key: bytes, exponent: int, beacon_time_s: int, sealed: SealedTelemetry
) -> EddystoneTlm | None:
    """What a beacon sealed while its counter was in the window of `beacon_time_s`; None where that does not fit.

    Raises:
        ValueError: the key has not 16 bytes.
    """
    nonce = _nonce(exponent, beacon_time_s, sealed.salt)
    plain, digest = _apply(identity_key, nonce, sealed.ciphertext)
    if _tag(identity_key, sealed.ciphertext, digest) != sealed.mic:
        return None
    return eddystone_tlm.decode(eddystone_tlm.SIGNATURE + plain)


def seal_telemetry(
    identity_key: bytes, exponent: int, beacon_time_s: int, salt: bytes, telemetry: EddystoneTlm
) -> SealedTelemetry:
    """What a beacon sends for `telemetry` while its counter is `beacon_time_s`, with 2 random bytes of `salt`.

    Raises:
        ValueError: the key has not 16 bytes, or a field of the telemetry is out of its range.
    """
    nonce = _nonce(exponent, beacon_time_s, salt)
    plain = eddystone_tlm.encode(telemetry)[-_TLM.size :]
    ciphertext, digest = _apply(identity_key, nonce, plain)
    return SealedTelemetry(ciphertext, salt, _tag(identity_key, ciphertext, digest))


def _nonce(exponent: int, beacon_time_s: int, salt: bytes) -> bytes:
    return (beacon_time_s >> exponent << exponent).to_bytes(4, "big") + salt


def _apply(key: bytes, nonce: bytes, text: bytes) -> tuple[bytes, bytes]:
    """The text under the key's stream for this nonce, and the nonce's own digest."""
    digest = _omac(key, _NONCE + nonce)
    return Cipher(AES128(key), CTR(digest)).encryptor().update(text), digest


def _tag(key: bytes, ciphertext: bytes, nonce_digest: bytes) -> bytes:
    digests = zip(nonce_digest, _omac(key, _HEADER), _omac(key, _MESSAGE + ciphertext), strict=True)
    return bytes(one ^ other ^ third for one, other, third in digests)[:_MIC_BYTES]


def _omac(key: bytes, text: bytes) -> bytes:
    mac = CMAC(AES128(key))
    mac.update(text)
    return mac.finalize()
