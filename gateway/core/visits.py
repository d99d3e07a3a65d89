"""Visits: from first to last evidence in the shop, with the zones between, told as events."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from gateway.core.events import Emitter
from gateway.core.presence import Transition
from gateway.core.shop import ENTRANCE, STOREFRONT, Shop
from gateway.core.state import State
from gateway.core.stays import dwell, listed, way_out, with_transition
from gateway.model.time import At, Now, rfc3339
from gateway.model.visit import EndCause, Presence, Visit

WAYS_OUT: Final = frozenset({ENTRANCE, STOREFRONT})
"""Whoever was last in a zone of these kinds left; elsewhere one only fell silent."""

DATED_BACK_S: Final = 10.0
"""What is told late begins a visit at most this much earlier (seconds)."""


class Visits:
    """Starts, follows and ends visits. Being outside (storefront) neither starts nor prolongs one."""

    def __init__(self, state: State, emitter: Emitter) -> None:
        self._state = state
        self._emitter = emitter

    def witness(self, subject: str, now: Now, *, split_at: At | None = None) -> None:
        """Start a visit for a visitor who is in the shop and has none; `split_at` is the end of the one before."""
        presence = self._state.presences[subject]
        if presence.visit is not None or presence.indoors is None or presence.stayed_on:
            return
        visit = Visit(
            id=self._emitter.new_visit_id(),
            subject=subject,
            kind=presence.kind,
            started=presence.indoors,
            seen=presence.indoors,
            media=presence.media,
            assurance=presence.assurance,
            split_at=split_at,
        )
        self._state.save(visit)
        presence = replace(presence, visit=visit.id)
        self._state.save(presence)
        data = {"visit": visit.id, "zone": presence.zone, **_circumstances(presence, visit.started)}
        self._emitter.emit("visit.started", now, visit.started, data, subject)

    def follow(self, transition: Transition, shop: Shop, now: Now) -> None:
        """Write a transition into the visit and tell it."""
        presence = self._state.presences[transition.presence.subject]
        outside = transition.zone in shop.outside
        visit = self._visit(presence)
        if visit is not None and not outside:
            self._state.save(with_transition(visit, transition, shop))
        elif visit is not None and transition.kind == "left" and not visit.zones:
            self._state.save(replace(visit, entered_by=transition.zone))
        data: dict[str, object] = {
            "visit": None if outside else presence.visit,
            "zone": transition.zone,
            "confidence": transition.confidence,
        }
        if transition.kind != "entered":
            data["from_at"] = rfc3339(transition.presence.since.utc_s)
            data["until_at"] = rfc3339(transition.at.utc_s)
            data["dwell_s"] = transition.dwell_s
        if transition.reason is not None:
            data["reason"] = transition.reason
        data |= _circumstances(presence, transition.at)
        self._emitter.emit(f"zone.{transition.kind}", now, transition.at, data, presence.subject)

    def date_back(self, presence: Presence, heard: Iterable[tuple[str, float]], at: At, shop: Shop) -> None:
        """Evidence told late, `at` before the visit began: it began then, if that speaks for the same zone."""
        visit = self._visit(presence)
        if visit is None or visit.earlier or not 0.0 < visit.started.mono_s - at.mono_s <= DATED_BACK_S:
            return
        if visit.split_at is not None and at.mono_s <= visit.split_at.mono_s:
            return
        first = visit.zones[0] if visit.zones else None
        if first is None or first.zone not in {shop.anchors.get(anchor) for anchor, _ in heard}:
            return
        if first.since == visit.started:
            first = replace(first, since=at)
        self._state.save(replace(visit, started=at, zones=(first, *visit.zones[1:])))

    def last_zone(self, presence: Presence) -> str | None:
        """Where the visitor is or, if that is unknown, was last in this visit."""
        visit = self._visit(presence)
        return presence.zone or (visit.zones[-1].zone if visit is not None and visit.zones else None)

    def end(self, presence: Presence, cause: EndCause, shop: Shop, now: Now) -> None:
        """The visit is over since its last evidence in the shop."""
        visit = self._visit(presence)
        if visit is None:
            return
        last_stays = (stay.until for stay in visit.zones[-1:] if stay.until is not None)
        ended = max(visit.started, presence.indoors or visit.seen, *last_stays, key=lambda at: at.mono_s)
        data = {
            "visit": visit.id,
            "started_at": rfc3339(visit.started.utc_s),
            "ended_at": rfc3339(ended.utc_s),
            "zones": [] if cause == "consent" else listed(visit, ended),
            "dwell": [] if cause == "consent" else dwell(visit, ended),
            "entered_by": None if cause == "consent" else visit.entered_by,
            "left_by": way_out(visit, shop) or presence.zone if cause == "left" else None,
            "cause": cause,
            **_circumstances(presence, ended),
        }
        self._emitter.emit("visit.ended", now, ended, data, visit.subject)
        self._state.forget_visit(visit)
        self._state.save(replace(presence, visit=None, indoors=None))

    def _visit(self, presence: Presence) -> Visit | None:
        return self._state.visits.get(presence.visit) if presence.visit is not None else None


def _circumstances(presence: Presence, evidence: At) -> dict[str, object]:
    return {
        "assurance": presence.assurance.wire,
        "media": list(presence.media),
        "evidence_at": rfc3339(evidence.utc_s),
    }
