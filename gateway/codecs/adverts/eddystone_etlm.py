"""Eddystone-eTLM: telemetry encrypted for whoever holds the beacon's identity key; only its framing is read here.

What is in it: `gateway.codecs.eddystone_telemetry`.

Source: google/eddystone, eddystone-tlm/tlm-encrypted.md (version 0x01, 18 bytes).
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final

from gateway.codecs.adverts import eddystone
from gateway.codecs.adverts.ad_structures import SERVICE_DATA_16
from gateway.codecs.adverts.format import Format
from gateway.codecs.adverts.octets import exactly
from gateway.model.sighting import SealedTelemetry

SIGNATURE: Final = eddystone.UUID + b"\x20\x01"

_LAYOUT: Final = Struct(">4x12s2s2s")


@dataclass(frozen=True, slots=True)
class EddystoneEtlm:
    """12 bytes of encrypted telemetry, the 2-byte salt of their nonce, and a 2-byte integrity check (weak: a hint)."""

    ciphertext: bytes
    salt: bytes
    mic: bytes


def decode(value: bytes) -> EddystoneEtlm | None:
    """The frame in service data that begins with the signature; None unless 20 bytes long, UUID included."""
    if len(value) != _LAYOUT.size:
        return None
    return EddystoneEtlm(*_LAYOUT.unpack(value))


def encode(frame: EddystoneEtlm) -> bytes:
    """The whole payload: flags, list of services, the frame.

    Raises:
        ValueError: a field has not its length; its name is in the message.
    """
    return eddystone.payload_of(
        b"\x20\x01"
        + exactly("ciphertext", frame.ciphertext, 12)
        + exactly("salt", frame.salt, 2)
        + exactly("mic", frame.mic, 2)
    )


def token(frame: EddystoneEtlm) -> SealedTelemetry:
    """What the beacon measures, sealed, as a sighting carries it."""
    return SealedTelemetry(frame.ciphertext, frame.salt, frame.mic)


FORMAT: Final = Format("eddystone_etlm", EddystoneEtlm, SERVICE_DATA_16, SIGNATURE, decode, encode, token)
