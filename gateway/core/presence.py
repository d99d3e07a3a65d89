"""Presence: which zone a visitor is in, decided once a grid instant from all that was heard since the last."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from gateway.core.estimation.best import best_way
from gateway.core.listening import Listening
from gateway.core.options import CoreOptions
from gateway.core.shop import Shop
from gateway.core.signal import SAME_PACKET_S, interval_after, spread_after
from gateway.core.state import State
from gateway.model.survey import Survey
from gateway.model.time import At, Now
from gateway.model.visit import Presence, Visitor

MAX_HEARD = 64
"""Evidence that waits for a decision, a visitor; with more the oldest is dropped, since it tells of the past."""

Reason = Literal["moved", "silent", "receiver_lost", "consent", "floorplan", "restart", "handover"]


@dataclass(frozen=True, slots=True)
class Transition:
    """A visitor entered, stayed in (`dwelled`) or left a zone; `at` is dated to the evidence, `since` to the entry."""

    kind: Literal["entered", "dwelled", "left"]
    presence: Presence
    zone: str
    at: At
    confidence: float
    reason: Reason | None = None
    dwell_s: float = 0.0


class Presences:
    """Keeps every visitor's presence in the state; where it is, the best way that the shop allows says."""

    def __init__(
        self, state: State, listening: Listening, options: CoreOptions, shop: Shop, survey: Survey | None = None
    ) -> None:
        self._state = state
        self._listening = listening
        self._options = options
        self._survey = survey
        self.surveyed = (
            frozenset(anchor for point in survey.points for anchor in point.heard) if survey else frozenset()
        )
        self.placing = best_way(shop, survey, options)

    def use(self, shop: Shop) -> None:
        """Judge by this floor plan from now on; what was remembered of places is of another."""
        self.placing = best_way(shop, self._survey, self._options)

    def hear(self, visitor: Visitor, heard: Iterable[tuple[str, float]], medium: str, now: Now) -> None:
        """Take in evidence as (anchor, dBm); `decide` judges it at the next grid instant."""
        at = At.of(now)
        presence = self._state.presences.get(visitor.subject)
        if presence is None:
            presence = Presence(visitor.subject, visitor.kind, None, since=at, seen=at)
        elif at.mono_s < presence.seen.mono_s:
            at = presence.seen  # a satellite tells later than others of the same moment
        longest_s = self._options.expiry_max_s
        packet, spread_s = _packet(presence, at)
        self._state.save(
            presence.after_evidence(
                at,
                interval_after(presence.interval_s, at.mono_s - presence.seen.mono_s, longest_s=longest_s),
                (*presence.heard, *heard)[-MAX_HEARD:],
                packet,
                spread_s,
                _with(presence.media, medium),
                max(presence.assurance, visitor.assurance),
            )
        )

    def whole_s(self, subject: str) -> float:
        """When all receivers should have told of the latest packet (monotonic s)."""
        presence = self._state.presences[subject]
        if presence.packet is None:
            return presence.seen.mono_s
        wait_s = SAME_PACKET_S if presence.spread_s is None else min(SAME_PACKET_S, 2 * presence.spread_s)
        return presence.packet.mono_s + wait_s

    def arrive(self, visitor: Visitor, medium: str, now: Now, heard: Iterable[tuple[str, float]] = ()) -> None:
        """The visitor is in the shop by their own word; where, `heard` says if anything does."""
        self.hear(visitor, heard, medium, now)
        presence = self._state.presences[visitor.subject]
        self._state.save(replace(presence, indoors=presence.seen))

    def decide(self, subject: str, shop: Shop, marks_s: Iterable[float] = ()) -> list[Transition]:
        """Place the visitor by what was heard since the last decision; dwell marks are made while evidence comes.

        `marks_s` are marks (seconds) beside those of the options.
        """
        before = self._state.presences[subject]
        placement = self.placing.place(before) if before.heard else None
        if placement is None:
            return []
        zone, seen = placement.zone, before.seen
        inside = zone not in shop.outside or (before.zone is not None and before.zone not in shop.outside)
        unsaid = before.kind == "member" and (zone in shop.sensitive or (before.unsaid and not placement.speaks))
        zone = None if unsaid else zone
        moved = zone != before.zone
        since, dwelled_s = (seen, ()) if moved else (before.since, before.dwelled_s)
        placed = seen if moved or placement.speaks else before.placed
        stayed_s = (placed or seen).mono_s - since.mono_s
        marks_s = {*self._options.dwell_marks_of_s(shop.zone_kind(zone)), *marks_s}
        due = tuple(mark for mark in sorted(marks_s) if mark <= stayed_s and mark not in dwelled_s)
        after = replace(
            before,
            zone=zone,
            since=since,
            heard=(),
            level_dbm=before.level_dbm if placement.level_dbm is None else round(placement.level_dbm, 1),
            anchors=(not unsaid and placement.anchors) or before.anchors,
            indoors=seen if inside else before.indoors,
            placed=placed,
            dwelled_s=dwelled_s + due,
            confidence=placement.confidence,
            unsaid=unsaid,
        )
        self._state.save(after)
        return _told(before, after, due)

    def expire(self, subject: str, now: Now) -> list[Transition]:
        """Leave the zone of a visitor that fell silent, unless a receiver that would hear it is down."""
        presence = self._state.presences[subject]
        if presence.zone is None or now.mono_s < self._soonest_s(presence) or now.mono_s < self.expires_s(presence):
            return []
        reason: Reason = "receiver_lost" if self._listening.deaf(presence.anchors) else "silent"
        return [self.leave(presence, presence.placed or presence.seen, reason)]

    def leave(self, presence: Presence, at: At, reason: Reason) -> Transition:
        """The visitor is in no zone from `at` on."""
        transition = _left(presence, at, reason, 1.0 if reason == "silent" else 0.5)
        self.placing.forget(presence.subject)
        self._state.save(replace(presence, zone=None, since=at, heard=(), level_dbm=None, placed=None, dwelled_s=()))
        return transition

    def expires_s(self, presence: Presence) -> float:
        """When silence becomes absence (monotonic s): all silence, or for longer that of the zone's own anchors."""
        placed = presence.placed or presence.seen
        return min(
            self._listening.silence_ends_s(presence.anchors, presence.seen.mono_s, self._expiry_s(presence)),
            self._listening.silence_ends_s(presence.anchors, placed.mono_s, self._options.expiry_max_s),
        )

    def forget_signals(self) -> None:
        """The levels in memory are dated by a clock that is no more."""
        self.placing.forget_all()

    def forget(self, presence: Presence) -> None:
        """Nothing is left to follow."""
        self.placing.forget(presence.subject)
        self._state.forget_presence(presence)

    def _soonest_s(self, presence: Presence) -> float:
        """What `expires_s` is where every receiver hears; a fault only adds to it."""
        placed = presence.placed or presence.seen
        return min(presence.seen.mono_s + self._expiry_s(presence), placed.mono_s + self._options.expiry_max_s)

    def _expiry_s(self, presence: Presence) -> float:
        """How long this transmitter may be silent (s), by its own interval."""
        options = self._options
        if presence.interval_s is None:
            return options.expiry_max_s / 2
        return min(options.expiry_max_s, max(options.expiry_min_s, options.expiry_intervals * presence.interval_s))


