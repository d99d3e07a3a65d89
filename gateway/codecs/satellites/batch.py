"""Our own message: the packets that a satellite heard since the last, as they came from the air, in one JSON object.

Source: "What a satellite publishes" of the firmware's page. Read and written here; an ESP32 writes the same.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from gateway.codecs.adverts import tokens_in
from gateway.codecs.json_fields import FieldError, Fields
from gateway.codecs.satellites.report import MOST_PACKETS, Dialect, NotRead, Packet, Report, plausible
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


def _packet(fields: Fields) -> Packet:
    heard_ms, rssi_dbm = _uptime(fields, "heard_ms"), fields.number("rssi_dbm")
    address = fields.text("address")
    if len(address) > MOST_ADDRESS_CHARS:
        raise fields.wrong("address", "write six bytes in hex with colons")
    return Packet(tokens_in(fields.octets("payload", MOST_PAYLOAD_BYTES)), rssi_dbm, address.upper(), heard_ms)


def _uptime(fields: Fields, key: str) -> int:
    return fields.integer(key, UPTIME_ENDS_MS - 1)


DIALECT: Final = Dialect(filters=("+",), read=read, silence_s=15.0, topic="")
