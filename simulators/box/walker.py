"""One person's day, a tenth of a second at a time."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Final

from simulators.box.queue import Queue
from simulators.box.store import Person, Store
from simulators.radio import Place

TICK_S: Final = 0.1
"""How far apart two steps of a walk are (seconds)."""

_SWAY_M: Final = 0.35
_SWAY_PACE_M_S: Final = 0.4
_LOOK_S: Final = (1.0, 4.0)


@dataclass(frozen=True, slots=True)
class Stance:
    """Where somebody or something is, and which way it faces (radians against the clock, 0 = east; None = no way)."""

    at: Place
    facing_rad: float | None = None


class Walker:
    """A person on the way from goal to goal; `step` moves them on by one tick.

    Attributes:
        person: Who it is.
        stance: Where they are now; None while they are away.
        browsing: The zone whose goods they look at now; None on the way.
    """

    def __init__(self, person: Person, store: Store, queue: Queue, chance: Random) -> None:
        self.person = person
        self.stance = _first_stance(person, store, chance)
        self.browsing: str | None = None
        self._store = store
        self._queue = queue
        self._chance = chance
        self._called = False
        self._life = self._lived()

    def step(self) -> None:
        """Live on by one tick."""
        next(self._life)

    def call(self) -> bool:
        """Have them come from the street at the next tick; False when they are not away."""
        if self.stance is not None:
            return False
        self._called = True
        return True

    def _lived(self) -> Iterator[None]:
        person = self.person
        if self.stance is None:
            yield from self._gone((person.arrives_s, person.arrives_s))
        while True:
            for goal in person.goals:
                yield from self._pursue(goal)
            if not person.stays:
                yield from self._walk(self._chance.choice(self._store.street))
                yield from self._gone(person.away_s)

    def _gone(self, between_s: tuple[float, float]) -> Iterator[None]:
        """Away for so long, or until called; then at an end of the street."""
        self.stance = None
        ticks = range(round(self._chance.uniform(*between_s) / TICK_S))
        for _ in count() if self.person.on_call else ticks:
            if self._called:
                break
            yield
        self._called = False
        self.stance = Stance(self._store.paths.places[self._chance.choice(self._store.street)])

    def _pursue(self, zone: str) -> Iterator[None]:
        if zone == self._store.till.zone and not self.person.stays:
            yield from self._pay()
            return
        spot = self._chance.choice(self._store.spots(zone))
        yield from self._walk(spot)
        self.browsing = zone
        yield from self._look_round(self._store.paths.places[spot], self._chance.uniform(*self.person.dwell_s))
        self.browsing = None

    def _walk(self, goal: str) -> Iterator[None]:
        for place in self._store.paths.route(self._here.at, goal):
            yield from self._go(place, self.person.pace_m_s)

    def _look_round(self, spot: Place, seconds: float) -> Iterator[None]:
        """Stay at a spot: a step this way, a look that way."""
        ticks = round(seconds / TICK_S)
        while ticks > 0:
            near = (
                spot[0] + self._chance.uniform(-_SWAY_M, _SWAY_M),
                spot[1] + self._chance.uniform(-_SWAY_M, _SWAY_M),
            )
            for _ in self._go(near, _SWAY_PACE_M_S):
                ticks -= 1
                yield
            self.stance = Stance(near, self._chance.uniform(-math.pi, math.pi))
            for _ in range(round(self._chance.uniform(*_LOOK_S) / TICK_S)):
                ticks -= 1
                yield

    def _pay(self) -> Iterator[None]:
        """Stand in line, move up, be served."""
        till, name = self._store.till, self.person.name
        yield from self._walk(till.line_from)
        self._queue.join(name)
        served_s = self._chance.uniform(*till.service_s)
        while served_s > 0:
            place = self._queue.place(name)
            if self._here.at != place:
                self._approach(place, self.person.pace_m_s)
            elif self._queue.first(name):
                served_s -= TICK_S
            yield
        self._queue.leave(name)

    def _go(self, place: Place, pace_m_s: float) -> Iterator[None]:
        while self._here.at != place:
            self._approach(place, pace_m_s)
            yield

    def _approach(self, place: Place, pace_m_s: float) -> None:
        """One tick's step towards a place, facing it."""
        (east_m, north_m), stride_m = self._here.at, pace_m_s * TICK_S
        away_m = math.dist(self._here.at, place)
        facing_rad = math.atan2(place[1] - north_m, place[0] - east_m)
        if away_m <= stride_m:
            self.stance = Stance(place, facing_rad)
        else:
            step_m = (stride_m * math.cos(facing_rad), stride_m * math.sin(facing_rad))
            self.stance = Stance((east_m + step_m[0], north_m + step_m[1]), facing_rad)

    @property
    def _here(self) -> Stance:
        if self.stance is None:
            msg = f"{self.person.name} is away and can go nowhere"
            raise RuntimeError(msg)
        return self.stance


def _first_stance(person: Person, store: Store, chance: Random) -> Stance | None:
    """Where somebody is when the day begins; None = not come yet."""
    if person.begins_in is None:
        return None
    return Stance(store.paths.places[chance.choice(store.spots(person.begins_in))])
