"""Eddystone-eTLM opened and sealed with the beacon's identity key.

Source: google/eddystone, eddystone-tlm/tlm-encrypted.md: AES-EAX without a header, its tag cut to two bytes. That is so
weak that what it says is believed of a beacon only that named itself before.
"""

from struct import Struct
from typing import Final

from gateway.codecs import eax
from gateway.codecs.adverts import eddystone_tlm
from gateway.codecs.adverts.eddystone_tlm import EddystoneTlm
from gateway.model.sighting import SealedTelemetry

_TLM: Final = Struct(">HhII")
_MIC_BYTES: Final = 2


def open_telemetry(
    identity_key: bytes, exponent: int, beacon_time_s: int, sealed: SealedTelemetry
) -> EddystoneTlm | None:
    """What a beacon sealed while its counter was in the window of `beacon_time_s`; None where that does not fit.

    Raises:
        ValueError: the key has not 16 bytes.
    """
    nonce = _nonce(exponent, beacon_time_s, sealed.salt)
    plain = eax.open_sealed(identity_key, nonce, sealed.ciphertext, sealed.mic)
    return None if plain is None else eddystone_tlm.decode(eddystone_tlm.SIGNATURE + plain)


def seal_telemetry(
    identity_key: bytes, exponent: int, beacon_time_s: int, salt: bytes, telemetry: EddystoneTlm
) -> SealedTelemetry:
    """What a beacon sends for `telemetry` while its counter is `beacon_time_s`, with 2 random bytes of `salt`.

    Raises:
        ValueError: the key has not 16 bytes, or a field of the telemetry is out of its range.
    """
    nonce = _nonce(exponent, beacon_time_s, salt)
    plain = eddystone_tlm.encode(telemetry)[-_TLM.size :]
    ciphertext, mic = eax.seal(identity_key, nonce, plain, tag_bytes=_MIC_BYTES)
    return SealedTelemetry(ciphertext, salt, mic)


def _nonce(exponent: int, beacon_time_s: int, salt: bytes) -> bytes:
    return (beacon_time_s >> exponent << exponent).to_bytes(4, "big") + salt
