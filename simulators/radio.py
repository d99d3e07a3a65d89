"""Invented radio: people who walk between places, and what receivers hear of them by distance."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

Place = tuple[float, float]
"""Metres east and north, as in the floor plan."""


@dataclass(frozen=True, slots=True)
class Air:
    """Log-distance path loss with log-normal shadowing (Rappaport, Wireless Communications, section 4.9.2).

    Attributes:
        at_1_m_dbm: Level one metre away.
        exponent: How fast it falls; 2 in the open, 3 and more among shelves and people.
        shadowing_db: Standard deviation of a packet's level.
        floor_dbm: A receiver hears nothing weaker.
        lost: The share of packets that collide or fall between two scan windows.
    """

    at_1_m_dbm: float = -59.0
    exponent: float = 3.0
    shadowing_db: float = 3.0
    floor_dbm: float = -92.0
    lost: float = 0.25

    def mean_dbm(self, sender: Place, receiver: Place) -> float:
        """The level by distance alone; nearer than half a metre it rises no further."""
        metres = max(0.5, math.dist(sender, receiver))
        return self.at_1_m_dbm - 10 * self.exponent * math.log10(metres)

    def heard_dbm(self, sender: Place, receiver: Place, chance: Random) -> int | None:
        """The level of one packet (whole dBm, as radios report it), or None when it is not heard."""
        level_dbm = round(chance.gauss(self.mean_dbm(sender, receiver), self.shadowing_db))
        if chance.random() < self.lost or level_dbm < self.floor_dbm:
            return None
        return level_dbm


@dataclass(frozen=True, slots=True)
class Stop:
    """A place on a route, and how long its walker stays there (seconds)."""

    at: Place
    stay_s: float


@dataclass(frozen=True, slots=True)
class Route:
    """Stops that are walked in order, again and again, straight from one to the next."""

    stops: Sequence[Stop]
    speed_m_s: float = 1.2

    def place(self, t_s: float) -> Place:
        """Where the walker is `t_s` seconds after reaching the first stop."""
        left_s = t_s % self.round_s
        for here, there in self._legs():
            if left_s <= here.stay_s:
                return here.at
            left_s -= here.stay_s
            walk_s = math.dist(here.at, there.at) / self.speed_m_s
            if left_s < walk_s:
                share = left_s / walk_s
                return (
                    here.at[0] + share * (there.at[0] - here.at[0]),
                    here.at[1] + share * (there.at[1] - here.at[1]),
                )
            left_s -= walk_s
        return self.stops[0].at

    @property
    def round_s(self) -> float:
        """How long one round takes (seconds)."""
        return sum(here.stay_s + math.dist(here.at, there.at) / self.speed_m_s for here, there in self._legs())

    def _legs(self) -> Iterator[tuple[Stop, Stop]]:
        for position, stop in enumerate(self.stops):
            yield stop, self.stops[(position + 1) % len(self.stops)]
