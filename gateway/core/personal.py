"""Personal: what members ask about themselves. Their word is taken, and what is kept of them is shown."""

from collections.abc import Iterable, Iterator

from gateway.core.attendance import Attendance
from gateway.core.consent import Consents
from gateway.core.desk.desk import Desk
from gateway.core.events import Emitter
from gateway.core.feeds import Feeds
from gateway.core.identity import Identity
from gateway.core.purposes import PRESENCE
from gateway.core.shop import Shop
from gateway.core.state import State
from gateway.model.consent import Agreed, AskConsent, Export, NotHere, PersonalAsk, SayConsent
from gateway.model.personal import Held
from gateway.model.step import Record
from gateway.model.time import At, Now


class Personal:
    """Answers members; a withdrawal has its effect before the answer."""

    def __init__(
        self,
        state: State,
        emitter: Emitter,
        identity: Identity,
        consents: Consents,
        feeds: Feeds,
        desk: Desk,
        attendance: Attendance,
    ) -> None:
        self._state = state
        self._emitter = emitter
        self._identity = identity
        self._consents = consents
        self._feeds = feeds
        self._desk = desk
        self._attendance = attendance

    def take(self, ask: PersonalAsk, shop: Shop, now: Now) -> Agreed | Held | NotHere:
        """What a member gets for what it asks."""
        match ask:
            case SayConsent():
                return self._say(ask, shop, now)
            case AskConsent(handle):
                return self._consents.agreed(handle)
            case Export(handle):
                return self._export(handle, now)

    def _say(self, said: SayConsent, shop: Shop, now: Now) -> Agreed | NotHere:
        taken = self._consents.say(said, now)
        if isinstance(taken, NotHere):
            return taken
        withdrawn, agreed = taken
        presence = self._state.presences.get(f"m.{said.handle}")
        if PRESENCE in withdrawn and presence is not None:
            self._attendance.dismiss(presence, "consent", "consent", shop, now)
        self._feeds.review()
        if PRESENCE in withdrawn:
            self._desk.forget(f"m.{said.handle}")
        return agreed

    def _export(self, handle: str, now: Now) -> Held | NotHere:
        known = self._consents.agreed(handle)
        if isinstance(known, NotHere):
            return known
        held = Held(handle, self._identity.member(handle), tuple(_records_of(self._state, handle)))
        data = {"counts": {"records": len(held.records)}}
        self._emitter.emit("member.exported", now, At.of(now), data, f"m.{handle}")
        return held


def records_of(records: Iterable[Record], handle: str) -> tuple[Record, ...]:
    """Those of `records` that are about the member of this handle."""
    names = {"subject": f"m.{handle}", "handle": handle, "member": handle}
    return tuple(each for each in records if any(getattr(each, name, None) == is_it for name, is_it in names.items()))


def _records_of(state: State, handle: str) -> Iterator[Record]:
    """Without a look at every record of the shop: there may be a hundred thousand."""
    subject = f"m.{handle}"
    if handle in state.consents:
        yield state.consents[handle]
    if subject in state.presences:
        yield state.presences[subject]
    yield from records_of(state.visits.values(), handle)
    yield from state.exposures.get(subject, {}).values()
    yield from (state.redemptions[each] for each in sorted(state.redemptions_of.get(subject, ())))
    yield from records_of(state.at_desk(), handle)
    for kind in ("order", "brief"):
        yield from records_of(state.rows[kind].values(), handle)
