"""Scans, taps and check-ins: things a person does, told at once."""

from gateway.codecs.meanings import CouponCode, OfMember, OrderCode
from gateway.core.coupons import Coupons
from gateway.core.events import Emitter
from gateway.core.reactions import Reactions
from gateway.core.readings import Reading, read
from gateway.core.shop import Shop
from gateway.core.state import State
from gateway.model.decision import Decision, Moment
from gateway.model.feeds import Order
from gateway.model.meaning import KeptOut
from gateway.model.sighting import NFC_WALLET, CodeText, GuestCheckIn, NfcTag, Sighting
from gateway.model.time import At, Now, rfc3339
from gateway.model.visit import Assurance, Visitor


class Scans:
    """Tells what was read where. A text that means nothing to the shop changes nothing and is not repeated."""

    def __init__(self, state: State, emitter: Emitter, reactions: Reactions, coupons: Coupons) -> None:
        self._state = state
        self._emitter = emitter
        self._reactions = reactions
        self._coupons = coupons

    def read(self, sighting: Sighting, token: CodeText | NfcTag, shop: Shop, now: Now) -> OfMember | KeptOut | None:
        """A code in front of a camera or scanner, or a tag on a reader: told, by nobody we know, so no offer.

        What says who shows it is given back, untold.
        """
        understood = read(token, shop)
        if isinstance(understood, OfMember | KeptOut):
            return understood
        if sighting.medium == NFC_WALLET:
            return KeptOut("unknown_text")
        facts = self.facts(understood)
        if isinstance(facts, KeptOut):
            return facts
        marker = understood.marker if isinstance(understood, Reading) else None
        heard, scanned = now.ago(sighting.age_s), isinstance(token, CodeText)
        zone = (marker.zone if marker else None) or shop.anchors.get(sighting.receiver)
        data = {
            "visit": None,
            "zone": None if facts["order"] and zone in shop.sensitive else zone,  # an order is somebody's
            "receiver": sighting.receiver,
            **facts,
            "symbology": token.symbology if isinstance(token, CodeText) else None,
            "evidence_at": rfc3339(heard.utc_s),
        }
        self._emitter.emit("code.scanned" if scanned else "tag.tapped", now, At.of(heard), data)
        return None

    def facts(self, understood: Reading | OrderCode | CouponCode) -> dict[str, object] | KeptOut:
        """What an event says of it: never the code of an order or coupon, which is worth something."""
        facts: dict[str, object] = {"marker": None, "elements": None, "order": None, "campaign": None}
        match understood:
            case Reading(marker, elements):
                facts["kind"] = "product" if elements else "marker"
                facts["marker"] = marker.id if marker else None
                facts["elements"] = [list(element) for element in elements] or None
            case OrderCode(code):
                order = self._order(code)
                if order is None:
                    return KeptOut("unknown_order")
                facts |= {"kind": "order", "order": order.order}
            case CouponCode(code):
                coupon = self._coupons.of(code)
                if coupon is None:
                    return KeptOut("unknown_coupon")
                facts |= {"kind": "coupon", "campaign": coupon.campaign}
        return facts

    def _order(self, code: str) -> Order | None:
        """The order of this name, or whose customer shows this."""
        orders = (row for row in self._state.rows["order"].values() if isinstance(row, Order))
        return next((each for each in orders if code in {each.order, each.code}), None)

    def greet(self, token: GuestCheckIn, shop: Shop, now: Now) -> str | None:
        """Somebody whom nobody knows is here by their own word: told, followed by nobody. Gives the marker's zone."""
        marker = shop.plan.markers.get(token.marker or "")
        zone = marker.zone if marker is not None and marker.zone not in shop.sensitive else None
        data = {
            "visit": None,
            "zone": zone,
            "method": "page",
            "assurance": Assurance.CLAIMED.wire,
            "media": ["app"],
            "evidence_at": rfc3339(now.utc_s),
        }
        self._emitter.emit("visitor.checked_in", now, At.of(now), data)
        return zone

    def check_in(self, visitor: Visitor, method: str, then: Now, now: Now) -> tuple[Decision, ...]:
        """A member is here by their own word of `then`; gives what was decided for them."""
        presence = self._state.presences[visitor.subject]
        self._tell(visitor, method, presence.visit, presence.zone, presence.media, then, now)
        moment = Moment(
            kind="checked_in",
            at=At.of(then),
            subject=visitor.subject,
            visit=presence.visit,
            zone=presence.zone,
            assurance=visitor.assurance,
        )
        return self._reactions.consider(moment, now)

    def was_here(self, visitor: Visitor, sighting: Sighting, method: str, shop: Shop, now: Now) -> tuple[Decision, ...]:
        """A member was here by what they showed, told too late for a visit to begin: nothing is decided for them."""
        zone = shop.anchors.get(sighting.receiver)
        zone = None if zone in shop.sensitive else zone
        self._tell(visitor, method, None, zone, (sighting.medium,), now.ago(sighting.age_s), now)
        return ()

    def _tell(
        self,
        visitor: Visitor,
        method: str,
        visit: str | None,
        zone: str | None,
        media: tuple[str, ...],
        then: Now,
        now: Now,
    ) -> None:
        data = {
            "visit": visit,
            "zone": zone,
            "method": method,
            "assurance": visitor.assurance.wire,
            "media": list(media),
            "evidence_at": rfc3339(then.utc_s),
        }
        self._emitter.emit("visitor.checked_in", now, At.of(then), data, visitor.subject)
