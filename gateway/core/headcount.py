"""The headcount: how many are in each zone, and how long the queues are."""

from gateway.core.events import Emitter
from gateway.core.listening import Listening
from gateway.core.occupancy import Occupancy
from gateway.core.options import CoreOptions
from gateway.core.queues import Queues
from gateway.core.reactions import Reactions
from gateway.core.shop import Shop
from gateway.core.state import State
from gateway.model.queue import LongQueue
from gateway.model.time import Now


class Headcount:
    """Looks at everybody who is present, after each was placed."""

    def __init__(
        self, state: State, listening: Listening, emitter: Emitter, reactions: Reactions, options: CoreOptions
    ) -> None:
        self._occupancy = Occupancy(state, listening, emitter, options)
        self._queues = Queues(state, listening, emitter, reactions, options)

    @property
    def deadline_s(self) -> float | None:
        """When to count again (monotonic s); None while there is nobody to count."""
        return self._occupancy.deadline_s

    def long_queues(self) -> tuple[LongQueue, ...]:
        """The queues that are long now."""
        return self._queues.long()

    def look(self, shop: Shop, now: Now) -> None:
        """Count, if it is time, and see whether a queue became long."""
        self._queues.look(shop, now)
        self._occupancy.look(now)
