"""Erasure: a member is forgotten as if nobody had ever come, and is nobody from now on."""

from dataclasses import asdict
from typing import Final

from gateway.core.consent import Consents
from gateway.core.events import Emitter
from gateway.core.identity import Identity
from gateway.core.offers.exposure import NOBODY, pooled
from gateway.core.presence import Presences
from gateway.core.redemptions import Redemptions
from gateway.core.state import State
from gateway.model.commands import ErasedState
from gateway.model.documents import Members
from gateway.model.feeds import Stock
from gateway.model.inputs import Erase
from gateway.model.step import Erased, RecordKind
from gateway.model.time import At, Now

MOST_KEPT: Final = 10_000
"""Erased handles that a document still names; beyond, the one erased first may be recognised again."""


class Erasure:
    """Takes a member out of the state. What a campaign spent on it stays spent, on nobody."""

    def __init__(
        self,
        state: State,
        emitter: Emitter,
        identity: Identity,
        presences: Presences,
        redemptions: Redemptions,
        consents: Consents,
    ) -> None:
        self._redemptions = redemptions
        self._consents = consents
        self._state = state
        self._emitter = emitter
        self._identity = identity
        self._presences = presences

    def erase(self, order: Erase, now: Now) -> ErasedState:
        """Forget the member; tells that it was done, and not to whom."""
        subject = f"m.{order.handle}"
        visits = [visit for visit in self._state.visits.values() if visit.subject == subject]
        for visit in visits:
            self._state.forget_visit(visit)
        presence = self._state.presences.get(subject)
        if presence is not None:
            self._presences.forget(presence)
        exposures = list(self._state.exposures.get(subject, {}).values())
        for exposure in exposures:
            self._state.forget_exposure(exposure)
            of_nobody = self._state.exposures.get(NOBODY, {})
            self._state.save(pooled(of_nobody.get(exposure.campaign), exposure))
        self._state.purge(subject)
        orders, briefs = self._of_feeds("order", order.handle), self._of_feeds("brief", order.handle)
        redeemed, said = self._redemptions.forget(subject), self._consents.forget(order.handle)
        self._ban(order.handle, now)
        held = ErasedState(len(visits), int(presence is not None), len(exposures), orders, briefs, redeemed, said)
        data = {"command": order.command, "counts": asdict(held)}
        self._emitter.emit("member.erased", now, At.of(now), data)
        return held

    def use(self, members: Members) -> None:
        """These are the members now: an erased handle that they do not name needs no remembering."""
        for erased in list(self._state.erased.values()):
            if erased.handle not in members.members:
                self._state.forget_erased(erased)

    def _of_feeds(self, kind: RecordKind, handle: str) -> int:
        """Forget what feeds told of the member; how many rows went."""
        rows = self._state.rows[kind].items()
        keys = [key for key, row in rows if not isinstance(row, Stock) and row.handle == handle]
        for key in keys:
            self._state.forget_row(kind, key)
        return len(keys)

    def _ban(self, handle: str, now: Now) -> None:
        known = self._identity.members
        if known is not None and handle not in known.members:
            return
        self._state.save(Erased(handle, At.of(now)))
        if len(self._state.erased) > MOST_KEPT:
            self._state.forget_erased(min(self._state.erased.values(), key=lambda erased: erased.at.utc_s))
