"""What was heard while the tables that could tell whose it is were yet to come: after a start, or a clock being set.

A packet kept is judged with its age, as a satellite's that comes late is: so a visit begins with the first of them.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from gateway.core.identity import Identity
from gateway.core.shop import Shop
from gateway.model.sighting import MemberToken, Sighting
from gateway.model.time import Now
from gateway.model.visit import Visitor

MOST: Final = 500
"""Tokens, each as often as there are receivers that heard it: 30 µs each to judge, all in one step.

Further ones are not kept: their next packets tell.
"""
LONGEST_S: Final = 300.0
"""What is older (seconds) says nothing of who is here; for so long nobody is missed for want of a table."""


class EarlyTokens:
    """The first packet of each token by each receiver, in memory alone, until it can be judged."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._first: dict[tuple[bytes, str], tuple[Sighting, float]] = {}

    def keep(self, sighting: Sighting, now: Now) -> None:
        """Keep a packet of nobody, if a table is missing, it is the first of its kind, and there is room."""
        if not isinstance(sighting.token, MemberToken) or not self._identity.awaits_tables(now):
            return
        heard_s = now.mono_s - sighting.age_s
        self._forget(heard_s - LONGEST_S)
        if len(self._first) < MOST:
            self._first.setdefault((sighting.token.value, sighting.receiver), (sighting, heard_s))

    def told(self, shop: Shop, now: Now) -> Iterator[tuple[Visitor, Sighting]]:
        """Whose the packets are that can be told now, in the order in which they were heard; the others stay."""
        self._forget(now.mono_s - LONGEST_S)
        first, self._first = self._first, {}
        for sighting, heard_s in sorted(first.values(), key=lambda each: each[1]):
            aged = replace(sighting, age_s=round(now.mono_s - heard_s, 3))
            visitor = self._identity.resolve(aged, shop, now)
            if visitor is not None:
                yield visitor, aged
            else:
                self.keep(aged, now)

    def _forget(self, before_s: float) -> None:
        """Forget what was heard before this instant (monotonic s), in the order in which it was kept."""
        while self._first and next(iter(self._first.values()))[1] < before_s:
            del self._first[next(iter(self._first))]
