"""Reactions: a moment becomes decisions, counted, and told upstream."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from gateway.core.desk.help import STAFF, HelpRequests
from gateway.core.events import Emitter
from gateway.core.evidence import vouched
from gateway.core.identity import Identity
from gateway.core.offers.decide import decide
from gateway.core.offers.exposure import exposed
from gateway.core.offers.snapshot import Snapshot
from gateway.core.offers.sticky import bucket, unit_of
from gateway.core.stale_exposures import StaleExposures
from gateway.core.state import State
from gateway.model.decision import Decision, Exposure, Moment, Offered, Withheld
from gateway.model.documents import Campaigns, FloorPlan, Member
from gateway.model.feeds import Stock
from gateway.model.time import Now

NOTHING_COUNTED: Final[dict[str, Exposure]] = {}


class Reactions:
    """Decides about moments with the campaigns in use; what was decided waits until `drain`."""

    def __init__(self, state: State, emitter: Emitter, identity: Identity, requests: HelpRequests) -> None:
        self._state = state
        self._emitter = emitter
        self._identity = identity
        self._help = requests
        self._campaigns: Campaigns | None = None
        self._snapshot: Snapshot | None = None
        self._store = ""
        self._stale = StaleExposures(state)
        self._decisions: list[Decision] = []

    @property
    def dwell_marks_s(self) -> tuple[float, ...]:
        """The dwell times (seconds) at which some campaign fires."""
        return self._snapshot.index.dwell_marks_s if self._snapshot else ()

    def use(self, campaigns: Campaigns | None, plan: FloorPlan, now: Now) -> None:
        """Take these campaigns (None = keep the present ones) for the shop of `plan`."""
        self._campaigns = campaigns or self._campaigns
        if self._campaigns is None:
            return
        self._snapshot = Snapshot.of(self._campaigns, plan)
        self._store = plan.store
        self._stale.begin()
        self._stale.forget_some(self._snapshot.index.live, now)

    def consider(self, moment: Moment, now: Now) -> tuple[Decision, ...]:
        """Decide about `moment`: count each offer, tell it, and tell each refusal once a visit, campaign and reason."""
        if self._snapshot is None or moment.subject is None:
            return ()
        self._stale.forget_some(self._snapshot.index.live, now)
        counted = self._state.exposures.get(moment.subject, NOTHING_COUNTED)
        decisions = decide(
            self._snapshot,
            moment,
            self._member(moment.subject),
            counted,
            self._snapshot.groups_used(moment.visit, counted),
            now,
            self._state.offers_made.__getitem__,
            self._in_stock,
        )
        self._tell(decisions, counted, self._snapshot.local_day(now), now)
        self._decisions += decisions
        for decision in decisions:
            if isinstance(decision, Offered) and decision.channel == STAFF:
                self._help.summon(decision, moment, now)
        return decisions

    def held_out(self, member: Member) -> bool | None:
        """Whether campaigns say nothing to the member, so that what they do can be measured; None without any."""
        if self._campaigns is None:
            return None
        salt, share = self._campaigns.holdout_salt, self._campaigns.holdout_per_10000
        return bucket(salt, unit_of(f"m.{member.handle}", member)) < share

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

    def _in_stock(self, product: str) -> int | None:
        row = self._state.rows["stock"].get((product, self._store))
        return row.quantity if isinstance(row, Stock) else None

    def _tell(self, decisions: Sequence[Decision], counted: Mapping[str, Exposure], day: str, now: Now) -> None:
        withheld: list[Withheld] = []
        for decision in decisions:
            if isinstance(decision, Offered):
                unproven = not vouched(self._state.presences.get(decision.subject))
                self._state.save(replace(exposed(counted.get(decision.campaign), decision, day), unproven=unproven))
                self._emitter.emit("offer.made", now, decision.at, _made(decision), decision.subject)
            else:
                withheld.append(decision)
        self._tell_withheld(withheld, now)

    def _tell_withheld(self, withheld: Sequence[Withheld], now: Now) -> None:
        """All are of one moment, so of one visit: what was told in it is saved once.

        A visit that is over has one such moment more, its end.
        """
        if not withheld or withheld[0].visit is None:
            return
        visit = self._state.visits.get(withheld[0].visit)
        told = visit.told if visit is not None else frozenset()
        news = [each for each in withheld if (each.campaign, each.reason) not in told]
        for each in news:
            self._emitter.emit("offer.withheld", now, each.at, _withheld(each), each.subject)
        if news and visit is not None:
            self._state.save(replace(visit, told=visit.told.union((each.campaign, each.reason) for each in news)))


def _made(offered: Offered) -> dict[str, object]:
    return {
        "visit": offered.visit,
        "campaign": offered.campaign,
        "variant": offered.variant,
        "content": offered.content,
        "language": offered.language,
        "channel": offered.channel,
        "moment": offered.moment,
    }


def _withheld(withheld: Withheld) -> dict[str, object]:
    return {
        "visit": withheld.visit,
        "campaign": withheld.campaign,
        "moment": withheld.moment,
        "reason": withheld.reason,
        "would_have_shown": withheld.would_have_shown,
    }
