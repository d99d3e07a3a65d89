"""The zone of the loudest anchor, with a margin: for a shop that gives no positions."""

from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Final

from gateway.core.estimation.placing import Doubt, Placement, Way, judged_by
from gateway.core.options import CoreOptions
from gateway.core.shop import Shop
from gateway.core.signal import Signals, confidence
from gateway.model.health import Condition
from gateway.model.visit import Presence

STALE_AFTER_INTERVALS: Final = 4.0
"""An anchor not heard for this many intervals of the transmitter no longer speaks for its zone (at least 3 s)."""


class Loudest:
    """Smoothed levels by subject and anchor; the loudest zone wins if it leads the present one by the margin."""

    way: Way = "receivers"

    def __init__(self, shop: Shop, options: CoreOptions) -> None:
        self._shop = shop
        self._options = options
        self._signals: dict[str, Signals] = {}

    def condition(self) -> Condition:
        """As `Placing`."""
        return judged_by(self.way)

    def place(self, presence: Presence) -> Placement:
        """As `Placing`."""
        levels = self._levels(presence)
        zones = self._by_zone(levels)
        winner = self._winner(presence.zone, zones)
        anchors = self._shop.anchors
        return Placement(
            zone=winner,
            confidence=_lead(winner, zones),
            level_dbm=zones.get(winner) if winner is not None else None,
            anchors=tuple(sorted(anchor for anchor in levels if anchors.get(anchor) == winner)),
            speaks=any(anchors.get(anchor) == winner for anchor, _ in presence.heard),
        )

    def doubts(self) -> Mapping[str, Doubt | None]:
        """As `Placing`; there is no survey to compare with."""
        return {}

    def forget(self, subject: str) -> None:
        """As `Placing`."""
        self._signals.pop(subject, None)

    def forget_all(self) -> None:
        """As `Placing`."""
        self._signals.clear()

    def _levels(self, presence: Presence) -> dict[str, float]:
        """Smoothed level by anchor. After a restart the stored level stands for the zone until its anchors speak."""
        signals = self._signals.get(presence.subject)
        if signals is None:
            signals = self._signals[presence.subject] = Signals()
            if presence.zone is not None and presence.level_dbm is not None:
                for anchor in presence.anchors:
                    signals.hear(anchor, presence.level_dbm, presence.seen.mono_s, 1.0)
        for anchor, rssi_dbm in sorted(presence.heard, key=itemgetter(0)):
            if anchor in self._shop.anchors:
                signals.hear(anchor, rssi_dbm, presence.seen.mono_s, self._options.smoothing)
        stale_after_s = max(3.0, STALE_AFTER_INTERVALS * (presence.interval_s or 0.0))
        return signals.fresh(presence.seen.mono_s, stale_after_s)

    def _by_zone(self, levels: dict[str, float]) -> dict[str, float]:
        zones: dict[str, float] = {}
        for anchor, dbm in levels.items():
            zone = self._shop.anchors.get(anchor)
            if zone is not None:
                zones[zone] = max(dbm, zones.get(zone, dbm))
        return zones

    def _winner(self, current: str | None, zones: dict[str, float]) -> str | None:
        """The loudest zone, if it leads the present one by the margin. No zone heard changes nothing."""
        if not zones:
            return current
        loudest = max(zones, key=lambda zone: (zones[zone], zone))
        if current is None or current not in zones:
            return loudest
        return loudest if zones[loudest] > zones[current] + self._options.switch_margin_db else current


def _lead(winner: str | None, zones: dict[str, float]) -> float:
    if winner is None or winner not in zones:
        return 0.5
    rivals: Iterable[float] = [dbm for zone, dbm in zones.items() if zone != winner]
    return confidence(zones[winner], max(rivals, default=None))
