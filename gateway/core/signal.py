"""Smoothed signal levels of one transmitter at every anchor that hears it."""

from dataclasses import dataclass
from typing import Final

SAME_PACKET_S: Final = 0.2
"""Receivers tell of one packet within this time (seconds), in any order."""


@dataclass(slots=True)
class Level:
    """A smoothed level (dBm), and the monotonic instant (s) of its last packet."""

    dbm: float
    heard_s: float


class Signals:
    """Exponentially weighted levels by anchor; an anchor that fell silent is missing, never weak."""

    def __init__(self) -> None:
        self._levels: dict[str, Level] = {}

    def hear(self, anchor: str, rssi_dbm: float, mono_s: float, smoothing: float) -> None:
        """Take in one packet; the first one of an anchor counts in full."""
        level = self._levels.get(anchor)
        if level is None:
            self._levels[anchor] = Level(rssi_dbm, mono_s)
        else:
            level.dbm += smoothing * (rssi_dbm - level.dbm)
            level.heard_s = mono_s

    def fresh(self, mono_s: float, stale_after_s: float) -> dict[str, float]:
        """Level by anchor of those heard within `stale_after_s`; the others are forgotten."""
        for anchor in [anchor for anchor, level in self._levels.items() if mono_s - level.heard_s > stale_after_s]:
            del self._levels[anchor]
        return {anchor: level.dbm for anchor, level in self._levels.items()}


def interval_after(known_s: float | None, gap_s: float, *, longest_s: float) -> float | None:
    """The learned interval of a transmitter (s) after a gap between two of its packets.

    It rises to the longest gap at once and falls by a tenth a packet, so that one lost packet does not end a presence.
    Gaps under `SAME_PACKET_S` are one packet at several receivers, gaps over `longest_s` an absence: neither teaches.
    """
    if gap_s < SAME_PACKET_S or gap_s > longest_s:
        return known_s
    if known_s is None or gap_s > known_s:
        return round(gap_s, 3)
    return round(known_s + 0.1 * (gap_s - known_s), 3)


def spread_after(known_s: float | None, last_s: float) -> float:
    """How far apart receivers tell of one packet (s), after a packet of which they told within `last_s`.

    It rises at once and falls by a tenth a packet.
    """
    if known_s is None or last_s > known_s:
        return round(last_s, 3)
    return round(known_s + 0.1 * (last_s - known_s), 3)


def confidence(best_dbm: float, rival_dbm: float | None) -> float:
    """How believable the louder zone is, 0.5 to 0.99, from its lead over the next: 6 dB give 0.8, 20 dB 0.99."""
    if rival_dbm is None:
        return 0.95
    return round(min(0.99, 1 / (1 + 10 ** (-max(0.0, best_dbm - rival_dbm) / 10))), 2)
