"""How other projects tell the zone of a transmitter, rewritten from the constants that they publish.

Each is its rule alone, fed with packets in order: no network, no loss and no delay of theirs. Where zones have no
receivers (a survey's beacons), an anchor stands for the zone in which the survey heard it loudest.
"""

import math
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from statistics import fmean
from types import MappingProxyType
from typing import Final, Protocol

from gateway.core.polygon import contains
from gateway.model.documents import FloorPlan
from gateway.model.survey import Survey

Packet = tuple[str, float]
"""An anchor and a signal (dBm)."""


class Ear(Protocol):
    """One transmitter followed by one rule."""

    def __init__(self, plan: FloorPlan, survey: Survey | None) -> None: ...

    def hear(self, t_s: float, packets: Sequence[Packet]) -> str | None:
        """The zone told after these packets; None while there is none."""


def zones_of_anchors(plan: FloorPlan, survey: Survey | None) -> Mapping[str, str]:
    """The zone that each anchor stands for."""
    zones = {receiver.id: receiver.zone for receiver in plan.receivers.values() if receiver.zone}
    zones |= {f"b.{beacon.id}": beacon.zone for beacon in plan.beacons.values() if beacon.zone}
    loudest: dict[str, float] = {}
    for point in survey.points if survey else ():
        for anchor, heard in point.heard.items():
            learned = anchor not in zones or anchor in loudest
            if learned and heard.mean_dbm > loudest.get(anchor, -math.inf):
                loudest[anchor], zones[anchor] = heard.mean_dbm, point.zone
    return zones


class Habluetooth:
    """Home Assistant's: averages with weight 0.3; another receiver must be louder by 16 dB (6 more to go back)."""

    def __init__(self, plan: FloorPlan, survey: Survey | None) -> None:
        self._zones = zones_of_anchors(plan, survey)
        self._levels: dict[str, float] = {}
        self._heard: dict[str, float] = {}
        self._owner: str | None = None
        self._demoted: str | None = None

    def hear(self, t_s: float, packets: Sequence[Packet]) -> str | None:
        for anchor, dbm in packets:
            if anchor not in self._zones:
                continue
            self._levels[anchor] = self._levels.get(anchor, dbm) + 0.3 * (dbm - self._levels.get(anchor, dbm))
            self._heard[anchor] = t_s
            self._arbitrate(anchor, t_s)
        return self._zones[self._owner] if self._owner else None

    def _arbitrate(self, challenger: str, t_s: float) -> None:
        owner = self._owner
        if owner is None or t_s - self._heard[owner] > 195.0:
            self._owner = challenger
        elif challenger != owner:
            margin_db = 22.0 if challenger == self._demoted else 16.0
            if self._levels[challenger] > self._levels[owner] + margin_db:
                self._owner, self._demoted = challenger, owner


class Bermuda:
    """Bermuda's: distances of 20 samples hugging the nearest; another area by history, or by 30 % nearer."""

    def __init__(self, plan: FloorPlan, survey: Survey | None) -> None:
        self._zones = zones_of_anchors(plan, survey)
        self._raw: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=20))
        self._distances: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=5))
        self._heard: dict[str, float] = {}
        self._cycle_s = -math.inf
        self._owner: str | None = None

    def hear(self, t_s: float, packets: Sequence[Packet]) -> str | None:
        for anchor, dbm in packets:
            if anchor in self._zones:
                self._take(anchor, 10 ** ((-55.0 - dbm) / 30.0), t_s)
        if t_s - self._cycle_s >= 1.05:
            self._cycle_s = t_s
            self._judge(t_s)
        return self._zones[self._owner] if self._owner else None

    def _take(self, anchor: str, distance_m: float, t_s: float) -> None:
        raw, gap_s = self._raw[anchor], t_s - self._heard.get(anchor, t_s)
        away_m_s = (distance_m - raw[-1]) / gap_s if raw and gap_s > 0 else 0.0
        self._heard[anchor] = t_s
        raw.append(raw[-1] if raw and away_m_s > 3.0 else distance_m)

    def _judge(self, t_s: float) -> None:
        fresh = [anchor for anchor, heard_s in self._heard.items() if t_s - heard_s <= 10.0]
        for anchor in fresh:
            nearest, hugged = math.inf, []
            for distance_m in reversed(self._raw[anchor]):
                nearest = min(nearest, distance_m)
                hugged.append(nearest)
            self._distances[anchor].append(min(fmean(hugged), self._raw[anchor][-1]))
        for anchor in sorted(fresh):
            if self._distances[anchor][-1] <= 20.0 and self._wins(anchor, fresh):
                self._owner = anchor

    def _wins(self, anchor: str, fresh: Sequence[str]) -> bool:
        if self._owner is None or self._owner not in fresh:
            return True
        mine, theirs = self._distances[anchor], self._distances[self._owner]
        nearer = 1.0 - mine[-1] / theirs[-1]
        steady = len(mine) > 3 and max(mine) < min(theirs) and nearer > 0.15
        return nearer > 0.0 and (steady or nearer > 0.30)


