"""Cameras and NFC readers of a shop, and who holds something to them."""

from collections.abc import Iterator
from random import Random
from typing import Final

from gateway.codecs.ndef import UriRecord, encode
from gateway.model.sighting import CodeText, NfcTag
from simulators.box.crowd import Crowd
from simulators.box.happenings import Presented
from simulators.floor import Floor
from simulators.shop import MARKER_URL

SHARE: Final = 0.5
"""The share of those who begin to browse beside a reader and hold something to it."""


class Readers:
    """Watches who begins to browse where a camera or reader stands."""

    def __init__(self, floor: Floor, crowd: Crowd, seed: int) -> None:
        self._floor = floor
        self._crowd = crowd
        self._browsing: dict[str, str | None] = dict.fromkeys(crowd.walkers)
        self._chances = {name: Random(f"{seed}/{name}/readers") for name in crowd.walkers}

    def at(self, t_s: float) -> Iterator[Presented]:
        """What is held to a reader in the tick that ends at `t_s`."""
        for name, walker in self._crowd.walkers.items():
            zone, before = walker.browsing, self._browsing[name]
            self._browsing[name] = zone
            if zone is None or zone == before:
                continue
            chance = self._chances[name]
            markers = [each for each in self._floor.markers if self._floor.stands.get(each, zone) == zone]
            readers = [each for each in self._standing() if self._floor.stands.get(each) == zone]
            if readers and markers and chance.random() < SHARE:
                yield self.presented(t_s, chance.choice(readers), chance.choice(markers))

    def presented(self, t_s: float, reader: str, marker: str) -> Presented:
        """A marker in front of a camera, or on an NFC reader."""
        address = MARKER_URL + marker
        token = NfcTag(encode(UriRecord(address))) if reader in self._floor.readers else CodeText("qr_code", address)
        return Presented(t_s, reader, token)

    def _standing(self) -> tuple[str, ...]:
        return (*self._floor.cameras, *self._floor.readers)
