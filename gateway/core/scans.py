"""Scans, taps and check-ins: things a person does, told at once."""

from gateway.core.events import Emitter
from gateway.core.reactions import Reactions
from gateway.core.readings import read
from gateway.core.shop import Shop
from gateway.core.state import State
from gateway.model.decision import Decision, Moment
from gateway.model.meaning import KeptOut
from gateway.model.sighting import CheckIn, CodeText, NfcTag, Sighting
from gateway.model.time import At, Now, rfc3339
from gateway.model.visit import Visitor


class Scans:
    """Tells what was read where. A text that means nothing to the shop changes nothing and is not repeated."""

    def __init__(self, state: State, emitter: Emitter, reactions: Reactions) -> None:
        self._state = state
        self._emitter = emitter
        self._reactions = reactions

    def read(self, sighting: Sighting, token: CodeText | NfcTag, shop: Shop, now: Now) -> KeptOut | None:
        """A code in front of a camera or scanner, or a tag on a reader: by nobody we know, so no offer."""
        reading = read(token, shop)
        if isinstance(reading, KeptOut):
            return reading
        marker = reading.marker
        scanned = isinstance(token, CodeText)
        data = {
            "visit": None,
            "zone": (marker.zone if marker else None) or shop.anchors.get(sighting.receiver),
            "receiver": sighting.receiver,
            "marker": marker.id if marker else None,
            "elements": [list(element) for element in reading.elements] or None,
            "symbology": token.symbology if isinstance(token, CodeText) else None,
            "evidence_at": rfc3339(now.utc_s),
            "clock": now.clock,
        }
        self._emitter.emit("code.scanned" if scanned else "tag.tapped", now, At.of(now), data)
        return None

    def check_in(self, visitor: Visitor, token: CheckIn, now: Now) -> tuple[Decision, ...]:
        """A member is here by their own word; gives what was decided for them."""
        presence = self._state.presences[visitor.subject]
        data = {
            "visit": presence.visit,
            "zone": presence.zone,
            "method": token.method,
            "assurance": visitor.assurance.wire,
            "media": list(presence.media),
            "evidence_at": rfc3339(now.utc_s),
            "clock": now.clock,
        }
        self._emitter.emit("visitor.checked_in", now, At.of(now), data, visitor.subject)
        moment = Moment(
            kind="checked_in",
            at=At.of(now),
            subject=visitor.subject,
            visit=presence.visit,
            zone=presence.zone,
            assurance=visitor.assurance,
        )
        return self._reactions.consider(moment, now)
