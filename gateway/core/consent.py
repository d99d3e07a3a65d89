"""Consent: what a member says here holds at once, and a withdrawal against whatever an older document says later."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, Literal

from gateway.core.agreement import overtaken
from gateway.core.consent_record import consent_record
from gateway.core.events import Emitter
from gateway.core.identity import Identity
from gateway.core.ids import consent_id
from gateway.core.privacy_options import PrivacyOptions
from gateway.core.purposes import PURPOSES, rests_on
from gateway.core.state import State
from gateway.model.consent import Agreed, Consent, NotHere, SayConsent, Statement
from gateway.model.documents import Campaigns
from gateway.model.event import Event
from gateway.model.time import At, Now

MOST_KEPT: Final = 100_000
"""Members whose word here is kept; of a further one nothing is taken, until documents have taken up some."""
MOST_SAID: Final = 16
"""Statements kept of a member, the newest."""
LOOKED_THROUGH: Final = 64
"""Words looked through each time a member says something, to forget those that a document has taken up."""

_UNKNOWN: Final = NotHere("not_recognised", "This shop does not know the member.")
_FULL: Final = NotHere("too_many", f"The word of {MOST_KEPT} members is kept already, and none is taken up yet.")


class Consents:
    """Takes members' word, and judges by it what may be told."""

    def __init__(
        self, state: State, emitter: Emitter, identity: Identity, options: PrivacyOptions, id_key: bytes
    ) -> None:
        self._state = state
        self._emitter = emitter
        self._identity = identity
        self._options = options
        self._key = id_key
        self._to_look_at: list[str] = []
        self._purposes_of: Mapping[str, str] = {}

    def use(self, campaigns: Campaigns) -> None:
        """What is told of these campaigns rests on their purposes."""
        self._purposes_of = {each.id: each.purpose for each in campaigns.campaigns}

    def say(self, said: SayConsent, now: Now) -> tuple[frozenset[str], Agreed] | NotHere:
        """Take a member's word; gives the purposes that it withdrew, and what holds now."""
        before = self._identity.member(said.handle)
        if before is None:
            return _UNKNOWN
        self._forget_some()
        known = self._state.consents.get(said.handle)
        if known is None and len(self._state.consents) >= MOST_KEPT:
            return _FULL
        channels = before.channels if said.channels is None else said.channels
        kept = self._with(known, replace(said, channels=channels), now)
        if known is None or not _same(known.said[-1], kept.said[-1]):
            self._state.save(kept)
            record = consent_record(kept, self._options)
            data = {
                "purposes": list(kept.said[-1].purposes),
                "channels": kept.said[-1].channels,
                "withdrawn": _in_order(before.purposes - said.purposes),
                "record": record,
            }
            self._emitter.emit("consent.changed", now, At.of(now), data, f"m.{said.handle}")
        withdrawn = before.purposes - said.purposes
        if withdrawn:
            self._state.withdraw(f"m.{said.handle}", said.purposes, self._purposes_of)
        return withdrawn, self._agreed(said.handle)

    def agreed(self, handle: str) -> Agreed | NotHere:
        """What holds of a member."""
        return _UNKNOWN if self._identity.member(handle) is None else self._agreed(handle)

    def barred(self, event: Event) -> Literal["erased", "withdrawn"] | None:
        """Why an event that waits may not be sent any more; None where it may."""
        needed = rests_on(event, self._purposes_of)
        handle = (event.subject or "").removeprefix("m.")
        if handle in self._state.erased and event.subject != handle:
            return "erased"
        if not needed:
            return None
        member = self._identity.member(handle)
        return None if member is not None and needed <= member.purposes else "withdrawn"

    def forget(self, handle: str) -> int:
        """The member is erased; how many of its statements went."""
        consent = self._state.consents.get(handle)
        if consent is None:
            return 0
        self._state.forget_consent(consent)
        return len(consent.said)

    def _agreed(self, handle: str) -> Agreed:
        member, consent = self._identity.member(handle), self._state.consents.get(handle)
        if member is None:
            return Agreed((), None, None)
        channels = None if member.channels is None else tuple(sorted(member.channels))
        record = consent_record(consent, self._options) if consent is not None else None
        return Agreed(tuple(_in_order(member.purposes)), channels, record)

    def _with(self, known: Consent | None, said: SayConsent, now: Now) -> Consent:
        word = Statement(
            at=At.of(now),
            clock=now.clock,
            purposes=tuple(_in_order(said.purposes)),
            channels=None if said.channels is None else tuple(sorted(said.channels)),
            method=said.method,
            language=said.language,
            notice=self._options.notice_version,
        )
        members = self._identity.members
        serial = members.serial if members is not None else None
        if known is None:
            return Consent(said.handle, consent_id(self._key, said.handle), serial, (word,))
        return replace(known, serial=serial, said=(*known.said, word)[-MOST_SAID:])

    def _forget_some(self) -> None:
        """Look through the next ones: a document that is newer says the same, or has the member no more."""
        members = self._identity.members
        if members is None:
            return
        self._to_look_at = self._to_look_at or list(self._state.consents)
        seen = self._to_look_at[-LOOKED_THROUGH:]
        del self._to_look_at[-LOOKED_THROUGH:]
        for consent in (self._state.consents[each] for each in seen if each in self._state.consents):
            member = members.members.get(consent.handle)
            if member is None or overtaken(member, consent):
                self._state.forget_consent(consent)


def _same(one: Statement, other: Statement) -> bool:
    return (one.purposes, one.channels, one.notice) == (other.purposes, other.channels, other.notice)


def _in_order(purposes: Iterable[str]) -> list[str]:
    given = frozenset(purposes)
    return [name for name in PURPOSES if name in given]
