"""How a belief in places ages: people walk to places near by, and only through zones that meet."""

import math
from array import array
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol

from gateway.core.estimation.lanes import ZERO, packed, unpacked
from gateway.core.estimation.places import Places
from gateway.model.time import GRID_S

Belief = Sequence[float]
"""How probable each place is; they add up to 1."""

WALK_M_S: Final = 1.87
"""A step's standard deviation for each second that passed (metres a second): walking pace, and a turn of the tag."""
STAY: Final = 0.0856
"""The share that does not move within one grid instant."""
LONGEST_STEP: Final = 8
"""Steps of up to this many grid instants are one kernel; longer gaps are several of them, at most `MOST_STEPS`."""
MOST_STEPS: Final = 5
REACH: Final = 3.0
"""A step goes no farther than this many standard deviations."""
NEGLIGIBLE: Final = 1e-3
"""A place less probable than this does not spread: it may only stay."""

CLIMB_S: Final = 20.0
"""How long somebody is in a zone that meets one of another floor before they take stairs or lift (mean, seconds)."""

JUMP_S: Final = 20.0
"""Where places are not drawn: how long somebody stays in a zone (mean, seconds)."""
MIX_S: Final = 10.0
"""And at a place within it."""
NEAR: Final = 0.75
"""And the share of those who go to a zone that meets theirs; the others are anywhere."""

BY_PLACE: Final = 0.5
"""Where places are not drawn: the share of a prior in which they are equally probable; in the rest zones are."""

MASS_SCALE: Final = 2.0**26
SHARE_SCALE: Final = 2.0**25
"""Shares of a belief are weighed in lanes: products of both lie within their bits."""


class Motion(Protocol):
    """How a belief is spread by time."""

    def spread(self, belief: Belief, gap_s: float) -> Belief:
        """The belief after `gap_s` in which nothing was heard."""


class Walk:
    """A random walk over cells; `passable` says between which zones (indices into `places.zones`) one can step.

    `stairs` gives by zone those of other floors that it meets: one may come out anywhere in them.
    """

    def __init__(
        self,
        places: Places,
        passable: Callable[[int, int], bool],
        stairs: Mapping[int, Sequence[int]] = MappingProxyType({}),
    ) -> None:
        self._landings = {
            zone: [place for other in others for place in range(places.slices[other].start, places.slices[other].stop)]
            for zone, others in stairs.items()
        }
        self._points = [point or (0.0, 0.0) for point in places.points]
        zone_of = places.zone_of
        self._open = [
            [passable(zone_of[source], zone) for zone in range(len(places.zones))] for source in range(len(places))
        ]
        self._zone_of = zone_of
        self._kernels: dict[tuple[int, int], int] = {}

    def spread(self, belief: Belief, gap_s: float) -> Belief:
        """As `Motion`."""
        instants = round(gap_s / GRID_S)
        for _ in range(min(MOST_STEPS, instants // LONGEST_STEP)):
            belief = self._step(belief, LONGEST_STEP)
        if instants < MOST_STEPS * LONGEST_STEP and instants % LONGEST_STEP:
            belief = self._step(belief, instants % LONGEST_STEP)
        return belief

    def _step(self, belief: Belief, instants: int) -> Belief:
        kernels, scale = self._kernels, MASS_SCALE * SHARE_SCALE
        total = sum(
            round(mass * MASS_SCALE) * (kernels.get((source, instants)) or self._kernel(source, instants))
            for source, mass in enumerate(belief)
            if mass >= NEGLIGIBLE
        )
        moved = unpacked(total, len(belief))
        return [
            (lane - ZERO) / scale + (mass if mass < NEGLIGIBLE else 0.0)
            for lane, mass in zip(moved, belief, strict=True)
        ]

    def _kernel(self, source: int, instants: int) -> int:
        """Where one may be a step later, and how probably, in lanes."""
        deviation_m = WALK_M_S * instants * GRID_S
        here, far_m = self._points[source], REACH * deviation_m
        weights = {
            target: math.exp(-(distance_m**2) / (2 * deviation_m**2))
            for target, point in enumerate(self._points)
            if (distance_m := math.dist(here, point)) <= far_m and self._open[source][self._zone_of[target]]
        }
        total, stay = sum(weights.values()), STAY**instants
        shares = {target: (1 - stay) * weight / total for target, weight in weights.items()}
        shares[source] += stay
        landings = self._landings.get(self._zone_of[source])
        if landings:
            climbing = -math.expm1(-instants * GRID_S / CLIMB_S)
            shares = {target: share * (1 - climbing) for target, share in shares.items()}
            shares |= dict.fromkeys(landings, climbing / len(landings))
        of_places = (shares.get(place, 0.0) for place in range(len(self._points)))
        kernel = self._kernels[source, instants] = packed(of_places, SHARE_SCALE, lift=0.0)
        return kernel


class Jump:
    """Zones that are not drawn: from time to time somebody is in another; `meets` gives by zone those beside it."""

    def __init__(self, places: Places, meets: Mapping[int, Sequence[int]] = MappingProxyType({})) -> None:
        self._slices = places.slices
        self._sizes = [part.stop - part.start for part in places.slices]
        self._zone_of = places.zone_of
        self._start = prior(places)
        self._steps = [(zone, other, NEAR / len(others)) for zone, others in meets.items() for other in others]

    def spread(self, belief: Belief, gap_s: float) -> Belief:
        """As `Motion`."""
        gone, mixed = -math.expm1(-gap_s / JUMP_S), -math.expm1(-gap_s / MIX_S)
        shares = [sum(belief[part]) for part in self._slices]
        near = [0.0] * len(shares)
        for zone, other, share in self._steps:
            near[other] += share * shares[zone]
        kept, within, far = (1 - gone) * (1 - mixed), (1 - gone) * mixed, gone * (1 - sum(near))
        by_zone = zip(shares, near, self._sizes, strict=True)
        added = [(within * share + gone * arrived) / size for share, arrived, size in by_zone]
        by_place = zip(belief, self._zone_of, self._start, strict=True)
        return array("d", [kept * mass + added[zone] + far * first for mass, zone, first in by_place])


def prior(places: Places) -> "array[float]":
    """Where somebody is of whom nothing was heard: every zone is as probable where zones are drawn.

    Else by `BY_PLACE` every place is: a wide floor has more visitors than a narrow one, but not by as much as it is
    wider. Of drawn zones the widest is often the street, and who comes in from there would be told late.
    """
    by_place = 0.0 if places.drawn else BY_PLACE
    of_place = by_place / len(places)
    shares = array("d")
    for part in places.slices:
        count = part.stop - part.start
        shares.extend([of_place + (1 - by_place) / (len(places.slices) * count)] * count)
    return shares
