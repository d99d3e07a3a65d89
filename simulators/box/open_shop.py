"""A living shop in real time: what happens goes, when it happens, to whatever takes it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from simulators.box.happenings import Happening, Packet, Presented, Reported, Whereabouts
from simulators.box.living_shop import LivingShop
from simulators.box.walker import TICK_S


@dataclass(frozen=True, slots=True)
class Outlets:
    """Where each kind of happening goes; none of them waits. `whereabouts` takes the truth, which nothing senses."""

    packet: Callable[[Packet], object]
    reported: Callable[[Reported], object]
    presented: Callable[[Presented], object]
    whereabouts: Callable[[Whereabouts], object]


@dataclass(slots=True)
class OpenShop:
    """Lives a shop at the pace of the event loop's clock; after a pause it catches up, and loses nothing.

    Attributes:
        truth: Where everybody was last, by subject.
        t_s: How far it has lived (seconds since it opened).
    """

    shop: LivingShop
    outlets: Outlets
    truth: dict[str, Whereabouts] = field(default_factory=dict)
    t_s: float = 0.0

    async def run(self) -> None:
        """Live on until cancelled."""
        loop = asyncio.get_running_loop()
        opened_s = loop.time()
        for happened in self.shop.live():
            for each in happened:
                await _until(opened_s + each.t_s, loop)
                self._hand_over(each)
            self.t_s = round(self.t_s + TICK_S, 3)
            await _until(opened_s + self.t_s, loop)

    def _hand_over(self, happening: Happening) -> None:
        match happening:
            case Packet():
                self.outlets.packet(happening)
            case Reported():
                self.outlets.reported(happening)
            case Presented():
                self.outlets.presented(happening)
            case Whereabouts():
                self.truth[happening.subject] = happening
                self.outlets.whereabouts(happening)


async def _until(at_s: float, loop: asyncio.AbstractEventLoop) -> None:
    """Return at this loop time; a moment that is past, or less than a millisecond away, has come."""
    if (left_s := at_s - loop.time()) > 0.001:
        await asyncio.sleep(left_s)