class RoomAssistant:
    """room-assistant's: a Kalman filter an instance (process 0.008, measurement 4); the nearest within 60 s."""

    def __init__(self, plan: FloorPlan, survey: Survey | None) -> None:
        self._zones = zones_of_anchors(plan, survey)
        self._levels: dict[str, tuple[float, float]] = {}
        self._heard: dict[str, float] = {}

    def hear(self, t_s: float, packets: Sequence[Packet]) -> str | None:
        for anchor, dbm in packets:
            if anchor in self._zones:
                level, variance = self._levels.get(anchor, (dbm, 4.0))
                variance += 0.008
                gain = variance / (variance + 4.0)
                self._levels[anchor] = level + gain * (dbm - level), (1 - gain) * variance
                self._heard[anchor] = t_s
        fresh = [anchor for anchor, heard_s in self._heard.items() if t_s - heard_s <= 60.0]
        return self._zones[max(fresh, key=lambda anchor: (self._levels[anchor][0], anchor))] if fresh else None


class ParetoAnywhere:
    """reelyActive's: the strongest receiver of the last 2 s on its raw level, told a second late."""

    def __init__(self, plan: FloorPlan, survey: Survey | None) -> None:
        self._zones = zones_of_anchors(plan, survey)
        self._recent: deque[tuple[float, str, float]] = deque()
        self._told: deque[tuple[float, str]] = deque()
        self._zone: str | None = None

    def hear(self, t_s: float, packets: Sequence[Packet]) -> str | None:
        self._recent.extend((t_s, anchor, dbm) for anchor, dbm in packets if anchor in self._zones)
        while self._recent and t_s - self._recent[0][0] > 2.0:
            self._recent.popleft()
        if self._recent:
            self._told.append((t_s + 1.0, self._zones[max(self._recent, key=lambda one: (one[2], one[1]))[1]]))
        while self._told and self._told[0][0] <= t_s:
            self._zone = self._told.popleft()[1]
        return self._zone


class EspresenseCompanion:
    """ESPresense-companion's: a point by weighted least squares, smoothed (0.7, at most 0.5 m a tick), and its room.

    Without positions it falls back to its nearest node.
    """

    def __init__(self, plan: FloorPlan, survey: Survey | None) -> None:
        self._plan = plan
        self._zones = zones_of_anchors(plan, survey)
        self._at = {receiver.id: receiver.at for receiver in plan.receivers.values() if receiver.at}
        self._distances: defaultdict[str, deque[tuple[float, float]]] = defaultdict(deque)
        self._point: tuple[float, float] | None = None
        self._zone: str | None = None

    def hear(self, t_s: float, packets: Sequence[Packet]) -> str | None:
        for anchor, dbm in packets:
            if anchor in self._zones:
                self._distances[anchor].append((t_s, 10 ** ((-59.0 - dbm) / 27.0)))
        near = self._near(t_s)
        placed = {anchor: distance_m for anchor, distance_m in near.items() if anchor in self._at}
        if len(placed) >= 3:
            self._move(self._solved(placed))
            inside = (
                zone.id for zone in self._plan.zones.values() if zone.polygon and contains(zone.polygon, self._here)
            )
            self._zone = next(inside, self._zone)
        elif near:
            self._zone = self._zones[min(near, key=lambda anchor: (near[anchor], anchor))]
        return self._zone

    @property
    def _here(self) -> tuple[float, float]:
        return self._point or (0.0, 0.0)

    def _near(self, t_s: float) -> dict[str, float]:
        """The median of each node's last 5 s (metres)."""
        near = {}
        for anchor, readings in self._distances.items():
            while readings and t_s - readings[0][0] > 5.0:
                readings.popleft()
            if readings:
                near[anchor] = sorted(distance_m for _, distance_m in readings)[len(readings) // 2]
        return near

    def _solved(self, near: Mapping[str, float]) -> tuple[float, float]:
        """Gauss-Newton with weights 1/d², from the weighted middle of the nodes."""
        nodes = [(self._at[anchor], distance_m, 1 / max(0.1, distance_m) ** 2) for anchor, distance_m in near.items()]
        total = sum(weight for _, _, weight in nodes)
        x, y = (sum(at[axis] * weight for at, _, weight in nodes) / total for axis in (0, 1))
        for _ in range(10):
            a = b = c = gx = gy = 0.0
            for (nx, ny), distance_m, weight in nodes:
                here_m = max(0.1, math.hypot(x - nx, y - ny))
                ux, uy, error = (x - nx) / here_m, (y - ny) / here_m, here_m - distance_m
                a, b, c = a + weight * ux * ux, b + weight * ux * uy, c + weight * uy * uy
                gx, gy = gx + weight * ux * error, gy + weight * uy * error
            a, c = a + 0.05 * total, c + 0.05 * total
            determinant = a * c - b * b
            x, y = x - (c * gx - b * gy) / determinant, y - (a * gy - b * gx) / determinant
        return x, y

    def _move(self, to: tuple[float, float]) -> None:
        if self._point is None:
            self._point = to
            return
        dx, dy = 0.3 * (to[0] - self._point[0]), 0.3 * (to[1] - self._point[1])
        slower = min(1.0, 0.5 / max(1e-9, math.hypot(dx, dy)))
        self._point = self._point[0] + dx * slower, self._point[1] + dy * slower


RULES: Final[Mapping[str, type[Ear]]] = MappingProxyType(
    {
        "habluetooth": Habluetooth,
        "Bermuda": Bermuda,
        "ESPresense-companion": EspresenseCompanion,
        "room-assistant": RoomAssistant,
        "Pareto Anywhere": ParetoAnywhere,
    }
)
