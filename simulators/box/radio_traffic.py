"""All that is on the air in a shop, as its receivers hear it."""

import heapq
from collections.abc import Iterator
from random import Random

from simulators.box.crowd import Crowd
from simulators.box.happenings import Packet
from simulators.box.links import Links
from simulators.box.senders import Sender, android, beacon, stranger, tag
from simulators.box.store import Store
from simulators.box.walker import Stance


class RadioTraffic:
    """Every sender with its next packet; who is away is not heard, but keeps its rhythm."""

    def __init__(self, store: Store, crowd: Crowd, links: Links, began_utc_s: float, seed: int) -> None:
        self._crowd = crowd
        self._links = links
        self._began_utc_s = began_utc_s
        self._receivers = store.floor.receivers
        self._silent_until_s: dict[str, float] = {}
        self._fixed = {each.id: Stance(each.at) for each in store.floor.beacons}
        self._due: list[tuple[float, int, Sender, Random]] = []
        for order, sender in enumerate(_senders(store, crowd, seed)):
            chance = Random(f"{seed}/{sender.name}/air")
            self._due.append((chance.uniform(0.0, sender.interval_s), order, sender, chance))
        heapq.heapify(self._due)

    def silence(self, beacon: str, until_s: float) -> None:
        """Let a beacon send nothing until this time (seconds)."""
        self._silent_until_s[beacon] = until_s

    def until(self, end_s: float) -> Iterator[Packet]:
        """What is heard of the packets that are sent before `end_s` and were not given yet, in order."""
        while self._due[0][0] < end_s:
            t_s, order, sender, chance = self._due[0]
            stance = self._stance(sender.name)
            if stance is not None and t_s >= self._silent_until_s.get(sender.name, 0.0):
                yield from self._heard(round(t_s, 3), sender, stance)
            heapq.heapreplace(self._due, (t_s + sender.pause_s(chance), order, sender, chance))

    def _stance(self, name: str) -> Stance | None:
        return self._fixed[name] if name in self._fixed else self._crowd.walkers[name].stance

    def _heard(self, t_s: float, sender: Sender, stance: Stance) -> Iterator[Packet]:
        address, payload = sender.advertisement(self._began_utc_s + t_s)
        others = self._crowd.bystanders(sender.name)
        for receiver, place in self._receivers.items():
            rssi_dbm = self._links.heard_dbm(sender.name, stance, receiver, place, others, t_s)
            if rssi_dbm is not None:
                yield Packet(t_s, receiver, address, rssi_dbm, payload)


def _senders(store: Store, crowd: Crowd, seed: int) -> Iterator[Sender]:
    cells = {cell.beacon: cell.battery_mv for cell in store.cells}
    yield from (beacon(each.id, each.frame, cells.get(each.id)) for each in store.floor.beacons)
    for person in store.people:
        if person.carries == "android":
            yield android(person.name, crowd.members[person.name], store.floor.store)
        elif person.carries == "stranger":
            yield stranger(person.name, seed)
        elif person.tag is not None:
            yield tag(person.name, store.floor.tags[person.tag])
