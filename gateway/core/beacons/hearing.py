"""What was heard of one beacon since the last lesson: in memory alone."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.core.signal import interval_after
from gateway.model.beacons import BeaconState
from gateway.model.time import Now

SAME_PACKET_S: Final = 0.05
"""Within this time several receivers hear one packet (seconds)."""
LONGEST_GAP_S: Final = 300.0
"""A longer gap is an absence, and teaches nothing of the interval (seconds)."""
FEWEST_PACKETS: Final = 5
"""A receiver that heard fewer in a lesson has no say in it."""


@dataclass(slots=True)
class Hearing:
    """Packets by receiver and whole dBm (so bounded, however often a beacon sends), and the beacon's rhythm.

    `last_s` is the last packet (monotonic s) and `last_utc_s` its date; `impossible` counts the packets since the last
    look that contradict another receiver's.
    """

    last_s: float
    last_utc_s: float
    interval_s: float | None = None
    packets: int = 0
    levels: dict[str, Counter[int]] = field(default_factory=dict)
    impossible: int = 0
    battery_mv: int | None = None
    temperature_c: float | None = None

    @classmethod
    def after(cls, state: BeaconState | None, now: Now) -> "Hearing":
        """Nothing heard yet of a beacon of which this is known, or nothing at all."""
        if state is None:
            return cls(now.mono_s, now.utc_s)
        return cls(state.heard.mono_s, state.heard.utc_s, state.interval_s)

    def hear(self, receiver: str, rssi_dbm: float, mono_s: float, utc_s: float) -> None:
        """Take in a packet."""
        gap_s = mono_s - self.last_s
        if gap_s >= SAME_PACKET_S or not self.packets:
            self.packets += 1
            self.interval_s = interval_after(self.interval_s, gap_s, longest_s=LONGEST_GAP_S)
            self.notice(mono_s, utc_s)
        levels = self.levels.get(receiver)
        if levels is None:
            levels = self.levels[receiver] = Counter()
        levels[round(rssi_dbm)] += 1

    def notice(self, mono_s: float, utc_s: float) -> None:
        """There was something of it."""
        self.last_s, self.last_utc_s = mono_s, utc_s

    def medians(self) -> Mapping[str, float]:
        """The median level (dBm) of each receiver that heard enough to say."""
        counted = {receiver: levels for receiver, levels in self.levels.items() if levels.total() >= FEWEST_PACKETS}
        return {receiver: _median(levels) for receiver, levels in counted.items()}


def _median(levels: Counter[int]) -> float:
    half, passed = levels.total() / 2, 0
    for level in sorted(levels):
        passed += levels[level]
        if passed >= half:
            return float(level)
    msg = "nothing was counted: there is no median"
    raise ValueError(msg)
