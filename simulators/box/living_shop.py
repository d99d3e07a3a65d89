"""A shop that lives: people walk, phones and beacons send, receivers hear; in virtual time, by one seed."""

from collections.abc import Iterator
from itertools import count

from simulators.box.apps import Apps
from simulators.box.crowd import Crowd
from simulators.box.happenings import Happening
from simulators.box.links import Links
from simulators.box.radio_traffic import RadioTraffic
from simulators.box.readers import Readers
from simulators.box.store import Store
from simulators.box.truth import Truth
from simulators.box.walker import TICK_S


class LivingShop:
    """A store, the people in it and all they cause from `began_utc_s` (seconds since 1970) on.

    Attributes:
        store: The store.
        crowd: Its people.
        readers: Its cameras and NFC readers.
    """

    def __init__(self, store: Store, began_utc_s: float, seed: int = 1) -> None:
        self.store = store
        self.crowd = Crowd(store, seed)
        self.readers = Readers(store.floor, self.crowd, seed)
        links = Links(store.air, store.clutter, store.walls, seed)
        self._traffic = RadioTraffic(store, self.crowd, links, began_utc_s, seed)
        self._apps = Apps(store.floor, self.crowd, links, seed)
        self._truth = Truth(store.floor, self.crowd)

    def silence(self, beacon: str, until_s: float) -> None:
        """Let a fixed beacon send nothing until this time (seconds)."""
        self._traffic.silence(beacon, until_s)

    def live(self) -> Iterator[tuple[Happening, ...]]:
        """What happens in each tick of a tenth of a second, in the order of time, without end."""
        for tick in count(1):
            end_s = round(tick * TICK_S, 3)
            self.crowd.step()
            happened: list[Happening] = [
                *self._traffic.until(end_s),
                *self._apps.until(end_s),
                *self.readers.at(end_s),
                *self._truth.at(end_s),
            ]
            yield tuple(sorted(happened, key=lambda each: each.t_s))
