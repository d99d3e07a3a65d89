"""Reactions: a moment becomes decisions, counted, and told upstream."""

from collections import Counter
from dataclasses import replace

from gateway.core.events import Emitter
from gateway.core.identity import Identity
from gateway.core.offers.decide import decide
from gateway.core.offers.exposure import exposed
from gateway.core.offers.snapshot import Snapshot
from gateway.core.state import State
from gateway.model.decision import Decision, Exposure, Moment, Offered, Withheld
from gateway.model.documents import Campaigns, FloorPlan, Member
from gateway.model.time import Now

FORGET_AFTER_S = 30 * 86_400.0
"""The count of a campaign that no document holds any more is kept for this long after its last offer (seconds)."""


class Reactions:
    """Decides about moments with the campaigns in use; what was decided waits until `drain`."""

    def __init__(self, state: State, emitter: Emitter, identity: Identity) -> None:
        self._state = state
        self._emitter = emitter
        self._identity = identity
        self._campaigns: Campaigns | None = None
        self._snapshot: Snapshot | None = None
        self._spent: Counter[str] = Counter()
        self._decisions: list[Decision] = []

    @property
    def dwell_marks_s(self) -> tuple[float, ...]:
        """The dwell times (seconds) at which some campaign fires."""
        return self._snapshot.dwell_marks_s if self._snapshot else ()

    def use(self, campaigns: Campaigns | None, plan: FloorPlan, now: Now) -> None:
        """Take these campaigns (None = keep the present ones) for the shop of `plan`."""
        self._campaigns = campaigns or self._campaigns
        if self._campaigns is None:
            return
        self._snapshot = Snapshot.of(self._campaigns, plan)
        self._spent = Counter()
        live = {campaign.id for campaign in self._campaigns.campaigns}
        for of_subject in list(self._state.exposures.values()):
            for exposure in list(of_subject.values()):
                self._spent[exposure.campaign] += exposure.total
                if exposure.campaign not in live and now.utc_s - exposure.last.utc_s > FORGET_AFTER_S:
                    self._state.forget_exposure(exposure)

    def consider(self, moment: Moment, now: Now) -> tuple[Decision, ...]:
        """Decide about `moment`: count each offer, tell it, and tell each refusal once a visit, campaign and reason."""
        if self._snapshot is None or moment.subject is None:
            return ()
        counted = self._state.exposures.get(moment.subject, {})
        decisions = decide(
            self._snapshot,
            moment,
            self._member(moment.subject),
            counted.get,
            self._snapshot.groups_used(moment.visit, counted.get),
            now,
            self._spent.__getitem__,
        )
        for decision in decisions:
            if isinstance(decision, Offered):
                self._made(decision, counted.get(decision.campaign), self._snapshot.local_day(now), now)
            else:
                self._withheld(decision, now)
        self._decisions += decisions
        return decisions

    def drain(self) -> tuple[Decision, ...]:
        """The decisions since the last call, in order."""
        decisions = tuple(self._decisions)
        self._decisions.clear()
        return decisions

    def _member(self, subject: str) -> Member | None:
        """The member as the document has it; one whom it no longer has agreed to nothing."""
        if self._identity.members is None:
            return None
        handle = subject.removeprefix("m.")
        return self._identity.member(handle) or Member(handle)

    def _made(self, offered: Offered, previous: Exposure | None, day: str, now: Now) -> None:
        self._state.save(exposed(previous, offered, day))
        self._spent[offered.campaign] += 1
        data = {
            "visit": offered.visit,
            "campaign": offered.campaign,
            "variant": offered.variant,
            "content": offered.content,
            "language": offered.language,
            "channel": offered.channel,
            "moment": offered.moment,
        }
        self._emitter.emit("offer.made", now, offered.at, data, offered.subject)

    def _withheld(self, withheld: Withheld, now: Now) -> None:
        visit = self._state.visits.get(withheld.visit) if withheld.visit is not None else None
        told = (withheld.campaign, withheld.reason)
        if visit is None or told in visit.told:
            return
        self._state.save(replace(visit, told=visit.told | {told}))
        data = {
            "visit": withheld.visit,
            "campaign": withheld.campaign,
            "moment": withheld.moment,
            "reason": withheld.reason,
            "would_have_shown": withheld.would_have_shown,
        }
        self._emitter.emit("offer.withheld", now, withheld.at, data, withheld.subject)
