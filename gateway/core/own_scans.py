"""Own scans: what a member holds their own phone to, so that it is known who wants what."""

from typing import Final

from gateway.codecs.meanings import OfMember
from gateway.core.events import Emitter
from gateway.core.reactions import Reactions
from gateway.core.readings import Reading, read
from gateway.core.scans import Scans
from gateway.core.shop import Shop
from gateway.core.state import State
from gateway.model.decision import Decision, Moment
from gateway.model.feeds import Stock
from gateway.model.meaning import KeptOut
from gateway.model.sighting import CodeText, OwnScan
from gateway.model.time import At, Now, rfc3339
from gateway.model.visit import Visitor

OWN_PHONE: Final = "app"
"""What stands for a receiver where a member's own phone read a code."""


class OwnScans:
    """Tells what a member scanned and decides about it. A text that means nothing to the shop changes nothing."""

    def __init__(self, state: State, emitter: Emitter, reactions: Reactions, scans: Scans) -> None:
        self._state = state
        self._emitter = emitter
        self._reactions = reactions
        self._scans = scans

    def read(self, visitor: Visitor, token: OwnScan, shop: Shop, now: Now) -> tuple[Decision, ...] | KeptOut:
        """A marker or product in front of a member's phone; gives what was decided for them.

        In a sensitive zone, the marker's or the member's own, it is scanned by nobody: nothing is told of a person's
        being there.
        """
        understood = read(CodeText(token.symbology, token.text), shop)
        if isinstance(understood, OfMember):
            return KeptOut("unknown_text")
        facts = understood if isinstance(understood, KeptOut) else self._scans.facts(understood)
        if isinstance(facts, KeptOut):
            return facts
        reading = understood if isinstance(understood, Reading) else Reading(None)
        marker, presence = reading.marker, self._state.presences.get(visitor.subject)
        visit = presence.visit if presence is not None else None
        zone = (marker.zone if marker else None) or (presence.zone if presence is not None else None)
        nobodys = zone in shop.sensitive or (presence is not None and presence.unsaid)
        data = {
            "visit": None if nobodys else visit,
            "zone": None if nobodys and facts["order"] else zone,
            "receiver": OWN_PHONE,
            **facts,
            "symbology": token.symbology,
            "evidence_at": rfc3339(now.utc_s),
        }
        self._emitter.emit("code.scanned", now, At.of(now), data, None if nobodys else visitor.subject)
        return () if nobodys else self._decided(visitor, reading, visit, zone, shop, now)

    def _decided(
        self, visitor: Visitor, reading: Reading, visit: str | None, zone: str | None, shop: Shop, now: Now
    ) -> tuple[Decision, ...]:
        product = _product(reading)
        decisions: tuple[Decision, ...] = ()
        for kind in ("code_scanned", *(("sold_out_scanned",) if self._sold_out(product, shop) else ())):
            moment = Moment(
                kind=kind,
                at=At.of(now),
                subject=visitor.subject,
                visit=visit,
                zone=zone,
                assurance=visitor.assurance,
                marker=reading.marker.id if reading.marker else None,
                product=product,
            )
            decisions += self._reactions.consider(moment, now)
        return decisions

    def _sold_out(self, product: str | None, shop: Shop) -> bool:
        row = self._state.rows["stock"].get((product or "", shop.plan.store))
        return isinstance(row, Stock) and row.quantity == 0


def _product(reading: Reading) -> str | None:
    """The GTIN-14 of what was scanned."""
    return dict(reading.elements).get("01") or (reading.marker.product if reading.marker is not None else None)
