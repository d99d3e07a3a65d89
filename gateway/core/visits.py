"""Visits: from first to last evidence in the shop, with the zones between, told as events."""

from dataclasses import replace

from gateway.core.events import Emitter
from gateway.core.presence import Transition
from gateway.core.shop import Shop
from gateway.core.state import State
from gateway.model.time import At, Now, rfc3339
from gateway.model.visit import EndCause, Presence, Visit, ZoneStay

ZONES_KEPT = 64
"""A visit's record keeps this many latest stays: head office has all of them as events."""


class Visits:
    """Starts, follows and ends visits. Being outside (storefront) neither starts nor prolongs one."""

    def __init__(self, state: State, emitter: Emitter) -> None:
        self._state = state
        self._emitter = emitter

    def witness(self, subject: str, now: Now) -> None:
        """Start a visit for a visitor who is in the shop and has none."""
        presence = self._state.presences[subject]
        if presence.visit is not None or presence.indoors is None:
            return
        visit = Visit(
            id=self._emitter.new_visit_id(),
            subject=subject,
            kind=presence.kind,
            started=presence.indoors,
            seen=presence.indoors,
            media=presence.media,
            assurance=presence.assurance,
        )
        self._state.save(visit)
        presence = replace(presence, visit=visit.id)
        self._state.save(presence)
        data = {"visit": visit.id, "zone": presence.zone, **_circumstances(presence, visit.started, now)}
        self._emitter.emit("visit.started", now, visit.started, data, subject)

    def follow(self, transition: Transition, shop: Shop, now: Now) -> None:
        """Write a transition into the visit and tell it."""
        presence = self._state.presences[transition.presence.subject]
        outside = transition.zone in shop.outside
        visit = self._visit(presence)
        if visit is not None and not outside:
            self._state.save(_with_stay(visit, transition))
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
        data |= _circumstances(presence, transition.at, now)
        self._emitter.emit(f"zone.{transition.kind}", now, transition.at, data, presence.subject)

    def end(self, presence: Presence, cause: EndCause, now: Now) -> None:
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
            "zones": [_stay(stay, ended) for stay in visit.zones],
            "cause": cause,
            **_circumstances(presence, ended, now),
        }
        self._emitter.emit("visit.ended", now, ended, data, visit.subject)
        self._state.forget_visit(visit)
        self._state.save(replace(presence, visit=None, indoors=None))

    def _visit(self, presence: Presence) -> Visit | None:
        return self._state.visits.get(presence.visit) if presence.visit is not None else None


def _circumstances(presence: Presence, evidence: At, now: Now) -> dict[str, object]:
    return {
        "assurance": presence.assurance.wire,
        "media": list(presence.media),
        "evidence_at": rfc3339(evidence.utc_s),
        "clock": now.clock,
    }


def _with_stay(visit: Visit, transition: Transition) -> Visit:
    """The visit's record after a transition in the shop."""
    presence = transition.presence
    zones = visit.zones
    if transition.kind == "entered":
        zones = (*zones, ZoneStay(transition.zone, transition.at))[-ZONES_KEPT:]
    elif transition.kind == "left" and zones and zones[-1].until is None:
        zones = (*zones[:-1], replace(zones[-1], until=transition.at))
    assurance = max(visit.assurance, presence.assurance)
    return replace(visit, zones=zones, seen=transition.at, media=presence.media, assurance=assurance)


def _stay(stay: ZoneStay, ended: At) -> dict[str, object]:
    until = stay.until or ended
    return {"zone": stay.zone, "from_at": rfc3339(stay.since.utc_s), "until_at": rfc3339(until.utc_s)}
