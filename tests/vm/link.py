"""The frames of a connection: L2CAP (Core specification, volume 3, part A) in data packets of HCI (vol. 4, part E)."""

from typing import Final

from tests.vm.controller import CONNECTION

DATA: Final = 0x02
"""The packet type of data."""
ATTRIBUTES: Final = 0x0004
"""The channel of the attribute protocol."""

_CONTINUES: Final = 0b01
_FIRST_OF_CONTROLLER: Final = 0b10
_HEAD: Final = 4


class Link:
    """Puts the frames of one connection together."""

    def __init__(self) -> None:
        self._whole = b""

    def take(self, packet: bytes) -> tuple[int, bytes] | None:
        """The channel and content of a frame, once a packet of the host completes it."""
        continues = packet[2] >> 4 & 0b11 == _CONTINUES
        self._whole = (self._whole if continues else b"") + packet[5:]
        if len(self._whole) < _HEAD or len(self._whole) < _HEAD + _number(self._whole[:2]):
            return None
        return _number(self._whole[2:4]), self._whole[_HEAD:]


def framed(channel: int, content: bytes) -> bytes:
    """The packet by which the host hears a frame."""
    frame = len(content).to_bytes(2, "little") + channel.to_bytes(2, "little") + content
    handle = CONNECTION | _FIRST_OF_CONTROLLER << 12
    return bytes((DATA,)) + handle.to_bytes(2, "little") + len(frame).to_bytes(2, "little") + frame


def _number(octets: bytes) -> int:
    return int.from_bytes(octets, "little")
