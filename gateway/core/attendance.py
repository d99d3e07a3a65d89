"""Attendance: each visitor reviewed when due: placed, missed, a visit begun or ended."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from gateway.core.closing import ClosingTime, is_open
from gateway.core.deadlines import Deadlines
from gateway.core.handovers import Handovers, impossible
from gateway.core.listening import Listening
from gateway.core.options import CoreOptions
from gateway.core.presence import Presences, Reason, Transition
from gateway.core.reactions import Reactions
from gateway.core.shop import Shop
from gateway.core.state import State
from gateway.core.stays import without
from gateway.core.timeline import next_grid_s
from gateway.core.visits import WAYS_OUT, Visits
from gateway.model.decision import Moment
from gateway.model.sighting import MemberToken, Sighting
from gateway.model.time import At, Now
from gateway.model.visit import EndCause, Presence, Visitor


class Attendance:
    """Presence, then visit, then the moments that they make, one subject at a time."""

    def __init__(
        self,
        state: State,
        listening: Listening,
        presences: Presences,
        visits: Visits,
        reactions: Reactions,
        options: CoreOptions,
    ) -> None:
        self._state = state
        self._listening = listening
        self._presences = presences
        self._visits = visits
        self._reactions = reactions
        self._options = options
        self._deadlines = Deadlines()
        self._handovers = Handovers()
        self._closing = ClosingTime(options.closing_grace_s)

    @property
    def deadline_s(self) -> float | None:
        """When the next visitor is due, or the shop closes on somebody (monotonic s)."""
        earliest_s = self._deadlines.earliest_s
        if not self._state.visits or self._closing.deadline_s == float("inf"):
            return earliest_s
        return min(self._closing.deadline_s, float("inf") if earliest_s is None else earliest_s)

    def expect(self, subject: str, now: Now) -> None:
        """There is new evidence of `subject`: review it at the next grid instant at which it is whole."""
        if not self._deadlines.settles(subject):
            self._deadlines.heard(subject, now.mono_s, self._presences.whole_s(subject))

    def hear(
        self, visitor: Visitor, heard: Iterable[tuple[str, float]], sighting: Sighting, shop: Shop, now: Now
    ) -> None:
        """Take in radio evidence of a visitor, as (anchor, dBm); the phone of another may have been handed on to it."""
        then = now.ago(sighting.age_s)
        if sighting.address is not None and isinstance(sighting.token, MemberToken):
            if self._handovers.late(sighting.address, visitor.subject, then.mono_s):
                return
            self._hand_on(self._handovers.hear(sighting.address, visitor.subject, then.mono_s), shop, now)
        heard = tuple(heard)
        self._presences.hear(visitor, heard, sighting.medium, then)
        if sighting.age_s:
            self._visits.date_back(self._state.presences[visitor.subject], heard, At.of(then), shop)
        self.expect(visitor.subject, now)

    def lasts(self, then: Now, now: Now) -> bool:
        """Whether who was here `then` may be so still: no longer ago than a visit may be silent."""
        return now.mono_s - then.mono_s <= self._options.visit_gap_s

    def begin(self, now: Now) -> None:
        """Review everybody anew, by this boot's clock."""
        self._deadlines = Deadlines()
        self.expect_all(now)

    def expect_all(self, now: Now) -> None:
        """Review everybody at the next grid instant: the receivers changed, or the gateway began."""
        for subject in self._state.presences:
            self._deadlines.heard(subject, now.mono_s)

    def review_due(self, shop: Shop, now: Now) -> None:
        """End the visits of a day that is over, and review who is due."""
        self._close(shop, now)
        for subject in self._deadlines.due(now.mono_s):
            if subject in self._state.presences:
                self.review(subject, shop, now)

    def review(self, subject: str, shop: Shop, now: Now) -> None:
        """Place the visitor by the evidence, or find it gone; then see whether the visit is over."""
        transitions = self._presences.decide(subject, shop, self._reactions.dwell_marks_s)
        if self._state.presences[subject].stayed_on and is_open(shop, now.utc_s):
            self._state.save(replace(self._state.presences[subject], stayed_on=False))
        if impossible(transitions, shop) and self._long_enough(subject):
            transitions = self._split(transitions, shop, now)
        self._visits.witness(subject, now)
        self._tell(transitions, shop, now)
        self._tell(self._presences.expire(subject, now), shop, now)
        presence = self._state.presences[subject]
        if presence.visit is not None and now.mono_s >= self._visit_ends_s(presence, shop):
            self._visits.end(presence, self._cause(presence, shop), shop, now)
        self._settle(subject, shop, now)

    def dismiss(self, presence: Presence, reason: Reason, cause: EndCause, shop: Shop, now: Now) -> None:
        """End a presence and its visit at the last evidence, for a reason that is not its own: nobody reacts to it."""
        subject = presence.subject
        if presence.zone is not None:
            self._visits.follow(self._presences.leave(presence, presence.seen, reason), shop, now)
        self._visits.end(self._state.presences[subject], cause, shop, now)
        self._presences.forget(self._state.presences[subject])

    def break_off(self, shop: Shop, now: Now) -> None:
        """Nobody knows for how long the gateway was away, or it was for too long: every visit is over."""
        for presence in list(self._state.presences.values()):
            self.dismiss(presence, "restart", "restart", shop, now)

    def keep(self, recognises: Callable[[str], bool], shop: Shop, now: Now) -> None:
        """The members changed: who is recognised (by handle) no more is followed no more."""
        for presence in list(self._state.presences.values()):
            if presence.kind == "member" and not recognises(presence.subject[2:]):
                self.dismiss(presence, "consent", "consent", shop, now)

    def forget_addresses(self, now: Now) -> None:
        """Forget by which address a member was heard long ago."""
        self._handovers.forget(now.mono_s)

    def forget(self, subject: str) -> None:
        """Nobody is to know any more by which address this member was heard."""
        self._handovers.forget_subject(subject)

    def use(self, shop: Shop, now: Now) -> None:
        """The zones are of this floor plan now; who was in one that is no more is placed anew by the next evidence.

        One that became sensitive is no more for members, nor in the records of their visits.
        """
        for presence in list(self._state.presences.values()):
            unsaid = presence.kind == "member" and presence.zone in shop.sensitive
            if presence.zone is not None and (unsaid or presence.zone not in shop.plan.zones):
                left = replace(presence, anchors=(), unsaid=True) if unsaid else presence
                self._visits.follow(self._presences.leave(left, left.seen, "floorplan"), shop, now)
                self._settle(presence.subject, shop, now)
        for visit in list(self._state.visits.values()):
            kept = without(visit, shop.sensitive)
            if visit.kind == "member" and kept != visit:
                self._state.save(kept)

    def _hand_on(self, subject: str | None, shop: Shop, now: Now) -> None:
        presence = self._state.presences.get(subject or "")
        if presence is not None:
            self.dismiss(presence, "handover", "handover", shop, now)

    def _close(self, shop: Shop, now: Now) -> None:
        """Closing time ends the visits that began before it; who stays on begins none until the shop opens."""
        closed_utc_s = self._closing.passed(shop, now)
        if closed_utc_s is None:
            return
        for visit in list(self._state.visits.values()):
            presence = self._state.presences[visit.subject]
            if visit.started.utc_s < closed_utc_s:
                self._visits.end(presence, "closing", shop, now)
                self._state.save(replace(self._state.presences[visit.subject], stayed_on=True))
                self._settle(visit.subject, shop, now)

    def _long_enough(self, subject: str) -> bool:
        """Whether a visit lasts for so long that a leap is a phone handed on, not one member's two phones in turn."""
        presence = self._state.presences[subject]
        visit = self._state.visits.get(presence.visit or "")
        return visit is not None and presence.seen.mono_s - visit.started.mono_s >= self._options.visit_gap_s

    def _split(self, transitions: list[Transition], shop: Shop, now: Now) -> list[Transition]:
        """End the visit where it was last told, and begin another where the evidence goes on; what is left to tell."""
        left, *rest = transitions
        presence = self._state.presences[left.presence.subject]
        until = left.presence.placed or left.presence.since
        dwell_s = round(until.mono_s - left.presence.since.mono_s, 3)
        self._visits.follow(replace(left, at=until, reason="handover", dwell_s=dwell_s), shop, now)
        self._visits.end(replace(presence, indoors=until), "handover", shop, now)
        self._state.save(replace(presence, visit=None))
        self._visits.witness(presence.subject, now, split_at=until)
        return rest

    def _tell(self, transitions: list[Transition], shop: Shop, now: Now) -> None:
        for transition in transitions:
            self._visits.follow(transition, shop, now)
            presence = self._state.presences[transition.presence.subject]
            moment = Moment(
                kind=f"zone_{transition.kind}",
                at=transition.at,
                subject=presence.subject,
                visit=None if transition.zone in shop.outside else presence.visit,
                zone=transition.zone,
                assurance=presence.assurance,
                dwell_s=transition.dwell_s if transition.kind == "dwelled" else None,
            )
            self._reactions.consider(moment, now)

    def _settle(self, subject: str, shop: Shop, now: Now) -> None:
        """Forget who is gone, or set the next deadline."""
        presence = self._state.presences[subject]
        if presence.zone is None and presence.visit is None and not self._lingers(presence, now):
            self._presences.forget(presence)
        else:
            self._deadlines.set(subject, max(self._next_s(presence, shop), next_grid_s(now.mono_s)))

    def _next_s(self, presence: Presence, shop: Shop) -> float:
        times = []
        if presence.zone is not None:
            times.append(self._presences.expires_s(presence))
        if presence.visit is not None:
            times.append(self._visit_ends_s(presence, shop))
        if presence.stayed_on:
            times.append(presence.seen.mono_s + self._options.visit_gap_s)
        return min(times)

    def _lingers(self, presence: Presence, now: Now) -> bool:
        """Whether somebody who stayed on may still be there."""
        return presence.stayed_on and now.mono_s < presence.seen.mono_s + self._options.visit_gap_s

    def _visit_ends_s(self, presence: Presence, shop: Shop) -> float:
        """When a visit is over unless evidence comes (monotonic s); never while its visitor is in one of its zones."""
        if presence.indoors is None or (presence.zone is not None and presence.zone not in shop.outside):
            return float("inf")
        gap_s = self._options.visit_gap_of_s(shop.zone_kind(self._visits.last_zone(presence)))
        return self._listening.silence_ends_s(presence.anchors, presence.indoors.mono_s, gap_s)

    def _cause(self, presence: Presence, shop: Shop) -> EndCause:
        if self._listening.deaf(presence.anchors):
            return "receiver_lost"
        return "left" if shop.zone_kind(self._visits.last_zone(presence)) in WAYS_OUT else "silent"
