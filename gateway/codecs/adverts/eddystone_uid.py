"""Eddystone-UID: a beacon's static identity, namespace and instance.

Source: google/eddystone, eddystone-uid/README.md. The frame has 20 bytes, the last two reserved; older beacons leave
those out, and both lengths are read. What is in the reserved bytes is ignored.
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final

from gateway.codecs.adverts import eddystone
from gateway.codecs.adverts.ad_structures import SERVICE_DATA_16
from gateway.codecs.adverts.format import Format
from gateway.codecs.adverts.octets import exactly, signed_byte
from gateway.model.sighting import EDDYSTONE_UID, BeaconId

SIGNATURE: Final = eddystone.UUID + b"\x00"

_LAYOUT: Final = Struct(">3xb10s6s")
_RESERVED: Final = bytes(2)
_LENGTHS: Final = (_LAYOUT.size, _LAYOUT.size + len(_RESERVED))


@dataclass(frozen=True, slots=True)
class EddystoneUid:
    """A 10-byte namespace and 6-byte instance; the power is that at 0 m (41 dB above that at one metre)."""

    ranging_power_dbm: int
    namespace: bytes
    instance: bytes


def decode(value: bytes) -> EddystoneUid | None:
    """The frame in service data that begins with the signature; None unless 20 or 22 bytes long, UUID included."""
    if len(value) not in _LENGTHS:
        return None
    return EddystoneUid(*_LAYOUT.unpack_from(value))


def encode(frame: EddystoneUid) -> bytes:
    """The whole payload: flags, list of services, the frame in its full length.

    Raises:
        ValueError: a field is out of its range; its name is in the message.
    """
    return eddystone.payload_of(
        b"\x00"
        + signed_byte("ranging_power_dbm", frame.ranging_power_dbm)
        + exactly("namespace", frame.namespace, 10)
        + exactly("instance", frame.instance, 6)
        + _RESERVED
    )


def token(frame: EddystoneUid) -> BeaconId:
    """Who the beacon says it is: `namespace/instance` in hex."""
    return BeaconId(EDDYSTONE_UID, f"{frame.namespace.hex()}/{frame.instance.hex()}")


FORMAT: Final = Format(EDDYSTONE_UID, EddystoneUid, SERVICE_DATA_16, SIGNATURE, decode, encode, token)
