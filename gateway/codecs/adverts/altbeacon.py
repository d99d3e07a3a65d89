"""AltBeacon: manufacturer data of any company with the beacon code 0xBEAC.

Source: AltBeacon Protocol Specification v1.0 (AD length 0x1B). Some beacons leave out the last, manufacturer-reserved
byte (AD length 0x1A); the reference receiver reads it as zero, and so does this one. Any other length is no AltBeacon.
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final

from gateway.codecs.adverts.ad_structures import LE_ONLY_DISCOVERABLE, MANUFACTURER, structure
from gateway.codecs.adverts.format import Format
from gateway.codecs.adverts.octets import exactly, signed_byte, unsigned
from gateway.model.sighting import ALTBEACON, BeaconId

SIGNATURE: Final = b"\xbe\xac"

_LAYOUT: Final = Struct("<H2x20sbB")


@dataclass(frozen=True, slots=True)
class AltBeacon:
    """A 20-byte identity, its power at one metre, and a byte whose meaning the company defines."""

    company_id: int
    id: bytes
    reference_power_dbm: int
    reserved: int


def decode(value: bytes) -> AltBeacon | None:
    """The frame in manufacturer data with the beacon code after its company; None unless 26 (or 25) bytes long."""
    if len(value) == _LAYOUT.size - 1:
        value += b"\x00"
    if len(value) != _LAYOUT.size:
        return None
    return AltBeacon(*_LAYOUT.unpack(value))


def encode(frame: AltBeacon) -> bytes:
    """The whole payload: flags, then the frame in its full length.

    Raises:
        ValueError: a field is out of its range; its name is in the message.
    """
    value = (
        unsigned("company_id", frame.company_id, 2)[::-1]
        + SIGNATURE
        + exactly("id", frame.id, 20)
        + signed_byte("reference_power_dbm", frame.reference_power_dbm)
        + unsigned("reserved", frame.reserved, 1)
    )
    return LE_ONLY_DISCOVERABLE + structure(MANUFACTURER, value)


def token(frame: AltBeacon) -> BeaconId:
    """Who the beacon says it is: its 20 bytes in hex."""
    return BeaconId(ALTBEACON, frame.id.hex())


FORMAT: Final = Format(ALTBEACON, AltBeacon, MANUFACTURER, SIGNATURE, decode, encode, token, offset=2)
