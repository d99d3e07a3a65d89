"""Where one can walk in a shop: waypoints, joined."""

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulators.radio import Place


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A place to walk by or to stay at, and the waypoints that one can walk to from there (and back)."""

    id: str
    at: Place
    to: tuple[str, ...] = ()


class Paths:
    """The waypoints of a shop as a graph; walking is straight between two that are joined."""

    def __init__(self, waypoints: Sequence[Waypoint]) -> None:
        self.places: Mapping[str, Place] = {waypoint.id: waypoint.at for waypoint in waypoints}
        self._joined: dict[str, set[str]] = {waypoint.id: set() for waypoint in waypoints}
        for waypoint in waypoints:
            for other in waypoint.to:
                self._joined[waypoint.id].add(other)
                self._joined[other].add(waypoint.id)

    def route(self, start: Place, goal: str) -> list[Place]:
        """The shortest way from the waypoint nearest to `start` to the waypoint `goal`, both included.

        Raises:
            ValueError: nothing joins the two.
        """
        begin = min(self.places, key=lambda name: math.dist(start, self.places[name]))
        came_from: dict[str, str | None] = {}
        due: list[tuple[float, str, str | None]] = [(0.0, begin, None)]
        while due:
            metres, here, before = heapq.heappop(due)
            if here in came_from:
                continue
            came_from[here] = before
            if here == goal:
                return self._walked(here, came_from)
            for there in self._joined[here]:
                heapq.heappush(due, (metres + math.dist(self.places[here], self.places[there]), there, here))
        msg = f"no way leads from waypoint {begin!r} to {goal!r}: join them with `to`"
        raise ValueError(msg)

    def _walked(self, goal: str, came_from: Mapping[str, str | None]) -> list[Place]:
        names: list[str] = []
        here: str | None = goal
        while here is not None:
            names.append(here)
            here = came_from[here]
        return [self.places[name] for name in reversed(names)]
