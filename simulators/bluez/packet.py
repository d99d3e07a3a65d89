"""An advertising payload as BlueZ reads it: by property of `org.bluez.Device1`."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from gateway.codecs.adverts.ad_structures import MANUFACTURER, walk

_BLUETOOTH_BASE: Final = "-0000-1000-8000-00805f9b34fb"
_UUID_LISTS: Final = {0x02: 2, 0x03: 2, 0x04: 4, 0x05: 4, 0x06: 16, 0x07: 16}
_SERVICE_DATA: Final = {0x16: 2, 0x20: 4, 0x21: 16}
_NAMES: Final = (0x08, 0x09)
_TX_POWER: Final = 0x0A


@dataclass(frozen=True, slots=True)
class Packet:
    """What one payload says. `structures` are its (AD type, value) pairs; UUIDs are text, as D-Bus has them."""

    structures: tuple[tuple[int, bytes], ...]
    manufacturer: dict[int, bytes]
    service: dict[str, bytes]
    uuids: tuple[str, ...]
    name: str | None
    tx_power_dbm: int | None


@lru_cache(maxsize=4096)
def read_packet(payload: bytes) -> Packet:
    """The content of a payload; what is malformed in it is not there."""
    structures = tuple(walk(payload, range(256))[0])
    manufacturer: dict[int, bytes] = {}
    service: dict[str, bytes] = {}
    uuids: list[str] = []
    name: str | None = None
    tx_power_dbm: int | None = None
    for ad_type, value in structures:
        if ad_type == MANUFACTURER and len(value) >= 2:
            manufacturer[int.from_bytes(value[:2], "little")] = value[2:]
        elif ad_type in _SERVICE_DATA and len(value) >= (size := _SERVICE_DATA[ad_type]):
            service[_text(value[:size])] = value[size:]
        elif ad_type in _UUID_LISTS:
            size = _UUID_LISTS[ad_type]
            uuids += [_text(value[at : at + size]) for at in range(0, len(value) - size + 1, size)]
        elif ad_type in _NAMES:
            name = value.decode(errors="replace")
        elif ad_type == _TX_POWER and len(value) == 1:
            tx_power_dbm = int.from_bytes(value, signed=True)
    return Packet(structures, manufacturer, service, tuple(uuids), name, tx_power_dbm)


def _text(little_endian: bytes) -> str:
    number = little_endian[::-1]
    return str(UUID(bytes=number)) if len(number) == 16 else f"{number.hex():0>8}{_BLUETOOTH_BASE}"
