"""Moments: what it means for a member, beyond the event itself, that something just happened in the shop."""

from typing import Final

from gateway.core.desk.desk import Desk
from gateway.core.events import Emitter
from gateway.core.own_scans import OWN_PHONE
from gateway.core.reactions import Reactions
from gateway.core.shop import CHECKOUT, PICKUP, Shop
from gateway.core.state import State
from gateway.model.decision import Moment
from gateway.model.event import Event
from gateway.model.feeds import Brief, Stock
from gateway.model.last_visit import LastVisit
from gateway.model.time import At, Now
from gateway.model.visit import Assurance

MOST_REMEMBERED: Final = 20_000
"""Members whose last visit is remembered; beyond, the visit that ended first goes."""
REMEMBERED_S: Final = 90 * 86_400.0
"""How long a last visit is remembered (seconds)."""
LATE_S: Final = 300.0
"""Who held something up longer ago than this (seconds), as a satellite may tell it, is nobody at the desk now."""
SHOWN: Final = frozenset({"code.scanned", "tag.tapped"})
"""Events of a code that somebody holds up."""
GONE: Final = frozenset({"left", "silent", "closing"})
"""Ends of a visit by which its visitor really went."""


class Moments:
    """Follows what a step told: a visit that began is an arrival for orders, a visit that ended a farewell.

    It sees events and nothing else, so that whoever finds out that somebody came need not know what that starts.
    """

    def __init__(self, state: State, emitter: Emitter, reactions: Reactions, desk: Desk) -> None:
        self._state = state
        self._emitter = emitter
        self._reactions = reactions
        self._orders, self._help, self._tickets = desk.orders, desk.help, desk.tickets

    def follow(self, shop: Shop, now: Now) -> None:
        """Go on from the events of this step so far."""
        for event in self._emitter.waiting:
            late = now.utc_s - event.time_utc_s > LATE_S
            if event.type in SHOWN and event.data.get("order") and not late:
                self._shown(event, shop, now)
            if event.subject is None or not event.subject.startswith("m."):
                continue
            match event.type:
                case "visit.started":
                    self._came(event, event.subject, shop, now)
                case "zone.entered" | "zone.dwelled":
                    self._stood(event, event.subject, shop, now)
                case "visit.ended":
                    self._went(event, event.subject, now)

    def _shown(self, event: Event, shop: Shop, now: Now) -> None:
        """The code of an order: held to a reader of the shop, somebody has come for it.

        A phone reads codes anywhere, in a mail on the sofa too: its member has come where orders are given out.
        """
        zone = event.data["zone"] if isinstance(event.data["zone"], str) else None
        if event.data["receiver"] != OWN_PHONE or shop.zone_kind(zone) == PICKUP:
            self._orders.show(str(event.data["order"]), zone, now)

    def _came(self, event: Event, subject: str, shop: Shop, now: Now) -> None:
        last = self._state.last_visits.get(subject)
        if last is not None:
            away_s = round(max(0.0, event.time_utc_s - last.ended.utc_s), 3)
            self._meet("came_back", event, now, away_s=away_s)
        for product in self._brief(subject).seen_online:
            if self._here(product, shop):
                self._meet("seen_online", event, now, product=product)
        self._orders.arrive(subject, now)

    def _stood(self, event: Event, subject: str, shop: Shop, now: Now) -> None:
        """Entered a zone, or has been there for a while: near to what is wished for, or to the till."""
        zone, dwelled_s = str(event.data["zone"]), event.data.get("dwell_s")
        dwell_s = dwelled_s if isinstance(dwelled_s, float) else None
        if dwell_s is None and shop.zone_kind(zone) == CHECKOUT:
            self._meet("at_till", event, now)
        near = shop.products_of_zone.get(zone, frozenset())
        for product in self._brief(subject).wish_list:
            if product in near and self._here(product, shop):
                self._meet("near_wish", event, now, product=product, dwell_s=dwell_s)

    def _went(self, event: Event, subject: str, now: Now) -> None:
        visit = str(event.data["visit"])
        bought = self._tickets.bought(visit) or self._orders.fetched(visit)
        self._orders.leave(subject, now)
        self._help.leave(subject, now)
        if event.data["cause"] not in GONE:
            return
        ended = At.of(now.ago(now.utc_s - event.time_utc_s))
        self._remember(LastVisit(subject, visit, ended, bought), now)
        self._meet("left_shop", event, now)
        if self._tickets.tells() and not bought:
            self._meet("left_without_buying", event, now)

    def _meet(
        self,
        kind: str,
        event: Event,
        now: Now,
        *,
        product: str | None = None,
        dwell_s: float | None = None,
        away_s: float | None = None,
    ) -> None:
        """Decide about a moment of who `event` is about, in its visit and zone."""
        visit, zone = event.data["visit"], event.data.get("zone")
        moment = Moment(
            kind=kind,
            at=At.of(now),
            subject=event.subject,
            visit=visit if isinstance(visit, str) else None,
            zone=zone if isinstance(zone, str) else None,
            assurance=Assurance[str(event.data["assurance"]).upper()],
            dwell_s=dwell_s,
            product=product,
            away_s=away_s,
        )
        self._reactions.consider(moment, now)

    def _brief(self, subject: str) -> Brief:
        row = self._state.rows["brief"].get((subject.removeprefix("m."),))
        return row if isinstance(row, Brief) else Brief("")

    def _here(self, product: str, shop: Shop) -> bool:
        """Whether the shop has some of a product; where nobody tells, what has a place in it is here."""
        row = self._state.rows["stock"].get((product, shop.plan.store))
        if isinstance(row, Stock):
            return row.quantity > 0
        return any(product in products for products in shop.products_of_zone.values())

    def _remember(self, last: LastVisit, now: Now) -> None:
        known = self._state.last_visits
        if last.subject in known:
            self._state.forget_at_desk(known[last.subject])
        self._state.save(last)
        while oldest := next(iter(known.values()), None):
            if len(known) <= MOST_REMEMBERED and now.utc_s - oldest.ended.utc_s <= REMEMBERED_S:
                return
            self._state.forget_at_desk(oldest)