def _told(before: Presence, after: Presence, marks_s: Iterable[float]) -> list[Transition]:
    """What a decision changed, in order; the marks are made in the zone that it found."""
    transitions: list[Transition] = []
    zone, sure = after.zone, after.confidence
    if before.zone is not None and zone != before.zone:
        transitions.append(_left(before, before.seen, "moved", sure))
    if zone is not None and zone != before.zone:
        transitions.append(Transition("entered", after, zone, after.seen, sure))
    if zone is not None:
        placed = after.placed or after.seen
        transitions += [Transition("dwelled", after, zone, placed, sure, dwell_s=mark) for mark in marks_s]
    return transitions


def _left(presence: Presence, at: At, reason: Reason, sure: float) -> Transition:
    if presence.zone is None:
        msg = f"a visitor without a zone cannot leave one ({reason})"
        raise ValueError(msg)
    dwell_s = round(at.mono_s - presence.since.mono_s, 3)
    return Transition("left", presence, presence.zone, at, sure, reason, dwell_s)


def _packet(presence: Presence, at: At) -> tuple[At, float | None]:
    """When the packet that is heard `at` was first told of, and how far apart receivers tell of one."""
    first = presence.packet
    if first is None:
        return at, None
    if at.mono_s - first.mono_s < SAME_PACKET_S:
        return first, presence.spread_s
    return at, spread_after(presence.spread_s, presence.seen.mono_s - first.mono_s)


def _with(media: tuple[str, ...], medium: str) -> tuple[str, ...]:
    return media if medium in media else tuple(sorted((*media, medium)))
