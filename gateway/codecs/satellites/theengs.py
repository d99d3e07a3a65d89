"""Theengs: what OpenMQTTGateway (an ESP32) and Theengs Gateway (a computer) tell of each packet that they decode.

An iBeacon comes with its numbers. Whatever else is told with its advertising data (OpenMQTTGateway: `pubadvdata`;
Theengs Gateway: `publish_advdata`) is read from that, members' tokens too. Neither tells a time. Source:
docs/use/ble.md of OpenMQTTGateway, main/gatewayBT.cpp: `NAME/BTtoMQTT/ID`, `NAME/LWT` (its will, retained),
`NAME/SYStoMQTT`.
"""

import re
from typing import Final
from uuid import UUID

from gateway.codecs.adverts import tokens_in_structure
from gateway.codecs.adverts.ad_structures import MANUFACTURER, SERVICE_DATA_16, SERVICE_DATA_128
from gateway.codecs.json_fields import FieldError, Fields
from gateway.codecs.satellites.report import Dialect, NotRead, Packet, Report, plausible
from gateway.model.sighting import IBEACON, Advertised, BeaconId

MOST_DATA_BYTES: Final = 254
_ADDRESS: Final = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2}){5}")
_SIXTEEN_BITS: Final = re.compile(r"(?:0x)?([0-9a-f]{4})")
_HEX: Final = re.compile(r"[0-9a-f]{32}")

Tokens = tuple[Advertised, ...]


def read(topic: str, payload: bytes) -> Report | None:
    """The report in a message below `home`; None for a packet that tells nothing of a beacon or member.

    Raises:
        NotRead: it is no message of OpenMQTTGateway or Theengs Gateway.
    """
    match topic.split("/"):
        case [name, "LWT"]:
            return Report(name, "down" if payload == b"offline" else "up", lasts=True)
        case [name, "SYStoMQTT"]:
            return Report(name, "up")
        case [name, "BTtoMQTT", _]:
            return _heard(name, payload)
    raise NotRead("its topic is none of OpenMQTTGateway's")


def _heard(name: str, payload: bytes) -> Report | None:
    try:
        fields = Fields.of(payload.decode())
        rssi_dbm, address = fields.optional_number("rssi"), (fields.optional_text("id") or "").upper()
        tokens = (*_advertised(fields), *_numbered(fields))
    except (FieldError, UnicodeDecodeError) as error:
        raise NotRead(str(error) if isinstance(error, FieldError) else "it is not UTF-8") from error
    if rssi_dbm is None or not plausible(rssi_dbm):
        return None
    known = address if _ADDRESS.fullmatch(address) else None
    return Report(name, "up", (Packet(tuple(dict.fromkeys(tokens)), rssi_dbm, known),))


def _advertised(fields: Fields) -> Tokens:
    """What the packet's own data says, where it is told."""
    tokens: Tokens = ()
    if "manufacturerdata" in fields:
        tokens += tokens_in_structure(MANUFACTURER, fields.octets("manufacturerdata", MOST_DATA_BYTES))
    service = (fields.optional_text("servicedatauuid") or "").lower()
    if service and "servicedata" in fields:
        data = fields.octets("servicedata", MOST_DATA_BYTES)
        if (short := _SIXTEEN_BITS.fullmatch(service)) is not None:
            tokens += tokens_in_structure(SERVICE_DATA_16, bytes.fromhex(short.group(1))[::-1] + data)
        elif _HEX.fullmatch(service.replace("-", "")):
            tokens += tokens_in_structure(SERVICE_DATA_128, UUID(service).bytes[::-1] + data)
    return tokens


def _numbered(fields: Fields) -> Tokens:
    """The iBeacon whose numbers are told, if they are."""
    if not all(key in fields for key in ("uuid", "major", "minor")):
        return ()
    uuid = fields.text("uuid").lower().replace("-", "")
    if _HEX.fullmatch(uuid) is None:
        return ()
    return (BeaconId(IBEACON, f"{UUID(uuid)}/{fields.integer('major', 0xFFFF)}/{fields.integer('minor', 0xFFFF)}"),)


DIALECT: Final = Dialect(filters=("+/BTtoMQTT/+", "+/LWT", "+/SYStoMQTT"), read=read, silence_s=300.0, topic="home")
