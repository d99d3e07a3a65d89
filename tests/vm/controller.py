"""A Bluetooth controller as the kernel sees one: answers its commands, tells what is heard and who connects.

Low Energy only, as of Bluetooth 4.2: Core specification, volume 4, part E. The kernel needs no more to scan, advertise
and be connected to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

COMMAND: Final = 0x01
"""The packet type of a command (part A, section 2)."""
REPORTS_AN_EVENT: Final = 6
"""An event holds 255 octets; a report of the longest payload takes 41."""

CONNECTION: Final = 0x0040
"""The handle of the one connection there can be."""

_EVENT: Final = 0x04
_DISCONNECTED: Final = 0x05
_COMMAND_COMPLETE: Final = 0x0E
_COMMAND_STATUS: Final = 0x0F
_PACKETS_COMPLETED: Final = 0x13
_LE_META: Final = 0x3E
_CONNECTED: Final = 0x01
_ADVERTISING_REPORT: Final = 0x02
_NOT_CONNECTABLE: Final = 0x03
_RANDOM_ADDRESS: Final = 0x01
_SUCCESS: Final = b"\x00"
_OTHER_SIDE_LEFT, _THIS_SIDE_LEFT = 0x13, 0x16
_PERIPHERAL: Final = 0x01
_LINK: Final = bytes.fromhex("1800 0000 f401 00")
"""An event every 30 ms, which the kernel likes and does not ask to be changed; given up after 5 s without one."""
_ANSWERS: Final[Mapping[int, bytes]] = {
    0x1001: bytes.fromhex("08 0000 08 ffff 0000"),  # Read Local Version: 4.2, of nobody
    0x1002: bytes(64),  # Read Local Supported Commands: none of the optional ones
    0x1003: bytes.fromhex("00000000 60 000000"),  # Read Local Supported Features: LE, and no BR/EDR
    0x2002: bytes.fromhex("1b00 08"),  # LE Read Buffer Size: 8 packets of 27 octets
    0x2003: bytes(8),  # LE Read Local Supported Features: none
    0x2007: b"\x00",  # LE Read Advertising Channel TX Power: 0 dBm
    0x200F: b"\x00",  # LE Read White List Size: none
    0x201C: bytes.fromhex("ffffff1f00000000"),  # LE Read Supported States
}
"""Return parameters after the status, by opcode; every other command succeeds and returns its status alone."""
_READ_ADDRESS: Final = 0x1009
_HANDLE: Final = CONNECTION.to_bytes(2, "little")


@dataclass(frozen=True, slots=True)
class Report:
    """One advertisement as it is heard: from a random address (`C0:00:…`), a payload of at most 31 octets."""

    address: str
    payload: bytes
    rssi_dbm: int

    def encoded(self) -> bytes:
        """Its part of an LE Advertising Report (section 7.7.65.2)."""
        kind = bytes((_NOT_CONNECTABLE, _RANDOM_ADDRESS))
        level = self.rssi_dbm.to_bytes(1, signed=True)
        return kind + _little_endian(self.address) + bytes((len(self.payload),)) + self.payload + level


class Controller:
    """A controller with a public address.

    Attributes:
        scanning: Whether the host wants reports.
        advertising: Whether it advertises; `advertisement` is what, as AD structures.
        connected: Whether somebody is connected to it.
    """

    def __init__(self, address: str) -> None:
        self.scanning = False
        self.advertising = False
        self.advertisement = b""
        self.connected = False
        self._address = address

    def answers(self, packet: bytes) -> Sequence[bytes]:
        """The events that answer a command of the host, a packet each; none for a packet that is no command."""
        if packet[0] != COMMAND:
            return ()
        opcode = int.from_bytes(packet[1:3], "little")
        match opcode:
            case 0x200C:  # LE Set Scan Enable
                self.scanning = packet[4] == 1
            case 0x200A:  # LE Set Advertising Enable
                self.advertising = packet[4] == 1
            case 0x2008:  # LE Set Advertising Data
                self.advertisement = packet[5 : 5 + packet[4]]
            case 0x0406:  # Disconnect
                under_way = _event(_COMMAND_STATUS, _SUCCESS + b"\x01" + packet[1:3])
                return (under_way, self.disconnect(_THIS_SIDE_LEFT))
        returned = _little_endian(self._address) if opcode == _READ_ADDRESS else _ANSWERS.get(opcode, b"")
        return (_event(_COMMAND_COMPLETE, b"\x01" + packet[1:3] + _SUCCESS + returned),)

    def connect(self, address: str) -> bytes:
        """The event that a central of this random address is connected (section 7.7.65.1); it ends the advertising."""
        self.connected, self.advertising = True, False
        peer = bytes((_PERIPHERAL, _RANDOM_ADDRESS)) + _little_endian(address)
        return _event(_LE_META, bytes((_CONNECTED,)) + _SUCCESS + _HANDLE + peer + _LINK)

    def disconnect(self, reason: int = _OTHER_SIDE_LEFT) -> bytes:
        """The event that the connection is over (section 7.7.5)."""
        self.connected = False
        return _event(_DISCONNECTED, _SUCCESS + _HANDLE + bytes((reason,)))


def completed() -> bytes:
    """The event that one packet of the host was sent on the connection (section 7.7.19), so that it sends another."""
    return _event(_PACKETS_COMPLETED, b"\x01" + _HANDLE + b"\x01\x00")


def reported(reports: Sequence[Report]) -> bytes:
    """The event that tells of these advertisements, `REPORTS_AN_EVENT` at most."""
    told = b"".join(report.encoded() for report in reports)
    return _event(_LE_META, bytes((_ADVERTISING_REPORT, len(reports))) + told)


def _event(code: int, parameters: bytes) -> bytes:
    return bytes((_EVENT, code, len(parameters))) + parameters


def _little_endian(address: str) -> bytes:
    return bytes.fromhex(address.replace(":", ""))[::-1]
