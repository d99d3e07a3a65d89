"""Tickets: what a till sold, tied to the visit, and to the campaigns that may have led to it."""

from dataclasses import asdict, replace
from typing import Final

from gateway.core.events import Emitter
from gateway.core.identity import Identity
from gateway.core.ids import ticket_id
from gateway.core.purposes import ANALYTICS
from gateway.core.reactions import Reactions
from gateway.core.state import State
from gateway.model.desk import NotServed
from gateway.model.documents import Member
from gateway.model.tickets import RecordTicket, ShowTickets, Ticket
from gateway.model.time import At, Now

MOST_KEPT: Final = 10_000
"""Tickets kept, so that a till that says one again gets the same answer; beyond, the oldest goes."""
KEPT_S: Final = 86_400.0
"""How long a ticket is kept (seconds)."""
LATE_S: Final = 3_600.0
"""A ticket told this long after the end of a visit is still of that visit (seconds)."""


class Tickets:
    """Records each ticket once. One of a member who is recognised here is of that member's visit."""

    def __init__(self, state: State, emitter: Emitter, identity: Identity, reactions: Reactions, id_key: bytes) -> None:
        self._state = state
        self._emitter = emitter
        self._identity = identity
        self._reactions = reactions
        self._key = id_key

    def record(self, ask: RecordTicket, now: Now) -> Ticket | NotServed:
        """Tell what was sold; the same ticket again gives what it gave before."""
        identity = ticket_id(self._key, ask.till, ask.number)
        known = self._state.tickets.get(identity)
        if known is not None:
            if (known.total, known.currency) == (ask.total, ask.currency):
                return known
            return NotServed("number_reused", "This till told another total under this number. Give it a new number.")
        self._forget_some(now)
        member = self._identity.member(ask.member) if ask.member and self._identity.recognises(ask.member) else None
        subject = None if member is None else f"m.{member.handle}"
        visit = None if subject is None else self._visit(subject, now)
        at = At.of(now)
        ticket = Ticket(
            identity,
            ask.till,
            ask.number,
            ask.total,
            ask.currency,
            at,
            subject,
            visit,
            ask.receipt if subject else None,
        )
        self._state.save(ticket)
        data = {
            "ticket": identity,
            "till": ask.till,
            "number": ask.number,
            "total": float(ask.total),
            "currency": ask.currency,
            "lines": [asdict(line) | {"amount": float(line.amount)} for line in ask.lines],
            "visit": visit,
            **self._led_by(member, visit),
        }
        self._emitter.emit("ticket.recorded", now, at, data, subject)
        return ticket

    def show(self, ask: ShowTickets, _now: Now) -> tuple[Ticket, ...]:
        """A member's tickets, the oldest first."""
        return tuple(ticket for ticket in self._state.tickets.values() if ticket.subject == f"m.{ask.member}")

    def bought(self, visit: str) -> bool:
        """Whether a ticket is of this visit."""
        return any(ticket.visit == visit for ticket in self._state.tickets.values())

    def tells(self) -> bool:
        """Whether tills tell what they sell: only then does a visit without a ticket mean anything."""
        return bool(self._state.tickets)

    def forget(self, subject: str) -> None:
        """The sale stays, so that a till that tells it again makes no second one; whose it was is not to be known."""
        for ticket in [each for each in self._state.tickets.values() if each.subject == subject]:
            self._state.save(replace(ticket, subject=None, visit=None, receipt=None))

    def _visit(self, subject: str, now: Now) -> str | None:
        presence = self._state.presences.get(subject)
        if presence is not None and presence.visit is not None:
            return presence.visit
        last = self._state.last_visits.get(subject)
        return last.visit if last is not None and now.utc_s - last.ended.utc_s <= LATE_S else None

    def _led_by(self, member: Member | None, visit: str | None) -> dict[str, object]:
        """What the member was told here in this visit and elsewhere before, for who agreed to `analytics`.

        Those held out were told nothing: set against the others, they show what campaigns do.
        """
        if member is None or ANALYTICS not in member.purposes:
            return {"offers": [], "campaigns_seen": [], "held_out": None}
        counted = self._state.exposures.get(f"m.{member.handle}", {})
        offers = sorted(campaign for campaign, each in counted.items() if visit is not None and each.visit == visit)
        held_out = self._reactions.held_out(member)
        return {"offers": offers, "campaigns_seen": list(member.campaigns_seen), "held_out": held_out}

    def _forget_some(self, now: Now) -> None:
        """The oldest come first."""
        tickets = self._state.tickets
        while tickets:
            oldest = next(iter(tickets.values()))
            if len(tickets) < MOST_KEPT and now.utc_s - oldest.at.utc_s <= KEPT_S:
                return
            self._state.forget_at_desk(oldest)
