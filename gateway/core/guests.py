"""Guests: how many strangers' phones are about. Counts alone: no id outlives five minutes, no visit, no way through."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from math import exp, floor, log
from typing import Final

from gateway.codecs.private_address import is_resolvable
from gateway.core.privacy_options import PrivacyOptions
from gateway.core.shop import Shop
from gateway.model.inputs import FreshSalt
from gateway.model.time import Now, rfc3339

WINDOW_S: Final = 60.0
"""A phone is about for this long after it was last heard (seconds)."""
SALT_S: Final = 300.0
"""A salt is used for so long at most (seconds), and with it goes what tells one phone from another."""
GRACE_S: Final = 10.0
"""How long what was counted waits for the next salt (seconds)."""
QUARTER_S: Final = 900.0
"""What a count is told of (seconds)."""
MOST_COUNTED: Final = 10_000
"""More phones than this are not told apart: the one met first makes room."""
ADDRESSES_A_WINDOW: Final = 2
"""A phone changes its address every quarter of an hour or so (Bluetooth Core, Vol 3, Part C, appendix A: 900 s), so
that within one salt it shows two at most, and two in one salt of three."""
COUNTS_A_QUARTER: Final = int(QUARTER_S // SALT_S) + ADDRESSES_A_WINDOW - 1
"""So many of a quarter's figures one phone can raise by one: with an address in each of three windows and a second in
one of them, in another zone each time."""


@dataclass(slots=True)
class _Heard:
    """The loudest receiver of one phone's last packets (dBm), and when it was last heard (monotonic s)."""

    anchor: str
    rssi_dbm: float
    at_s: float


class Guests:
    """Phones of strangers, told apart for as long as a salt lasts by a keyed hash of their changing addresses.

    Only resolvable private addresses count (their two highest bits are 01, Bluetooth Core, Vol 6, Part B, 1.3.2.2): a
    beacon, a television or a fob has another. Nothing is counted without a salt, nor without a legal basis.
    """

    def __init__(self, options: PrivacyOptions) -> None:
        self._options = options
        self._salt: FreshSalt | None = None
        self._since_s = 0.0
        self._phones: dict[bytes, _Heard] = {}
        self._before: Mapping[str, int] = {}
        self._quarter: int | None = None
        self._most: Counter[str] = Counter()
        self._windows = 0

    def hear(self, address: str, anchor: str, rssi_dbm: float, mono_s: float) -> None:
        """Take in a packet of nobody known; kept under the louder of its receivers."""
        if self._salt is None or not self._options.counts_guests or not is_resolvable(address):
            return
        if mono_s - self._since_s > SALT_S:
            self._outlived(mono_s)
            return
        phone = blake2b(address.encode(), digest_size=8, key=self._salt.value, person=b"guests").digest()
        known = self._phones.get(phone)
        if known is None and len(self._phones) >= MOST_COUNTED:
            del self._phones[next(iter(self._phones))]
        if known is None or known.anchor == anchor or rssi_dbm > known.rssi_dbm:
            self._phones[phone] = _Heard(anchor, rssi_dbm, mono_s)
        else:
            known.at_s = mono_s

    def counts(self, shop: Shop, mono_s: float) -> Mapping[str, int] | None:
        """How many are about by zone, at `mono_s` (monotonic s); None where nobody may be counted.

        Receivers without a zone are left out. For a minute after the salt changed, no fewer than before it.
        """
        if not self._options.counts_guests:
            return None
        about = self._by_zone(shop, mono_s - WINDOW_S)
        if mono_s - self._since_s < WINDOW_S:
            return {zone: max(about[zone], self._before.get(zone, 0)) for zone in {*about, *self._before}}
        return about

    def salt(self, fresh: FreshSalt, shop: Shop, now: Now) -> dict[str, object] | None:
        """From now on phones are told apart by this salt; what is to be told of the quarter hour that is over, if any.

        A zone's figure is the most phones of it within one salt: nobody is followed from one into the next.
        """
        if not self._options.counts_guests:
            return None
        if self._salt is not None:
            for zone, phones in self._by_zone(shop, self._since_s).items():
                self._most[zone] = max(self._most[zone], phones)
            self._windows += 1
        told = None
        quarter = int(now.utc_s // QUARTER_S) if now.clock == "synced" else None
        if quarter != self._quarter:
            told = self._told(fresh)
            self._quarter, self._windows = quarter, 0
            self._most.clear()
        self._before = self._by_zone(shop, now.mono_s - WINDOW_S)
        self._phones.clear()
        self._salt, self._since_s = fresh, now.mono_s
        return told

    def _told(self, fresh: FreshSalt) -> dict[str, object] | None:
        if self._quarter is None or not self._windows:
            return None
        options = self._options
        figures = {zone: phones + _noise(options.guests_epsilon, fresh, zone) for zone, phones in self._most.items()}
        return {
            "from_at": rfc3339(self._quarter * QUARTER_S),
            "until_at": rfc3339((self._quarter + 1) * QUARTER_S),
            "zones": [
                {"zone": zone, "phones": phones}
                for zone, phones in sorted(figures.items())
                if min(phones, self._most[zone]) >= options.guests_fewest
            ],
            "windows": self._windows,
            "fewest": options.guests_fewest,
            "epsilon": options.guests_epsilon,
        }

    def _by_zone(self, shop: Shop, since_s: float) -> Counter[str]:
        street = frozenset[str]() if self._options.guests_street else shop.outside
        zones = (shop.anchors.get(heard.anchor) for heard in self._phones.values() if heard.at_s >= since_s)
        return Counter(zone for zone in zones if zone is not None and zone not in street)

    def _outlived(self, mono_s: float) -> None:
        """The salt is too old to tell anybody apart; where no other comes, what it told apart is forgotten."""
        if mono_s - self._since_s > SALT_S + GRACE_S:
            self._salt = None
            self._phones.clear()


def _noise(epsilon: float | None, fresh: FreshSalt, zone: str) -> int:
    """Two-sided geometric noise (Ghosh, Roughgarden, Sundararajan, 2009), for all that one phone adds to a quarter."""
    if epsilon is None:
        return 0
    drawn = blake2b(zone.encode(), digest_size=16, key=fresh.noise, person=b"noise").digest()
    rate = epsilon / COUNTS_A_QUARTER
    return _geometric(drawn[:8], rate) - _geometric(drawn[8:], rate)


def _geometric(drawn: bytes, rate: float) -> int:
    """How often in a row a coin falls that does so with probability exp(-rate), by 64 random bits."""
    uniform = (int.from_bytes(drawn) + 1) / (1 << 64)
    return floor(log(uniform) / log(exp(-rate)))
