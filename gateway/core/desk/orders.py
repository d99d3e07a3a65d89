"""Orders to be fetched: their customer is here, waits, and gets them against a code, or goes without."""

from dataclasses import replace
from hmac import compare_digest
from typing import Final

from gateway.core.deadlines import Deadlines
from gateway.core.events import Emitter
from gateway.core.reactions import Reactions
from gateway.core.state import State
from gateway.core.timeline import next_grid_s
from gateway.model.decision import Moment
from gateway.model.desk import NotServed
from gateway.model.feeds import Order
from gateway.model.orders import HandOver, NotFetched, Pickup
from gateway.model.time import At, Now

WAITED_FOR_S: Final = 1_800.0
"""Who came by an order's code alone cannot be seen to leave: they are waited for so long (seconds)."""


class Orders:
    """Follows the orders that lie ready. An arrival is told once a visit, and then how it ended.

    A handover ends it once and for all, and so does the end of the visit, the feed, or, without a visit, time.
    """

    def __init__(self, state: State, emitter: Emitter, reactions: Reactions) -> None:
        self._state = state
        self._emitter = emitter
        self._reactions = reactions
        self._ends = Deadlines()

    @property
    def deadline_s(self) -> float | None:
        """When somebody whom no visit follows has been waited for long enough next (monotonic s)."""
        return self._ends.earliest_s

    def begin(self, now: Now) -> None:
        """Go on by this boot's clock."""
        self._ends = Deadlines()
        for pickup in self._state.pickups.values():
            self._expect(pickup, now)

    def look(self, now: Now) -> None:
        """Wait no longer for who came by a code alone, long ago."""
        for order in self._ends.due(now.mono_s):
            pickup = self._state.pickups.get(order)
            if pickup is None or not _unfollowed(pickup):
                continue
            if pickup.here.mono_s + WAITED_FOR_S <= now.mono_s:
                self._end(pickup, "expired", now)
            else:
                self._expect(pickup, now)

    def arrive(self, subject: str, now: Now) -> None:
        """A member is in the shop: tell of each order that lies here for them."""
        presence = self._state.presences.get(subject)
        zone = presence.zone if presence is not None else None
        for pickup in self._of(subject):
            if _unfollowed(pickup) and presence is not None:
                self._state.save(replace(pickup, visit=presence.visit))
        for order in self._ready():
            if f"m.{order.handle}" == subject:
                self._tell_arrival(order, zone, now)

    def show(self, name: str, zone: str | None, now: Now) -> None:
        """The code of an order was held to a reader in `zone`: who shows it has come for it, whoever it is."""
        for order in self._ready():
            if order.order == name:
                self._tell_arrival(order, zone, now)

    def leave(self, subject: str, now: Now) -> None:
        """The visit is over: who comes again arrives again."""
        for pickup in self._of(subject):
            if pickup.handed_over is None:
                self._end(pickup, "left", now)
            elif not self._in_feed(pickup):
                self._state.forget_at_desk(pickup)

    def fetched(self, visit: str) -> bool:
        """Whether an order was handed over in this visit."""
        return any(pickup.visit == visit and pickup.handed_over is not None for pickup in self._state.pickups.values())

    def forget(self, subject: str) -> None:
        """Nothing of the subject is to be known any more."""
        for pickup in self._of(subject):
            self._state.forget_at_desk(pickup)

    def review(self, now: Now) -> None:
        """The orders changed: some are no more, and some lie ready for who is here already."""
        ready = {order.order for order in self._ready()}
        for pickup in list(self._state.pickups.values()):
            if pickup.handed_over is None and pickup.order not in ready:
                self._end(pickup, "gone", now)
            elif not self._in_feed(pickup) and pickup.visit not in self._state.visits:
                self._state.forget_at_desk(pickup)
        for order in self._ready():
            presence = self._state.presences.get(f"m.{order.handle}")
            if presence is not None and presence.visit is not None:
                self._tell_arrival(order, presence.zone, now)

    def hand_over(self, ask: HandOver, now: Now) -> Pickup | NotServed:
        """Give an order to who showed its code, or say why not; asked again, it gives what it gave before."""
        order = self._state.rows["order"].get((ask.order,))
        if not isinstance(order, Order):
            return NotServed("unknown", "There is no such order here.")
        proof = order.order if order.code is None else order.code
        if not compare_digest(proof.encode(), ask.code.encode()):
            return NotServed("wrong_code", "The code is not this order's. Ask the customer for the order's own code.")
        pickup = self._state.pickups.get(ask.order)
        if pickup is not None and pickup.handed_over is not None:
            return pickup
        if order.state != "arrived":
            return NotServed("not_ready", f"Head office says of it: {order.state}. It does not lie here.")
        subject, at = f"m.{order.handle}", At.of(now)
        presence = self._state.presences.get(subject)
        visit = presence.visit if presence is not None else None
        waited_s = None if pickup is None else round(at.mono_s - pickup.here.mono_s, 3)
        data = {"order": order.order, "visit": visit, "waited_s": waited_s, "seller": ask.seller}
        self._emitter.emit("order.handed_over", now, at, data, subject)
        given = replace(pickup or Pickup(order.order, subject, visit, at), handed_over=at)
        self._state.save(given)
        return given

    def _tell_arrival(self, order: Order, zone: str | None, now: Now) -> None:
        if order.order in self._state.pickups:
            return
        subject = f"m.{order.handle}"
        presence = self._state.presences.get(subject)
        pickup = Pickup(order.order, subject, presence.visit if presence is not None else None, At.of(now))
        self._state.save(pickup)
        self._expect(pickup, now)
        lines = [{"gtin": line.gtin, "quantity": line.quantity} for line in order.lines]
        data = {"order": order.order, "visit": pickup.visit, "zone": zone, "lines": lines}
        self._emitter.emit("order.arrived", now, pickup.here, data, pickup.subject)
        if presence is not None:
            moment = Moment("order_arrived", pickup.here, pickup.subject, pickup.visit, zone, presence.assurance)
            self._reactions.consider(moment, now)

    def _end(self, pickup: Pickup, why: NotFetched, now: Now) -> None:
        self._state.forget_at_desk(pickup)
        at = At.of(now)
        waited_s = round(at.mono_s - pickup.here.mono_s, 3)
        data = {"order": pickup.order, "visit": pickup.visit, "reason": why, "waited_s": waited_s}
        self._emitter.emit("order.not_fetched", now, at, data, pickup.subject)

    def _expect(self, pickup: Pickup, now: Now) -> None:
        if _unfollowed(pickup):
            self._ends.set(pickup.order, max(pickup.here.mono_s + WAITED_FOR_S, next_grid_s(now.mono_s)))

    def _in_feed(self, pickup: Pickup) -> bool:
        return (pickup.order,) in self._state.rows["order"]

    def _ready(self) -> list[Order]:
        return [row for row in self._state.rows["order"].values() if isinstance(row, Order) and row.state == "arrived"]

    def _of(self, subject: str) -> list[Pickup]:
        return [pickup for pickup in self._state.pickups.values() if pickup.subject == subject]


def _unfollowed(pickup: Pickup) -> bool:
    """Whether no visit tells when its customer goes."""
    return pickup.visit is None and pickup.handed_over is None
