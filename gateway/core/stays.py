"""Stays: what a visit's record keeps of the zones that it led through, and how long it was in each."""

from dataclasses import replace
from typing import Final

from gateway.core.presence import Transition
from gateway.core.shop import ENTRANCE, Shop
from gateway.model.time import At, rfc3339
from gateway.model.visit import Visit, ZoneStay

ZONES_KEPT: Final = 64
"""A visit's record lists this many latest stays: head office has all of them as events, and the record their sums."""


def with_transition(visit: Visit, transition: Transition, shop: Shop) -> Visit:
    """The visit's record after a transition in the shop."""
    zones, earlier = visit.zones, visit.earlier
    if transition.kind == "entered":
        zones = (*zones, ZoneStay(transition.zone, transition.at, confidence=transition.confidence))
        for stay in zones[:-ZONES_KEPT]:
            earlier = _added(earlier, stay.zone, _lasted_s(stay, transition.at))
        zones = zones[-ZONES_KEPT:]
    elif zones and zones[-1].until is None:
        zones = (*zones[:-1], _after(zones[-1], transition))
    presence = transition.presence
    return replace(
        visit,
        zones=zones,
        earlier=earlier,
        entered_by=_way_in(visit, transition, shop),
        seen=transition.at,
        media=presence.media,
        assurance=max(visit.assurance, presence.assurance),
    )


def without(visit: Visit, zones: frozenset[str]) -> Visit:
    """The visit's record without its stays in these zones, of which nothing may be told any more."""
    return replace(
        visit,
        zones=tuple(stay for stay in visit.zones if stay.zone not in zones),
        earlier=tuple(each for each in visit.earlier if each[0] not in zones),
        entered_by=None if visit.entered_by in zones else visit.entered_by,
    )


def listed(visit: Visit, ended: At) -> list[dict[str, object]]:
    """The stays of a visit that `ended`, in order; one that lasts ended with it."""
    return [
        {
            "zone": stay.zone,
            "from_at": rfc3339(stay.since.utc_s),
            "until_at": rfc3339((stay.until or ended).utc_s),
            "confidence": stay.confidence,
            "dwelled_s": list(stay.dwelled_s),
        }
        for stay in visit.zones
    ]


def dwell(visit: Visit, ended: At) -> list[dict[str, object]]:
    """How long a visit that `ended` was in each zone (seconds), in order of name."""
    sums = visit.earlier
    for stay in visit.zones:
        sums = _added(sums, stay.zone, _lasted_s(stay, ended))
    return [{"zone": zone, "dwell_s": dwell_s} for zone, dwell_s in sums]


def way_out(visit: Visit, shop: Shop) -> str | None:
    """An entrance that the visit's last stay is in."""
    last = visit.zones[-1].zone if visit.zones else None
    return last if shop.zone_kind(last) == ENTRANCE else None


def _after(stay: ZoneStay, transition: Transition) -> ZoneStay:
    """The stay that lasts, after its visitor left or reached a mark."""
    if transition.kind == "left":
        return replace(stay, until=transition.at)
    confidence = max(stay.confidence, transition.confidence)
    return replace(stay, confidence=confidence, dwelled_s=(*stay.dwelled_s, transition.dwell_s))


def _way_in(visit: Visit, transition: Transition, shop: Shop) -> str | None:
    """An entrance that the visit's first stay is in."""
    if visit.zones or visit.earlier or transition.kind != "entered":
        return visit.entered_by
    return transition.zone if shop.zone_kind(transition.zone) == ENTRANCE else visit.entered_by


def _lasted_s(stay: ZoneStay, ended: At) -> float:
    return max(0.0, (stay.until or ended).mono_s - stay.since.mono_s)


def _added(sums: tuple[tuple[str, float], ...], zone: str, seconds: float) -> tuple[tuple[str, float], ...]:
    by_zone = dict(sums)
    by_zone[zone] = round(by_zone.get(zone, 0.0) + seconds, 3)
    return tuple(sorted(by_zone.items()))
