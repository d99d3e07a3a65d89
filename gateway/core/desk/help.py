"""Help: somebody wants a seller, a seller takes it on, and it ends; what was asked for stays with it throughout."""

from dataclasses import replace
from typing import Final

from gateway.core.deadlines import Deadlines
from gateway.core.events import Emitter
from gateway.core.state import State
from gateway.core.timeline import next_grid_s
from gateway.model.decision import Moment, Offered
from gateway.model.desk import NotServed
from gateway.model.help import AskHelp, ClaimHelp, CloseHelp, HelpOutcome, HelpRequest
from gateway.model.time import At, Now

STAFF: Final = "staff"
"""The channel of campaigns that do not speak to the member: they ask a seller to go there."""
MOST_OPEN: Final = 200
"""Open requests; a further one is refused, or not made where a campaign wants it."""
MOST_OF_GUESTS: Final = 150
"""Of these, those of people whom nobody knows: whoever asks again and again for fun shuts no member out."""
KEPT_S: Final = 4 * 3600.0
"""A request that no seller closes is over after this long (seconds)."""


class HelpRequests:
    """Keeps the open requests. A member has one of their own at a time: asked again, it says what is wanted now."""

    def __init__(self, state: State, emitter: Emitter) -> None:
        self._state = state
        self._emitter = emitter
        self._ends = Deadlines()

    @property
    def deadline_s(self) -> float | None:
        """When the next request is too old (monotonic s)."""
        return self._ends.earliest_s

    def begin(self, now: Now) -> None:
        """Go on by this boot's clock."""
        self._ends = Deadlines()
        for request in self._state.help_requests.values():
            self._ends.set(request.id, max(request.since.mono_s + KEPT_S, next_grid_s(now.mono_s)))

    def look(self, now: Now) -> None:
        """Close what is too old."""
        for identity in self._ends.due(now.mono_s):
            request = self._state.help_requests.get(identity)
            if request is not None and request.since.mono_s + KEPT_S <= now.mono_s:
                self._end(request, "expired", now)
            elif request is not None:
                self._ends.set(identity, request.since.mono_s + KEPT_S)

    def ask(self, ask: AskHelp, sensitive: frozenset[str], now: Now) -> HelpRequest | NotServed:
        """Somebody wants a seller. One of the `sensitive` zones is known to sellers, who go there, and to no event.

        Nor is what is wanted there.
        """
        subject = None if ask.member is None else f"m.{ask.member}"
        presence = None if subject is None else self._state.presences.get(subject)
        zone = ask.zone or (presence.zone if presence is not None else None)
        wanted = HelpRequest(
            id="",
            cause="asked",
            since=At.of(now),
            subject=subject,
            visit=presence.visit if presence is not None else None,
            zone=zone,
            zone_unsaid=zone in sensitive or (zone is None and presence is not None and presence.unsaid),
            product=ask.product,
            size=ask.size,
            notes=ask.notes,
        )
        open_one = None if subject is None else next((r for r in self.of(subject) if r.cause == "asked"), None)
        if open_one is not None:
            kept = replace(wanted, id=open_one.id, since=open_one.since)
            told = replace(kept, seller=open_one.seller, claimed=open_one.claimed)
            self._state.save(told)
            return told
        made = self._open(wanted, now)
        return made or NotServed("too_many", "Too many people wait for help already. Ask a seller directly.")

    def summon(self, offered: Offered, moment: Moment, now: Now) -> None:
        """A campaign wants a seller to go to a member."""
        wanted = HelpRequest(
            id="",
            cause="campaign",
            since=offered.at,
            subject=offered.subject,
            visit=offered.visit,
            zone=moment.zone,
            product=moment.product,
            campaign=offered.campaign,
        )
        self._open(wanted, now)

    def claim(self, ask: ClaimHelp, now: Now) -> HelpRequest | NotServed:
        """A seller takes a request on; the same seller may say so again."""
        request = self._state.help_requests.get(ask.help)
        if request is None:
            return _over()
        if request.seller is not None and request.seller != ask.seller:
            return NotServed("claimed", "Another seller is on the way already.")
        if request.seller is None:
            at = At.of(now)
            request = replace(request, seller=ask.seller, claimed=at)
            self._state.save(request)
            waited_s = round(at.mono_s - request.since.mono_s, 3)
            self._emitter.emit("help.claimed", now, at, _said(request) | {"waited_s": waited_s}, request.subject)
        return request

    def close(self, ask: CloseHelp, now: Now) -> HelpRequest | NotServed:
        """A seller is done."""
        request = self._state.help_requests.get(ask.help)
        if request is None:
            return _over()
        self._end(request, ask.outcome, now)
        return request

    def leave(self, subject: str, now: Now) -> None:
        """The visitor is gone: nobody waits any more."""
        for request in self.of(subject):
            self._end(request, "left", now)

    def forget(self, subject: str) -> None:
        """Nothing of the subject is to be known any more."""
        for request in self.of(subject):
            self._state.forget_at_desk(request)

    def of(self, subject: str) -> list[HelpRequest]:
        """The open requests of a member."""
        return [request for request in self._state.help_requests.values() if request.subject == subject]

    def _open(self, wanted: HelpRequest, now: Now) -> HelpRequest | None:
        others = self._state.help_requests.values()
        of_guests = sum(each.subject is None for each in others) if wanted.subject is None else 0
        if len(others) >= MOST_OPEN or of_guests >= MOST_OF_GUESTS:
            return None
        request = replace(wanted, id=self._emitter.new_desk_id("h"))
        self._state.save(request)
        self._ends.set(request.id, request.since.mono_s + KEPT_S)
        asked = {"campaign": request.campaign, "noted": request.notes is not None}
        data = _said(request) | asked
        self._emitter.emit("help.requested", now, request.since, data, request.subject)
        return request

    def _end(self, request: HelpRequest, outcome: HelpOutcome, now: Now) -> None:
        self._state.forget_at_desk(request)
        at = At.of(now)
        data = _said(request) | {"outcome": outcome, "lasted_s": round(at.mono_s - request.since.mono_s, 3)}
        self._emitter.emit("help.closed", now, at, data, request.subject)


def _said(request: HelpRequest) -> dict[str, object]:
    unsaid = request.zone_unsaid  # what stands in a zone tells which it is
    return {
        "help": request.id,
        "visit": request.visit,
        "zone": None if unsaid else request.zone,
        "cause": request.cause,
        "product": None if unsaid else request.product,
        "size": None if unsaid else request.size,
        "seller": request.seller,
    }


def _over() -> NotServed:
    return NotServed("unknown", "There is no such open request: it is closed, or never was.")
