"""What a message of a satellite says, whichever firmware wrote it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from gateway.model.sighting import Advertised

MOST_MESSAGE_BYTES: Final = 65_536
"""A longer message is not read."""
MOST_PACKETS: Final = 256
"""A message with more packets is not read."""
WEAKEST_DBM: Final = -127.0
STRONGEST_DBM: Final = 20.0
"""Levels beyond these are what chips write for "no value" (Bluetooth Core, Vol 4, Part E, 7.7.65.2)."""


class NotRead(ValueError):
    """The message is none of this firmware's: what is wrong with it, without repeating any of it."""


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet that a satellite heard: what it says of its sender (nothing: a stranger's), and how loud it was (dBm).

    `heard_ms` is the satellite's own uptime at the time, None where its firmware tells none. `address` is the sender's.
    """

    tokens: tuple[Advertised, ...]
    rssi_dbm: float
    address: str | None = None
    heard_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One message: of which satellite, by the name that it has in its topics; whether it hears; what it heard.

    `sent_ms` is the satellite's own uptime when it sent the message, `lost` the packets that it dropped before. Only
    what `lasts` (a will, and what takes it back) means anything when the broker kept it.
    """

    satellite: str
    status: Literal["up", "down"]
    packets: tuple[Packet, ...] = ()
    sent_ms: int | None = None
    lost: int = 0
    lasts: bool = False


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one firmware speaks.

    `filters` are what to subscribe to below its topic; `read` makes a report of a message by its topic below that, None
    where the message is of nothing that we want, and raises `NotRead`. A satellite that says nothing for `silence_s`
    (seconds) is taken for dead; `topic` is where the firmware publishes unless it was told otherwise, empty for ours.
    """

    filters: tuple[str, ...]
    read: Callable[[str, bytes], Report | None]
    silence_s: float
    topic: str


def plausible(rssi_dbm: float) -> bool:
    """Whether a level (dBm) is one that a radio measures."""
    return WEAKEST_DBM < rssi_dbm <= STRONGEST_DBM
