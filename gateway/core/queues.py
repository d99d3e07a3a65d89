"""Queues at the tills: how many wait, and the moment at which they are many."""

from dataclasses import dataclass, replace

from gateway.core.events import Emitter
from gateway.core.listening import Listening
from gateway.core.occupancy import Estimate, Tally, estimate, tallied
from gateway.core.options import CoreOptions
from gateway.core.reactions import Reactions
from gateway.core.shop import CHECKOUT, Shop
from gateway.core.state import State
from gateway.model.decision import Moment
from gateway.model.queue import LongQueue
from gateway.model.time import At, Now, rfc3339
from gateway.model.visit import Presence


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue, while it is long; and when that was last told (monotonic s; None: never)."""

    long: LongQueue | None = None
    told_s: float | None = None


class Queues:
    """Watches the zones of kind `checkout`. Whoever has been in one for long enough waits there.

    What was told is known in memory only: a queue that a start finds waiting counts as told.
    """

    def __init__(
        self, state: State, listening: Listening, emitter: Emitter, reactions: Reactions, options: CoreOptions
    ) -> None:
        self._state = state
        self._listening = listening
        self._emitter = emitter
        self._reactions = reactions
        self._options = options
        self._queues: dict[str, Queue] = {}

    def look(self, shop: Shop, now: Now) -> None:
        """Tell of each queue that became long, once; it is short again only well below that."""
        tills = [zone.id for zone in shop.plan.zones.values() if zone.kind == CHECKOUT]
        waiting = [each for each in self._state.presences.values() if each.zone in tills and self._waits(each)]
        self._queues = {
            zone: self._judged(zone, [each for each in waiting if each.zone == zone], now) for zone in tills
        }

    def long(self) -> tuple[LongQueue, ...]:
        """Those that are long, as they were looked at last."""
        return tuple(queue.long for queue in self._queues.values() if queue.long is not None)

    def _waits(self, presence: Presence) -> bool:
        stayed_s = (presence.placed or presence.seen).mono_s - presence.since.mono_s
        return presence.kind == "member" and stayed_s >= self._options.queue_after_s

    def _judged(self, zone: str, waiting: list[Presence], now: Now) -> Queue:
        """The queue now. Who is only held while a receiver is down neither makes it long nor, by going, short."""
        options, queue = self._options, self._queues.get(zone)
        heard = [each for each in waiting if not self._listening.deaf(each.anchors)]
        told = estimate(tallied(heard, self._listening).get(zone, Tally()), options.member_share)
        length = told.members if told.people is None else told.people
        if queue is None:
            return Queue(LongQueue(zone, At.of(now), length), now.mono_s) if length > options.queue_short else Queue()
        if queue.long is not None:
            if len(heard) < len(waiting):
                return queue
            return replace(queue, long=replace(queue.long, people=length) if length > options.queue_short else None)
        rested = queue.told_s is None or not 0.0 <= now.mono_s - queue.told_s < options.queue_rest_s
        if length < options.queue_long or not rested:
            return queue
        self._tell(zone, heard, told, now)
        return Queue(LongQueue(zone, At.of(now), length), now.mono_s)

    def _tell(self, zone: str, waiting: list[Presence], told: Estimate, now: Now) -> None:
        first_s = min(each.since.mono_s for each in waiting)
        data = {
            "zone": zone,
            "members": round(told.members),
            "people": told.people,
            "people_low": told.people_low,
            "people_high": told.people_high,
            "waited_s": round(now.mono_s - first_s, 3),
            "evidence_at": rfc3339(max(each.seen.utc_s for each in waiting)),
        }
        self._emitter.emit("queue.long", now, At.of(now), data)
        for presence in sorted(waiting, key=lambda each: each.subject):
            moment = Moment("queue_long", At.of(now), presence.subject, presence.visit, zone, presence.assurance)
            self._reactions.consider(moment, now)
