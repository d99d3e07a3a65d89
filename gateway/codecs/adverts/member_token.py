"""The member token: 8 bytes by which a member's phone is known for a quarter of an hour, in the two ways of sending it.

Android sends service data of a 128-bit UUID: version, token, transmit power. iOS may send nothing but service UUIDs,
so there the token is the second half of one. Source: "The member token on the air" of the wire formats; how a token is
made is in `gateway.codecs.tokens`.
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final, Literal

from gateway.codecs.adverts.ad_structures import LE_ONLY_DISCOVERABLE, SERVICE_DATA_128, SERVICE_UUIDS_128, structure
from gateway.codecs.adverts.format import Format
from gateway.codecs.adverts.octets import exactly, signed_byte
from gateway.model.sighting import MemberToken

VERSION: Final = 1
SERVICE_UUID: Final = bytes.fromhex("b1c5e2a47d3f4f0e9a663c8d1e5f7a20")
"""The service that Android's service data belongs to, in the order it is written."""
UUID_PREFIX: Final = bytes.fromhex("9e1f6b3c5a7d42e8")
"""The first half of the service UUID that iOS sends, in the order it is written."""

_LAYOUT: Final = Struct("<17x8sb")
_UUID_BYTES: Final = 16
_ON_AIR_PREFIX: Final = UUID_PREFIX[::-1]
_ON_AIR_SERVICE: Final = SERVICE_UUID[::-1] + bytes((VERSION,))


@dataclass(frozen=True, slots=True)
class MemberTokenFrame:
    """A member's token and how it was sent; `tx_power_dbm` is None in the encoding that has no room for it."""

    encoding: Literal["service_data", "service_uuid"]
    version: int
    token: bytes
    tx_power_dbm: int | None


def decode(value: bytes) -> MemberTokenFrame | None:
    """The frame in 128-bit service data of our UUID and version; None unless 26 bytes long, UUID included."""
    if len(value) != _LAYOUT.size:
        return None
    token_, power = _LAYOUT.unpack(value)
    return MemberTokenFrame("service_data", VERSION, token_, power)


def decode_uuids(value: bytes) -> MemberTokenFrame | None:
    """The frame in a list of 128-bit service UUIDs (little-endian): the first that carries a token, else None."""
    if len(value) % _UUID_BYTES:
        return None
    for at in range(0, len(value), _UUID_BYTES):
        if value[at + 8 : at + _UUID_BYTES] == _ON_AIR_PREFIX:
            return MemberTokenFrame("service_uuid", VERSION, value[at : at + 8][::-1], None)
    return None


def encode(frame: MemberTokenFrame) -> bytes:
    """The whole payload: flags, then the frame in its encoding.

    Raises:
        ValueError: another version, a token not of 8 bytes, or a power where the encoding has none or the reverse.
    """
    if frame.version != VERSION:
        msg = f"version is {frame.version}: give {VERSION}"
        raise ValueError(msg)
    sent = exactly("token", frame.token, 8)
    match frame.encoding, frame.tx_power_dbm:
        case "service_data", int(power):
            value = _ON_AIR_SERVICE + sent + signed_byte("tx_power_dbm", power)
            return LE_ONLY_DISCOVERABLE + structure(SERVICE_DATA_128, value)
        case "service_uuid", None:
            return LE_ONLY_DISCOVERABLE + structure(SERVICE_UUIDS_128, sent[::-1] + _ON_AIR_PREFIX)
    msg = f"tx_power_dbm is {frame.tx_power_dbm}: service_data needs it, service_uuid has no room for it"
    raise ValueError(msg)


def token(frame: MemberTokenFrame) -> MemberToken:
    """The token, for the members document of the day to resolve."""
    return MemberToken(frame.token)


IN_SERVICE_DATA: Final = Format(
    "member_token", MemberTokenFrame, SERVICE_DATA_128, _ON_AIR_SERVICE, decode, encode, token
)
IN_SERVICE_UUID: Final = Format("member_token", MemberTokenFrame, SERVICE_UUIDS_128, b"", decode_uuids, encode, token)
