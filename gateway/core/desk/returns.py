"""Returns: goods come back over the desk, are looked at, and are on sale again, which the stock shows."""

from dataclasses import replace
from typing import Final

from gateway.core.events import Emitter
from gateway.core.identity import Identity
from gateway.core.state import State
from gateway.model.desk import NotServed
from gateway.model.feeds import Stock
from gateway.model.returns import CheckReturn, ReceiveReturn, RestockReturn, Return
from gateway.model.time import At, Now

MOST_OPEN: Final = 1_000
"""Returns that are not on sale again yet; a further one is refused."""


class Returns:
    """Follows each return until it is over."""

    def __init__(self, state: State, emitter: Emitter, identity: Identity) -> None:
        self._state = state
        self._emitter = emitter
        self._identity = identity

    def receive(self, ask: ReceiveReturn, now: Now) -> Return | NotServed:
        """Goods are on the desk."""
        if len(self._state.returns) >= MOST_OPEN:
            return NotServed("too_many", f"{MOST_OPEN} returns are open. Check and restock some first.")
        subject = f"m.{ask.member}" if ask.member and self._identity.recognises(ask.member) else None
        identity, at = self._emitter.new_desk_id("b"), At.of(now)
        received = Return(identity, ask.product, ask.quantity, "received", at, subject, ask.ticket)
        self._state.save(received)
        presence = self._state.presences.get(subject or "")
        visit = presence.visit if presence is not None else None
        data = _said(received) | {"visit": visit, "ticket": ask.ticket, "reason": ask.reason}
        self._emitter.emit("return.received", now, at, data, subject)
        return received

    def check(self, ask: CheckReturn, now: Now) -> Return | NotServed:
        """Somebody looked at them; what is not sound is never on sale again."""
        known = self._state.returns.get(ask.returned)
        if known is None:
            return _over()
        if known.state != "checked":
            self._emitter.emit("return.checked", now, At.of(now), _said(known) | {"sound": ask.sound}, known.subject)
        elif not ask.sound:
            return NotServed("checked", "It was found to be sound already.")
        if not ask.sound:
            self._state.forget_at_desk(known)
            return known
        checked = replace(known, state="checked")
        self._state.save(checked)
        return checked

    def restock(self, ask: RestockReturn, store: str, now: Now) -> Return | NotServed:
        """Sound goods are on the shelf of this `store` again; its stock is higher until the feed says anew."""
        known = self._state.returns.get(ask.returned)
        if known is None:
            return _over()
        if known.state != "checked":
            return NotServed("not_checked", "Nobody looked at it yet. Check it first.")
        self._state.forget_at_desk(known)
        row = self._state.rows["stock"].get((known.product, store))
        if isinstance(row, Stock):
            quantity = row.quantity + known.quantity
            self._state.save(replace(row, quantity=quantity, at_utc_s=round(now.utc_s, 3)))
        self._emitter.emit("return.restocked", now, At.of(now), _said(known), known.subject)
        return known

    def forget(self, subject: str) -> None:
        """The goods stay; whose they were is not to be known any more."""
        for each in [each for each in self._state.returns.values() if each.subject == subject]:
            self._state.save(replace(each, subject=None, ticket=None))


def _said(returned: Return) -> dict[str, object]:
    return {"return": returned.id, "product": returned.product, "quantity": returned.quantity}


def _over() -> NotServed:
    return NotServed("unknown", "There is no such open return: it is over, or never was.")
