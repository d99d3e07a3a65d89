"""What a receiver hears of a sender in a shop full of shelves and people."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from simulators.box.store import Clutter, Wall
from simulators.box.walker import Stance
from simulators.radio import Air, Place

_CROSSINGS_COUNTED: Final = 2


@dataclass(slots=True)
class _Shadow:
    """The shadowing of one link (dB) as it was last drawn: where its sender was, and when (seconds)."""

    db: float
    at: Place
    t_s: float


class Links:
    """Every pair of sender and receiver: distance, walls, bodies, shadowing that moves with the sender, fading.

    A link's chances follow from `seed` and its two names alone, so that one person more changes nobody else's radio
    but by standing in its way.
    """

    def __init__(self, air: Air, clutter: Clutter, walls: Sequence[Wall], seed: int) -> None:
        self._air = air
        self._clutter = clutter
        self._walls = walls
        self._seed = seed
        self._chances: dict[tuple[str, str], Random] = {}
        self._shadows: dict[tuple[str, str], _Shadow] = {}

    def heard_dbm(
        self, sender: str, stance: Stance, receiver: str, place: Place, others: Iterable[Place], t_s: float
    ) -> int | None:
        """The level of one packet (whole dBm), or None when it is lost or too weak; `others` are who else is there."""
        link = (sender, receiver)
        chance = self._chances.setdefault(link, Random(f"{self._seed}/{sender}/{receiver}"))
        level_dbm = (
            self._air.mean_dbm(stance.at, place)
            + self._shadowing_db(link, stance.at, t_s, chance)
            + chance.gauss(0.0, self._clutter.fading_db)
            - self._wall_db(stance.at, place)
            - self._own_body_db(stance, place)
            - self._crossing_db(stance.at, place, others)
        )
        lost = chance.random() < self._air.lost
        return None if lost or level_dbm < self._air.floor_dbm else round(level_dbm)

    def _shadowing_db(self, link: tuple[str, str], at: Place, t_s: float, chance: Random) -> float:
        """First-order autoregressive in the sender's way and in time."""
        sigma_db, last = self._air.shadowing_db, self._shadows.get(link)
        if last is None:
            db = chance.gauss(0.0, sigma_db)
        else:
            moved = math.dist(at, last.at) / self._clutter.shadowing_m + (t_s - last.t_s) / self._clutter.shadowing_s
            kept = math.exp(-moved)
            db = kept * last.db + chance.gauss(0.0, sigma_db * math.sqrt(1 - kept * kept))
        self._shadows[link] = _Shadow(db, at, t_s)
        return db

    def _wall_db(self, one: Place, other: Place) -> float:
        return sum(wall.loss_db for wall in self._walls if _cross(one, other, *wall.between))

    def _own_body_db(self, stance: Stance, place: Place) -> float:
        """Nothing towards where its carrier faces, all of it behind their back."""
        if stance.facing_rad is None:
            return 0.0
        bearing_rad = math.atan2(place[1] - stance.at[1], place[0] - stance.at[0])
        return self._clutter.body_db * (1 - math.cos(bearing_rad - stance.facing_rad)) / 2

    def _crossing_db(self, one: Place, other: Place, others: Iterable[Place]) -> float:
        crossing = sum(_distance_m(body, one, other) < self._clutter.crossing_m for body in others)
        return self._clutter.crossing_db * min(_CROSSINGS_COUNTED, crossing)


def _cross(a: Place, b: Place, c: Place, d: Place) -> bool:
    """Whether the stretches a-b and c-d cross."""
    return _left_of(a, b, c) != _left_of(a, b, d) and _left_of(c, d, a) != _left_of(c, d, b)


def _left_of(a: Place, b: Place, point: Place) -> bool:
    return (b[0] - a[0]) * (point[1] - a[1]) > (b[1] - a[1]) * (point[0] - a[0])


def _distance_m(point: Place, a: Place, b: Place) -> float:
    """From `point` to the stretch a-b; infinite beyond either end."""
    along_m = math.dist(a, b)
    if along_m == 0.0:
        return math.inf
    share = ((point[0] - a[0]) * (b[0] - a[0]) + (point[1] - a[1]) * (b[1] - a[1])) / along_m**2
    if not 0.0 < share < 1.0:
        return math.inf
    return abs((b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])) / along_m
