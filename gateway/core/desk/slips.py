"""Slips: one code for card, coupons and basket, good for one till and for a quarter of an hour."""

from dataclasses import replace
from typing import Final

from gateway.core.events import Emitter
from gateway.core.identity import Identity
from gateway.core.redemptions import Redemptions
from gateway.core.shop import Shop
from gateway.core.state import State
from gateway.model.desk import NotServed
from gateway.model.slips import MakeSlip, Slip, TakeSlip
from gateway.model.time import At, Now

GOOD_S: Final = 900.0
"""How long a code can be taken (seconds)."""
MOST_KEPT: Final = 1_000
"""Slips kept, taken ones included; beyond, the oldest goes, and its code with it."""


class Slips:
    """A member has one slip that is good: a new one takes the place of the one before."""

    def __init__(self, state: State, emitter: Emitter, identity: Identity, redemptions: Redemptions) -> None:
        self._state = state
        self._emitter = emitter
        self._identity = identity
        self._redemptions = redemptions

    def make(self, ask: MakeSlip, shop: Shop, now: Now) -> Slip | NotServed:
        """A code for who goes to a till, with every coupon that the till could take now."""
        if not self._identity.recognises(ask.member):
            says = "This shop does not know the member, or the member agreed to nothing."
            return NotServed("not_recognised", says)
        subject, at = f"m.{ask.member}", At.of(now)
        for each in list(self._state.slips.values()):
            replaced = each.subject == subject and each.till is None
            if replaced or now.mono_s - each.since.mono_s > GOOD_S:
                self._state.forget_at_desk(each)
        while len(self._state.slips) >= MOST_KEPT:
            self._state.forget_at_desk(next(iter(self._state.slips.values())))
        coupons = self._redemptions.open_to(ask.member, shop, now)
        slip = Slip(self._emitter.new_desk_id("s"), subject, coupons, ask.lines, at)
        self._state.save(slip)
        return slip

    def take(self, ask: TakeSlip, now: Now) -> Slip | NotServed:
        """A till read the code: it is that till's, which may ask again."""
        slip = self._state.slips.get(ask.slip)
        if slip is None or now.mono_s - slip.since.mono_s > GOOD_S:
            return NotServed("unknown", "The code is too old, replaced, or none. Ask the customer to show it anew.")
        if slip.till is not None:
            return slip if slip.till == ask.till else NotServed("taken", "Another till has taken this code already.")
        taken = replace(slip, till=ask.till)
        self._state.save(taken)
        presence = self._state.presences.get(slip.subject)
        visit = presence.visit if presence is not None else None
        lines = [{"gtin": line.gtin, "quantity": line.quantity} for line in slip.lines]
        data = {"till": ask.till, "visit": visit, "coupons": list(slip.coupons), "lines": lines}
        self._emitter.emit("slip.taken", now, At.of(now), data, slip.subject)
        return taken

    def forget(self, subject: str) -> None:
        """Nothing of the subject is to be known any more."""
        for slip in [each for each in self._state.slips.values() if each.subject == subject]:
            self._state.forget_at_desk(slip)
