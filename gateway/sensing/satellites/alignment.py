"""Satellites tell of one packet at different times: it is held until all of them have had their say."""

from dataclasses import replace
from heapq import heappop, heappush, heappushpop
from typing import Final

from gateway.model.sighting import Sighting

HELD_S: Final = 0.4
"""A packet goes on this long after it was heard (seconds): a batch's 250 ms, and the shop's network."""
MOST_HELD: Final = 2_000
"""Sightings that are held; beyond it the oldest is lost, and counted."""


class Alignment:
    """Gives sightings back in the order in which they were heard, those of one packet together, all as old as they are.

    Attributes:
        lost: Sightings that found too many held.
    """

    def __init__(self) -> None:
        self.lost = 0
        self._held: list[tuple[float, int, Sighting]] = []
        self._number = 0

    def hear(self, sighting: Sighting, heard_s: float) -> None:
        """Hold a sighting of a packet that was heard at `heard_s` (monotonic s)."""
        self._number += 1
        entry = (heard_s, self._number, sighting)
        if len(self._held) < MOST_HELD:
            heappush(self._held, entry)
        else:
            heappushpop(self._held, entry)
            self.lost += 1

    def due_s(self) -> float | None:
        """When the next one is due (monotonic s); None where none is held."""
        return self._held[0][0] + HELD_S if self._held else None

    def next(self, mono_s: float) -> Sighting | None:
        """The next sighting that is due at `mono_s`, with its age then; None where none is."""
        due_s = self.due_s()
        if due_s is None or due_s > mono_s:
            return None
        heard_s, _, sighting = heappop(self._held)
        return replace(sighting, age_s=round(mono_s - heard_s, 3))
