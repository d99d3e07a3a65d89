"""iBeacon: Apple's manufacturer data of type 0x02 with 21 (0x15) bytes.

Source: Apple, Proximity Beacon Specification R1 (AD length 0x1A, company 0x004C).
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final

from gateway.codecs.adverts.ad_structures import LE_ONLY_DISCOVERABLE, MANUFACTURER, structure
from gateway.codecs.adverts.format import Format
from gateway.codecs.adverts.octets import exactly, signed_byte, unsigned
from gateway.model.sighting import IBEACON, BeaconId

SIGNATURE: Final = b"\x4c\x00\x02\x15"

_LAYOUT: Final = Struct(">4x16sHHb")


@dataclass(frozen=True, slots=True)
class IBeacon:
    """A beacon's identity in three levels and its power at one metre; `uuid` is canonical lower-case text."""

    uuid: str
    major: int
    minor: int
    measured_power_dbm: int


def decode(value: bytes) -> IBeacon | None:
    """The frame in manufacturer data that begins with the signature; None unless it is 25 bytes long."""
    if len(value) != _LAYOUT.size:
        return None
    uuid, major, minor, power = _LAYOUT.unpack(value)
    h = uuid.hex()
    return IBeacon(f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}", major, minor, power)


def encode(frame: IBeacon) -> bytes:
    """The whole payload: flags, then the frame.

    Raises:
        ValueError: a field is out of its range; its name is in the message.
    """
    value = (
        SIGNATURE
        + exactly("uuid", bytes.fromhex(frame.uuid.replace("-", "")), 16)
        + unsigned("major", frame.major, 2)
        + unsigned("minor", frame.minor, 2)
        + signed_byte("measured_power_dbm", frame.measured_power_dbm)
    )
    return LE_ONLY_DISCOVERABLE + structure(MANUFACTURER, value)


def token(frame: IBeacon) -> BeaconId:
    """Who the beacon says it is: `uuid/major/minor`."""
    return BeaconId(IBEACON, f"{frame.uuid}/{frame.major}/{frame.minor}")


FORMAT: Final = Format(IBEACON, IBeacon, MANUFACTURER, SIGNATURE, decode, encode, token)
