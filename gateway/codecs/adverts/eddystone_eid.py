"""Eddystone-EID: an identifier that changes by the minute or hour and means something only to its resolver.

Source: google/eddystone, eddystone-eid/README.md (10 bytes). Only the framing: nothing is computed or resolved.
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final

from gateway.codecs.adverts import eddystone
from gateway.codecs.adverts.ad_structures import SERVICE_DATA_16
from gateway.codecs.adverts.format import Format
from gateway.codecs.adverts.octets import exactly, signed_byte
from gateway.model.sighting import EDDYSTONE_EID, BeaconId

SIGNATURE: Final = eddystone.UUID + b"\x30"

_LAYOUT: Final = Struct(">3xb8s")


@dataclass(frozen=True, slots=True)
class EddystoneEid:
    """The 8-byte ephemeral identifier; the power is that at 0 m (41 dB above that at one metre)."""

    ranging_power_dbm: int
    eid: bytes


def decode(value: bytes) -> EddystoneEid | None:
    """The frame in service data that begins with the signature; None unless 12 bytes long, UUID included."""
    if len(value) != _LAYOUT.size:
        return None
    return EddystoneEid(*_LAYOUT.unpack(value))


def encode(frame: EddystoneEid) -> bytes:
    """The whole payload: flags, list of services, the frame.

    Raises:
        ValueError: a field is out of its range; its name is in the message.
    """
    return eddystone.payload_of(
        b"\x30" + signed_byte("ranging_power_dbm", frame.ranging_power_dbm) + exactly("eid", frame.eid, 8)
    )


def token(frame: EddystoneEid) -> BeaconId:
    """Who the beacon says it is for now: its 8 bytes in hex."""
    return BeaconId(EDDYSTONE_EID, frame.eid.hex())


FORMAT: Final = Format(EDDYSTONE_EID, EddystoneEid, SERVICE_DATA_16, SIGNATURE, decode, encode, token)
