"""The shop's front: on which side of it a visitor is, judged by where it is heading.

A packet a half second and what a belief needs to turn make every crossing late; whoever goes on as before is ahead of
what was heard. So a moment of its course is added, but only for this decision: indoors people turn at every shelf.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from typing import Final

from gateway.core.estimation.motion import Belief
from gateway.core.estimation.places import Places, on_map
from gateway.core.polygon import Point

AHEAD_S: Final = 3.0
"""How far ahead of the evidence a visitor is taken to be on its course (seconds)."""
STEADY_S: Final = 5.0
"""A course is what was kept up for about this long (seconds)."""
KEEPS_ON: Final = 0.75
"""How probable it is that a visitor goes on as before; else it is still where it was heard."""
FASTEST_M_S: Final = 4.0
BLUR_M: Final = 0.8
"""How sure a course is of its end (standard deviation, metres)."""
UNLIKELY: Final = 1e-4
"""A place less probable than this counts for the side that it is on."""
MAX_ENDS: Final = 20_000
"""Ends of courses remembered, one a place and whole metres; with more, all are forgotten and found anew."""


@dataclass(frozen=True, slots=True)
class Course:
    """The middle of a belief (metres) and how it moves (metres a second)."""

    middle: Point
    speed: Point = (0.0, 0.0)


class Front:
    """Which places are outdoors, and which of them a course ends at."""

    def __init__(self, places: Places, outdoors: Sequence[bool]) -> None:
        self._points = [point or (0.0, 0.0) for point in places.points]
        self._xs, self._ys = ([on_map(point)[axis] for point in self._points] for axis in (0, 1))
        self._outdoors = [1.0 if outside else 0.0 for outside in outdoors]
        self._ends: dict[tuple[int, int, int], float] = {}

    def course(self, before: Course | None, belief: Belief, gap_s: float) -> Course:
        """The course that a belief is on, `gap_s` after that of `before`."""
        middle = (sum(map(mul, self._xs, belief)), sum(map(mul, self._ys, belief)))
        if before is None or gap_s <= 0.0:
            return Course(middle, before.speed if before is not None else (0.0, 0.0))
        weight = min(1.0, gap_s / STEADY_S)
        dx, dy = (
            old + weight * ((now - then) / gap_s - old)
            for old, now, then in zip(before.speed, middle, before.middle, strict=True)
        )
        slower = min(1.0, FASTEST_M_S / max(math.hypot(dx, dy), 1e-9))
        return Course(middle, (dx * slower, dy * slower))

    def outdoor_share(self, belief: Belief, course: Course) -> float:
        """How probable it is that the visitor, on its course or where it was heard, is before the shop, 0 to 1."""
        here = math.fsum(map(mul, self._outdoors, belief))
        dx, dy = (round(speed * AHEAD_S) for speed in course.speed)
        if dx == dy == 0:
            return here
        ahead = sum(
            mass * (self._outdoors[place] if mass < UNLIKELY else self._end(place, dx, dy))
            for place, mass in enumerate(belief)
        )
        return KEEPS_ON * ahead + (1.0 - KEEPS_ON) * here

    def _end(self, place: int, dx: int, dy: int) -> float:
        """The outdoor share of where a course of `dx`, `dy` (metres) from this place ends; never off the map."""
        key = (place, dx, dy)
        known = self._ends.get(key)
        if known is None:
            if len(self._ends) >= MAX_ENDS:
                self._ends.clear()
            known = self._ends[key] = self._found(place, dx, dy)
        return known

    def _found(self, place: int, dx: int, dy: int) -> float:
        x, y = self._points[place]
        squares = [(x + dx - to_x) ** 2 + (y + dy - to_y) ** 2 for to_x, to_y in self._points]
        nearest = min(squares)
        weights = [math.exp((nearest - square) / (2 * BLUR_M**2)) for square in squares]
        return math.fsum(map(mul, weights, self._outdoors)) / math.fsum(weights)
