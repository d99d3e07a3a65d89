"""ESPresense: an ESP32 that tells every few seconds, by device, how loud it heard it, smoothed over 15 s.

It tells what it made of a packet, never the packet: iBeacon, AltBeacon and Eddystone UID reach us, members' tokens
do not. It tells no time. Source: ESPresense 3 and 4, src/BleFingerprint.cpp (`fill`, `fingerprint…`), and
src/main.cpp for the topics: `devices/ID/ROOM`, `rooms/ROOM/status` (its will, retained), `rooms/ROOM/telemetry`.
"""

import re
from typing import Final
from uuid import UUID

from gateway.codecs.json_fields import FieldError, Fields
from gateway.codecs.satellites.report import Dialect, NotRead, Packet, Report, plausible
from gateway.model.sighting import ALTBEACON, EDDYSTONE_UID, IBEACON, BeaconId, BeaconTelemetry

_UUID: Final = r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
_NUMBERED: Final = re.compile(rf"(ibeacon|altbeacon):{_UUID}-(\d{{1,5}})-(\d{{1,5}})")
_EDDYSTONE: Final = re.compile(r"eddy:([0-9a-f]{20}|[0-9a-f]{22})-([0-9a-f]{12})")
_DOUBLED: Final = slice(10, 12)
"""Of a namespace of eleven bytes, the one that its firmware writes twice."""
_MAC: Final = re.compile(r"[0-9a-f]{12}")


def read(topic: str, payload: bytes) -> Report | None:
    """The report in a message below `espresense`; None for another device than a beacon.

    Raises:
        NotRead: it is no message of ESPresense.
    """
    match topic.split("/"):
        case ["rooms", room, "status"]:
            return Report(room, "down" if payload == b"offline" else "up", lasts=True)
        case ["rooms", room, "telemetry"]:
            return Report(room, "up")
        case ["devices", _, room]:
            return _heard(room, payload)
    raise NotRead("its topic is none of ESPresense's")


def identity(name: str) -> BeaconId | None:
    """The beacon that ESPresense calls by this id; None for what is no beacon."""
    lower = name.lower()
    if (eddystone := _EDDYSTONE.fullmatch(lower)) is not None:
        namespace, instance = eddystone.groups()
        if len(namespace) == 22:
            namespace = namespace[: _DOUBLED.start] + namespace[_DOUBLED.stop :]
        return BeaconId(EDDYSTONE_UID, f"{namespace}/{instance}")
    numbered = _NUMBERED.fullmatch(lower)
    if numbered is None:
        return None
    kind, uuid, major, minor = numbered.group(1), numbered.group(2), int(numbered.group(3)), int(numbered.group(4))
    if max(major, minor) > 0xFFFF:
        return None
    if kind == IBEACON:
        return BeaconId(IBEACON, f"{uuid}/{major}/{minor}")
    return BeaconId(ALTBEACON, f"{UUID(uuid).hex}{major:04x}{minor:04x}")


def _heard(room: str, payload: bytes) -> Report | None:
    try:
        fields = Fields.of(payload.decode())
        beacon, rssi_dbm = identity(fields.text("id")), fields.optional_number("rssi")
        mac = (fields.optional_text("mac") or "").lower()
        battery_mv, temperature_c = fields.optional_number("mV"), fields.optional_number("temp")
    except (FieldError, UnicodeDecodeError) as error:
        raise NotRead(str(error) if isinstance(error, FieldError) else "it is not UTF-8") from error
    if beacon is None or rssi_dbm is None or not plausible(rssi_dbm):
        return None
    tokens: tuple[BeaconId | BeaconTelemetry, ...] = (beacon,)
    if battery_mv is not None and 0 < battery_mv < 1 << 16:
        tokens += (BeaconTelemetry(round(battery_mv), temperature_c),)
    address = ":".join(mac[at : at + 2] for at in range(0, 12, 2)).upper() if _MAC.fullmatch(mac) else None
    return Report(room, "up", (Packet(tokens, rssi_dbm, address),))


DIALECT: Final = Dialect(
    filters=("devices/+/+", "rooms/+/status", "rooms/+/telemetry"), read=read, silence_s=60.0, topic="espresense"
)
