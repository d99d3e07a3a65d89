"""Our own message: the packets that a satellite heard since the last, as they came from the air, in one JSON object.

Source: "What a satellite publishes" of the firmware's page. Read and written here; an ESP32 writes the same.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from gateway.codecs.adverts import (
    AltBeacon,
    EddystoneEid,
    EddystoneEtlm,
    EddystoneTlm,
    EddystoneUid,
    Frame,
    IBeacon,
    MemberTokenFrame,
    encode_payload,
    tokens_in,
)
from gateway.codecs.json_fields import FieldError, Fields
from gateway.codecs.satellites.report import MOST_PACKETS, Dialect, NotRead, Packet, Report, plausible
from gateway.model.sighting import Advertised, BeaconId, BeaconTelemetry, MemberToken, SealedTelemetry, Stranger
from gateway.model.store import StoreRef

UPTIME_ENDS_MS: Final = 1 << 32
"""A satellite's uptime is of 32 bits, and begins again."""
MOST_PAYLOAD_BYTES: Final = 255
MOST_ADDRESS_CHARS: Final = 17
_MOST_LOST: Final = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class RawPacket:
    """A packet as it came from the air: its advertising data, its sender's address, its level (dBm), its time."""

    payload: bytes
    address: str
    rssi_dbm: float
    heard_ms: int


def sightings_topic(store: StoreRef) -> str:
    """The topic below which the satellites of a gateway publish, each under its receiver's id."""
    return f"proximity/v1/{store.tenant}/{store.store}/{store.gateway}/sightings"


def read(topic: str, payload: bytes) -> Report:
    """The report in a batch; `topic` is the satellite's name. Keys of newer satellites are ignored.

    Raises:
        NotRead: it is no batch.
    """
    try:
        fields = Fields.of(payload.decode())
        sent_ms, lost = _uptime(fields, "sent_ms"), fields.integer("lost", _MOST_LOST)
        status: Literal["up", "down"] = fields.one_of("status", "up", "down") if "status" in fields else "up"
        packets = tuple(_packet(each) for each in fields.objects("adverts", MOST_PACKETS))
    except (FieldError, UnicodeDecodeError) as error:
        raise NotRead(str(error) if isinstance(error, FieldError) else "it is not UTF-8") from error
    return Report(topic, status, tuple(each for each in packets if plausible(each.rssi_dbm)), sent_ms, lost)


def batch(packets: Iterable[RawPacket], *, sent_ms: int, lost: int = 0, status: Literal["up", "down"] = "up") -> bytes:
    """The message of a satellite that heard these packets and dropped `lost` before them."""
    adverts = [
        {
            "heard_ms": each.heard_ms % UPTIME_ENDS_MS,
            "address": each.address,
            "rssi_dbm": each.rssi_dbm,
            "payload": each.payload.hex(),
        }
        for each in packets
    ]
    hears = {} if status == "up" else {"status": status}
    message = {"sent_ms": sent_ms % UPTIME_ENDS_MS, "lost": lost, **hears, "adverts": adverts}
    return json.dumps(message, separators=(",", ":")).encode()


def payload_of(token: Advertised | Stranger) -> bytes:
    """Advertising data that says no more than `token` does: how a satellite tells on what it understood itself.

    Levels at a metre, counters and the like are left at 0: no sighting carries them.

    Raises:
        ValueError: a beacon of a format that no packet has, or one whose value is none of its format.
    """
    match token:
        case MemberToken(value):
            return encode_payload(MemberTokenFrame("service_uuid", 1, value, None))
        case BeaconTelemetry(battery_mv, temperature_c):
            return encode_payload(EddystoneTlm(battery_mv, temperature_c, 0, 0.0))
        case SealedTelemetry(ciphertext, salt, mic):
            return encode_payload(EddystoneEtlm(ciphertext, salt, mic))
        case BeaconId(form, value):
            return encode_payload(_frame(form, value))
    return b""


def _frame(form: str, value: str) -> Frame:
    match form, value.split("/"):
        case "ibeacon", [uuid, major, minor]:
            return IBeacon(uuid, int(major), int(minor), 0)
        case "altbeacon", [octets]:
            return AltBeacon(0, bytes.fromhex(octets), 0, 0)
        case "eddystone_uid", [namespace, instance]:
            return EddystoneUid(0, bytes.fromhex(namespace), bytes.fromhex(instance))
        case "eddystone_eid", [octets]:
            return EddystoneEid(0, bytes.fromhex(octets))
    msg = f"no packet says {form}: give a beacon as its packet names it"
    raise ValueError(msg)


def _packet(fields: Fields) -> Packet:
    heard_ms, rssi_dbm = _uptime(fields, "heard_ms"), fields.number("rssi_dbm")
    address = fields.text("address")
    if len(address) > MOST_ADDRESS_CHARS:
        raise fields.wrong("address", "write six bytes in hex with colons")
    return Packet(tokens_in(fields.octets("payload", MOST_PAYLOAD_BYTES)), rssi_dbm, address.upper(), heard_ms)


def _uptime(fields: Fields, key: str) -> int:
    return fields.integer(key, UPTIME_ENDS_MS - 1)


DIALECT: Final = Dialect(filters=("+",), read=read, silence_s=15.0, topic="")
