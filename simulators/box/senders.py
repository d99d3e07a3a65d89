"""What transmits in a shop: phones, tags, strangers' phones, the shop's own beacons."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from gateway.codecs.adverts import EddystoneTlm, IBeacon, eddystone_tlm, ibeacon
from gateway.codecs.adverts.ad_structures import LE_ONLY_DISCOVERABLE, MANUFACTURER, structure
from simulators.members import InventedMember

PHONE_INTERVAL_S: Final = 0.25
TAG_INTERVAL_S: Final = 0.5
BEACON_INTERVAL_S: Final = 1.0
TELLS_EVERY: Final = 10
"""A beacon tells of its battery in one packet of so many."""
STRANGER_INTERVAL_S: Final = 0.7
STRANGER_ROTATES_S: Final = 120.0
"""How often a stranger's phone takes a new address; real ones do about every quarter of an hour (seconds)."""

_DELAY_S: Final = 0.01
_NEARBY: Final = b"\x4c\x00\x10\x05"


@dataclass(frozen=True, slots=True)
class Sender:
    """Something that advertises: every `interval_s` and up to 10 ms more, so that two do not always collide.

    `advertisement` gives the address and payload at a time (seconds since 1970). Source of the 10 ms (advDelay):
    Bluetooth Core Specification, Vol 6, Part B, Section 4.4.2.2.
    """

    name: str
    interval_s: float
    advertisement: Callable[[float], tuple[str, bytes]]

    def pause_s(self, chance: Random) -> float:
        """How long until the next packet."""
        return self.interval_s + chance.uniform(0.0, _DELAY_S)


def android(name: str, member: InventedMember, store: str) -> Sender:
    """A phone on Android that sends its member's token as service data."""

    def advertisement(utc_s: float) -> tuple[str, bytes]:
        return member.address_at(utc_s), member.payload_at(store, utc_s, "service_data")

    return Sender(name, PHONE_INTERVAL_S, advertisement)


def tag(name: str, frame: IBeacon) -> Sender:
    """A fob or badge."""
    return _constant(name, TAG_INTERVAL_S, frame)


def beacon(name: str, frame: IBeacon, battery_mv: int | None = None) -> Sender:
    """A beacon on the wall; one that measures its battery says so in about every tenth packet (Eddystone-TLM)."""
    named = _constant(name, BEACON_INTERVAL_S, frame)
    if battery_mv is None:
        return named
    measured = eddystone_tlm.encode(EddystoneTlm(battery_mv, 21.0, 0, 0.0))

    def advertisement(utc_s: float) -> tuple[str, bytes]:
        address, payload = named.advertisement(utc_s)
        return address, measured if int(utc_s) % TELLS_EVERY == 0 else payload

    return Sender(name, BEACON_INTERVAL_S, advertisement)


def stranger(name: str, seed: int) -> Sender:
    """A phone that nobody here knows: an address shaped like a resolvable private one, another every two minutes."""

    def advertisement(utc_s: float) -> tuple[str, bytes]:
        chance = Random(f"{seed}/{name}/{int(utc_s // STRANGER_ROTATES_S)}")
        return _resolvable(chance), LE_ONLY_DISCOVERABLE + structure(MANUFACTURER, _NEARBY + chance.randbytes(5))

    return Sender(name, STRANGER_INTERVAL_S, advertisement)


def _constant(name: str, interval_s: float, frame: IBeacon) -> Sender:
    """A device with one static random address and one frame."""
    raw = bytearray(Random(name).randbytes(6))
    raw[0] |= 0xC0
    sent = raw.hex(":").upper(), ibeacon.encode(frame)
    return Sender(name, interval_s, lambda utc_s: sent)


def _resolvable(chance: Random) -> str:
    """Two highest bits 01 (Core Specification, Vol 6, Part B, Section 1.3.2.2)."""
    raw = bytearray(chance.randbytes(6))
    raw[0] = raw[0] & 0x3F | 0x40
    return raw.hex(":").upper()
