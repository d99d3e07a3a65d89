"""Attendance: each visitor reviewed when due: placed, missed, a visit begun or ended."""

from gateway.core.deadlines import Deadlines
from gateway.core.listening import Listening
from gateway.core.options import CoreOptions
from gateway.core.presence import Presences, Reason, Transition
from gateway.core.reactions import Reactions
from gateway.core.shop import Shop
from gateway.core.state import State
from gateway.core.timeline import next_grid_s
from gateway.core.visits import Visits
from gateway.model.decision import Moment
from gateway.model.time import Now
from gateway.model.visit import EndCause, Presence

WAYS_OUT = frozenset({"entrance", "storefront"})
"""Whoever was last in a zone of these kinds left; elsewhere one only fell silent."""


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

    @property
    def deadline_s(self) -> float | None:
        """When the next visitor is due (monotonic s)."""
        return self._deadlines.earliest_s

    def expect(self, subject: str, now: Now) -> None:
        """There is new evidence of `subject`: review it at the next grid instant at which it is whole."""
        self._deadlines.heard(subject, now.mono_s, self._presences.whole_s(subject))

    def begin(self, now: Now) -> None:
        """Review everybody anew, by this boot's clock."""
        self._deadlines = Deadlines()
        self.expect_all(now)

    def expect_all(self, now: Now) -> None:
        """Review everybody at the next grid instant: the receivers changed, or the gateway began."""
        for subject in self._state.presences:
            self._deadlines.heard(subject, now.mono_s)

    def review_due(self, shop: Shop, now: Now) -> None:
        """Review who is due."""
        for subject in self._deadlines.due(now.mono_s):
            if subject in self._state.presences:
                self.review(subject, shop, now)

    def review(self, subject: str, shop: Shop, now: Now) -> None:
        """Place the visitor by the evidence, or find it gone; then see whether the visit is over."""
        marks_s = tuple(sorted({*self._options.dwell_marks_s, *self._reactions.dwell_marks_s}))
        transitions = self._presences.decide(subject, shop, marks_s)
        self._visits.witness(subject, now)
        self._tell(transitions, shop, now)
        self._tell(self._presences.expire(subject, now), shop, now)
        presence = self._state.presences[subject]
        if presence.visit is not None and now.mono_s >= self._visit_ends_s(presence, shop):
            self._visits.end(presence, self._cause(presence, shop), now)
        self._settle(subject, shop, now)

    def dismiss(self, presence: Presence, reason: Reason, cause: EndCause, shop: Shop, now: Now) -> None:
        """End a presence and its visit at the last evidence, for a reason that is not its own: nobody reacts to it."""
        subject = presence.subject
        if presence.zone is not None:
            self._visits.follow(self._presences.leave(presence, presence.seen, reason), shop, now)
        self._visits.end(self._state.presences[subject], cause, now)
        self._presences.forget(self._state.presences[subject])

    def vacate(self, presence: Presence, shop: Shop, now: Now) -> None:
        """The zone a visitor was in is no more; the next evidence places it anew."""
        self._visits.follow(self._presences.leave(presence, presence.seen, "floorplan"), shop, now)
        self._settle(presence.subject, shop, now)

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
        if presence.zone is None and presence.visit is None:
            self._presences.forget(presence)
        else:
            self._deadlines.set(subject, max(self._next_s(presence, shop), next_grid_s(now.mono_s)))

    def _next_s(self, presence: Presence, shop: Shop) -> float:
        times = []
        if presence.zone is not None:
            times.append(self._presences.expires_s(presence))
        if presence.visit is not None:
            times.append(self._visit_ends_s(presence, shop))
        return min(times)

    def _visit_ends_s(self, presence: Presence, shop: Shop) -> float:
        """When a visit is over unless evidence comes (monotonic s); never while its visitor is in one of its zones."""
        if presence.indoors is None or (presence.zone is not None and presence.zone not in shop.outside):
            return float("inf")
        seen_s = presence.indoors.mono_s
        return self._listening.silence_ends_s(presence.anchors, seen_s, self._options.visit_gap_s)

    def _cause(self, presence: Presence, shop: Shop) -> EndCause:
        if self._listening.deaf(presence.anchors):
            return "receiver_lost"
        visit = self._state.visits.get(presence.visit or "")
        last = presence.zone or (visit.zones[-1].zone if visit is not None and visit.zones else None)
        return "left" if shop.zone_kind(last) in WAYS_OUT else "silent"
