"""Where everybody truly is: members and tags, each second and at each change of zone."""

from collections.abc import Iterator
from typing import Final

from simulators.box.crowd import Crowd
from simulators.box.happenings import Whereabouts
from simulators.floor import Floor

EVERY_S: Final = 1.0
"""Between two lines of somebody who stays in a zone (seconds)."""


class Truth:
    """Tells of whoever the gateway can tell of, from when they first come: strangers are nobody's business."""

    def __init__(self, floor: Floor, crowd: Crowd) -> None:
        self._floor = floor
        self._subjects = {
            name: crowd.members[name].handle if name in crowd.members else walker.person.tag
            for name, walker in crowd.walkers.items()
        }
        self._crowd = crowd
        self._told: dict[str, Whereabouts] = {}

    def at(self, t_s: float) -> Iterator[Whereabouts]:
        """What is to be told in the tick that ends at `t_s`."""
        for name, subject in self._subjects.items():
            if subject is None:
                continue
            stance = self._crowd.walkers[name].stance
            at = None if stance is None else stance.at
            now = Whereabouts(t_s, subject, None if at is None else self._floor.zone_at(at), at)
            last = self._told.get(subject)
            if last is None and at is None:
                continue
            if last is None or last.zone != now.zone or (at is not None and t_s - last.t_s >= EVERY_S):
                self._told[subject] = now
                yield now
