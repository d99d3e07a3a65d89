"""AD structures: the length-type-value walk that every advertisement is made of.

Source: Bluetooth Core Specification, Vol 3, Part C, Section 11; types from the Assigned Numbers, Section 2.3.
"""

from collections.abc import Container
from typing import Final

FLAGS: Final = 0x01
SERVICE_UUIDS_16: Final = 0x03
SERVICE_UUIDS_128: Final = 0x07
SERVICE_DATA_16: Final = 0x16
SERVICE_DATA_128: Final = 0x21
MANUFACTURER: Final = 0xFF

LE_ONLY_DISCOVERABLE: Final = b"\x02\x01\x06"
"""The flags structure of a beacon: LE General Discoverable Mode, BR/EDR not supported."""

MAX_VALUE_BYTES: Final = 254


def walk(payload: bytes, types: Container[int]) -> tuple[list[tuple[int, bytes]], str | None]:
    """The (type, value) of each whole structure of `payload` of one of `types`, in order; what is malformed, or None.

    A length of zero ends the significant part early, as the specification has it, and whatever follows is padding. A
    structure that runs past the end is malformed: those before it stand, nothing after it can be found.
    """
    structures: list[tuple[int, bytes]] = []
    at, end = 0, len(payload)
    while at < end:
        length = payload[at]
        if not length:
            break
        after = at + 1 + length
        if after > end:
            return structures, _runs_past(at, length, end)
        if (ad_type := payload[at + 1]) in types:
            structures.append((ad_type, payload[at + 2 : after]))
        at = after
    return structures, None


def structure(ad_type: int, value: bytes) -> bytes:
    """One AD structure around `value`.

    Raises:
        ValueError: the value is over 254 bytes, more than a length byte can tell.
    """
    if len(value) > MAX_VALUE_BYTES:
        msg = f"an AD structure holds at most {MAX_VALUE_BYTES} bytes, not {len(value)}: shorten it"
        raise ValueError(msg)
    return bytes((len(value) + 1, ad_type)) + value


def _runs_past(at: int, length: int, end: int) -> str:
    excess = length - (end - at - 1)
    return f"the AD structure at byte {at} claims {length} bytes, {excess} more than are left: cut short or corrupt"
