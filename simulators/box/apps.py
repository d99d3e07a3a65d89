"""The app on members' phones: hears the shop's beacons and tells."""

from collections.abc import Iterator
from random import Random
from typing import Final

from gateway.codecs.adverts import ibeacon
from gateway.model.sighting import AppReport, HeardBeacon
from simulators.box.crowd import Crowd
from simulators.box.happenings import Reported
from simulators.box.links import Links
from simulators.box.walker import Stance
from simulators.floor import Floor

EVERY_S: Final = 1.0
"""How often an app tells what it hears (seconds)."""


class Apps:
    """Every member's app with its next report; one that hears no beacon tells nothing."""

    def __init__(self, floor: Floor, crowd: Crowd, links: Links, seed: int) -> None:
        self._beacons = floor.beacons
        self._crowd = crowd
        self._links = links
        self._due_s = {name: Random(f"{seed}/{name}/app").uniform(0.0, EVERY_S) for name in crowd.members}

    def until(self, end_s: float) -> Iterator[Reported]:
        """The reports that are due before `end_s` and were not given yet."""
        for name, t_s in self._due_s.items():
            if t_s >= end_s:
                continue
            self._due_s[name] = t_s + EVERY_S
            stance = self._crowd.walkers[name].stance
            seen = () if stance is None else tuple(self._heard(name, stance, t_s))
            if seen:
                yield Reported(round(t_s, 3), name, AppReport(self._crowd.members[name].handle, seen))

    def _heard(self, name: str, stance: Stance, t_s: float) -> Iterator[HeardBeacon]:
        """The way is the same in both directions: the phone's body and place weaken what it hears as what it sends."""
        others = self._crowd.bystanders(name)
        for each in self._beacons:
            rssi_dbm = self._links.heard_dbm(name, stance, each.id, each.at, others, t_s)
            if rssi_dbm is not None:
                yield HeardBeacon(ibeacon.token(each.frame), rssi_dbm)
