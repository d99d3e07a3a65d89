"""Price matches: a lower price for the same product is told to head office, whose prices they are."""

from gateway.core.events import Emitter
from gateway.core.state import State
from gateway.model.price_matches import AskPriceMatch
from gateway.model.time import At, Now


class PriceMatches:
    """Tells a price that is not ours. Nothing is promised: a seller decides by the house's rules."""

    def __init__(self, state: State, emitter: Emitter) -> None:
        self._state = state
        self._emitter = emitter

    def ask(self, ask: AskPriceMatch, now: Now) -> bool:
        """Whether there is anything to match: the other price is lower."""
        if ask.theirs >= ask.ours:
            return False
        subject = None if ask.member is None else f"m.{ask.member}"
        presence = None if subject is None else self._state.presences.get(subject)
        data = {
            "product": ask.product,
            "ours": float(ask.ours),
            "theirs": float(ask.theirs),
            "currency": ask.currency,
            "seen_at": ask.seen_at,
            "visit": presence.visit if presence is not None else None,
            "zone": presence.zone if presence is not None else None,
        }
        self._emitter.emit("price.mismatch", now, At.of(now), data, subject)
        return True
