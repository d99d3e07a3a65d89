"""Handovers: a phone that is handed on carries another visitor from then on."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from math import dist
from typing import Final

from gateway.core.polygon import Point, middle
from gateway.core.presence import Transition
from gateway.core.shop import Shop

PHONES_KEPT: Final = 10_000
"""Transmitters remembered; with more, the one heard longest ago is forgotten: its handover looks like a silence."""
KEPT_S: Final = 600.0
"""A phone that was not heard for so long (seconds) is forgotten, by the next salt at the latest: a quarter of an hour
after it was heard it has another address (Core, Vol 3, Part C, appendix A)."""
FASTEST_M_S: Final = 5.0
"""Nobody runs through a shop faster than this."""
RADIO_ERRS_M: Final = 15.0
"""A zone told by radio may be this far off."""


@dataclass(slots=True)
class _Carried:
    """Whose token a transmitter sends, since when, and until when it did so last (monotonic s)."""

    subject: str
    since_s: float
    heard_s: float


class Handovers:
    """Which member's token each transmitter sends: addresses live here, in memory alone, while they are in use."""

    def __init__(self) -> None:
        self._carried: OrderedDict[str, _Carried] = OrderedDict()
        self._latest: dict[str, str] = {}

    def hear(self, address: str, subject: str, at_s: float) -> str | None:
        """Note whose token `address` sends at `at_s` (monotonic s); whose it sent until now, if it was handed on.

        A member who was since heard of by another address has another phone: nothing was handed on.
        """
        self.forget(at_s)
        before = self._carried.get(address)
        if before is not None and before.subject == subject:
            before.heard_s = max(before.heard_s, at_s)
            self._carried.move_to_end(address)
            self._latest[subject] = address
            return None
        if before is not None and at_s < before.since_s:
            return None
        self._carried[address] = _Carried(subject, at_s, at_s)
        self._carried.move_to_end(address)
        handed_on = before.subject if before is not None and self._latest.get(before.subject) == address else None
        if handed_on is not None:
            del self._latest[handed_on]
        self._latest[subject] = address
        self._bound()
        return handed_on

    def late(self, address: str, subject: str, at_s: float) -> bool:
        """Whether this is a token of before the handover, told after it."""
        carried = self._carried.get(address)
        return carried is not None and carried.subject != subject and at_s < carried.since_s

    def forget(self, mono_s: float) -> None:
        """Forget who was not heard for `KEPT_S` at `mono_s` (monotonic s), in the order in which they were heard."""
        while self._carried and next(iter(self._carried.values())).heard_s < mono_s - KEPT_S:
            self._drop(next(iter(self._carried)))

    def forget_subject(self, subject: str) -> None:
        """Nobody is to know what this subject carried."""
        for address in [each for each, carried in self._carried.items() if carried.subject == subject]:
            self._drop(address)

    def _bound(self) -> None:
        while len(self._carried) > PHONES_KEPT:
            self._drop(next(iter(self._carried)))

    def _drop(self, address: str) -> None:
        carried = self._carried.pop(address)
        if self._latest.get(carried.subject) == address:
            del self._latest[carried.subject]


def impossible(transitions: Sequence[Transition], shop: Shop) -> bool:
    """Whether a visitor was told in two zones, one after the other, that nobody can walk between in that time."""
    if len(transitions) < 2 or transitions[0].kind != "left" or transitions[1].kind != "entered":
        return False
    left, entered = transitions[:2]
    before = left.presence.placed or left.presence.since
    apart_m = _apart_m(shop, left.zone, entered.zone)
    return apart_m > RADIO_ERRS_M + FASTEST_M_S * max(0.0, entered.at.mono_s - before.mono_s)


def _apart_m(shop: Shop, one: str, other: str) -> float:
    """At least how far two zones are apart (metres); 0 where the plan does not draw both on one floor."""
    zones = [shop.plan.zones[zone] for zone in (one, other)]
    if not all(zone.polygon for zone in zones) or zones[0].floor != zones[1].floor:
        return 0.0
    middles = [middle(zone.polygon) for zone in zones]
    return dist(*middles) - sum(_radius_m(zone.polygon, at) for zone, at in zip(zones, middles, strict=True))


def _radius_m(corners: Sequence[Point], at: Point) -> float:
    return max(dist(corner, at) for corner in corners)
