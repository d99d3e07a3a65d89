"""Guests: how many strangers' phones are about. A count, in memory alone: no id, no visit, no event."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.core.shop import Shop

WINDOW_S: Final = 60.0
"""A phone counts for this long after it was last heard (seconds)."""
MOST_COUNTED: Final = 10_000
"""More phones than this are not told apart: the one met first makes room."""


@dataclass(slots=True)
class _Heard:
    """The loudest receiver of one phone's last packets (dBm), and when it was last heard (monotonic s)."""

    anchor: str
    rssi_dbm: float
    at_s: float


class Guests:
    """Phones of strangers, told apart by their changing addresses alone, and forgotten a minute after they fall silent.

    Only resolvable private addresses count (their two highest bits are 01, Bluetooth Core, Vol 6, Part B, 1.3.2.2): a
    beacon, a television or a fob has another. A phone that changes its address within the minute counts twice, one that
    sends nothing not at all, so this is an estimate.
    """

    def __init__(self) -> None:
        self._phones: dict[str, _Heard] = {}

    def hear(self, address: str, anchor: str, rssi_dbm: float, mono_s: float) -> None:
        """Take in a packet of nobody known; kept under the louder of its receivers."""
        if not _is_phone(address):
            return
        known = self._phones.get(address)
        if known is None and len(self._phones) >= MOST_COUNTED:
            del self._phones[next(iter(self._phones))]
        if known is None or known.anchor == anchor or rssi_dbm > known.rssi_dbm:
            self._phones[address] = _Heard(anchor, rssi_dbm, mono_s)
        else:
            known.at_s = mono_s

    def counts(self, shop: Shop, mono_s: float) -> Mapping[str, int]:
        """How many there are by zone, at `mono_s` (monotonic s); receivers without a zone are left out."""
        self._phones = {each: heard for each, heard in self._phones.items() if mono_s - heard.at_s <= WINDOW_S}
        zones = (shop.anchors.get(heard.anchor) for heard in self._phones.values())
        return Counter(zone for zone in zones if zone is not None)


def _is_phone(address: str) -> bool:
    try:
        return int(address[:2], 16) >> 6 == 0b01
    except ValueError:
        return False
