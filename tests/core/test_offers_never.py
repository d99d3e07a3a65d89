"""What is never broken, whatever happens: every limit judged anew from a log of what was offered."""

import os
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.offers.decide import decide
from gateway.core.offers.exposure import exposed
from gateway.core.offers.snapshot import Snapshot
from gateway.core.offers.sticky import bucket
from gateway.model.decision import Exposure, Moment, Offered
from gateway.model.documents import Campaign, Campaigns, Cap, Follows, Lease, Member, Trigger, Variant
from gateway.model.time import At, Now
from gateway.model.visit import Assurance
from tests.core.offers import CONTENT, NOON, PLAN

HISTORIES: Final = 1_000_000 if os.environ.get("PROXIMITY_TEST_COUNTS") == "full" else 2_000
HANDLES: Final = ("a", "b", "c")
ZONE_NAMES: Final = ("door", "shoes", "coats")
PARIS: Final = ZoneInfo("Europe/Paris")
CAPS: Final = (Cap("member", 1, "day"), Cap("member", 2), Cap("visit", 1), Cap("member", 3, "day"))
CATEGORY_CAPS: Final = tuple(replace(cap, category="shoes") for cap in CAPS)


def some_campaign(dice: Random, number: int) -> Campaign:
    return Campaign(
        id=f"c{number}",
        trigger=Trigger("zone_entered", zone=dice.choice((None, None, "shoes"))),
        variants=(Variant("a", 1, "hello"), Variant("b", 1, "other")),
        purpose=dice.choice(("offers", "offers", "retarget")),
        min_assurance=dice.choice((Assurance.CLAIMED, Assurance.CLAIMED, Assurance.PROXIMATE)),
        priority=dice.randrange(3),
        category=dice.choice((None, "shoes")),
        exclusive_group=dice.choice((None, None, "g")),
        caps=tuple(dice.sample(CAPS, dice.randrange(2))),
        cooldown_s=dice.choice((None, 600.0, 90_000.0)),
        follows=dice.choice((None, None, None, Follows("c0"), Follows("c0", 900.0))),
        quiet_hours=dice.choice(({}, {"app": ("20:00", "09:00")}, {"app": ("12:00", "15:00")})),
        lease=dice.choice((None, Lease(3), Lease(5, NOON + 20_000.0))),
        control_per_10000=dice.choice((0, 3000)),
    )


def some_member(dice: Random, handle: str) -> Member:
    purposes = frozenset(dice.sample(("offers", "offers", "retarget"), 2))
    contacts = {"2026-01-05": dice.randrange(4)}
    return Member(
        handle, purposes=purposes, minor=dice.random() < 0.1, units={"brand": dice.randrange(99)}, contacts=contacts
    )


@dataclass
class History:
    """One shop for some days; the log holds (time, visit, campaign) by member."""

    dice: Random
    log: dict[str, list[tuple[float, str, Campaign]]] = field(default_factory=lambda: defaultdict(list))
    exposures: dict[str, dict[str, Exposure]] = field(default_factory=lambda: defaultdict(dict))

    def __post_init__(self) -> None:
        campaigns = [some_campaign(self.dice, number) for number in range(self.dice.randint(1, 6))]
        self.document = Campaigns(
            serial=1,
            campaigns=tuple(campaigns),
            content=CONTENT,
            holdout_salt="2026",
            holdout_per_10000=self.dice.choice((0, 2000)),
            caps=tuple(self.dice.sample((*CAPS, *CATEGORY_CAPS), self.dice.randrange(3))),
            contacts_per_day=self.dice.choice((None, 2, 4)),
        )
        self.campaigns = {campaign.id: campaign for campaign in campaigns}
        self.snapshot = Snapshot.of(self.document, PLAN)
        self.members = {handle: some_member(self.dice, handle) for handle in HANDLES}
        self.visits = dict.fromkeys(HANDLES, 0)

    def play(self) -> None:
        utc_s = NOON
        for _ in range(self.dice.randint(1, 60)):
            utc_s += self.dice.choice((1.0, 1.0, 60.0, 1000.0, 20_000.0))
            handle = self.dice.choice(HANDLES)
            self.visits[handle] += self.dice.random() < 0.3
            visit = f"v.{handle}{self.visits[handle]}"
            assurance = self.dice.choice(tuple(Assurance))
            at = Moment("zone_entered", At(0.0, utc_s), f"m.{handle}", visit, self.dice.choice(ZONE_NAMES), assurance)
            self.step(at, self.members[handle], Now(0.0, utc_s, "synced", "boot"))

    def step(self, moment: Moment, member: Member, now: Now) -> None:
        counted = self.exposures[member.handle]
        used = self.snapshot.groups_used(moment.visit, counted)
        for decision in decide(self.snapshot, moment, member, counted, used, now, self.spent):
            if not isinstance(decision, Offered):
                continue
            campaign = self.campaigns[decision.campaign]
            self.check_alone(campaign, member, moment, decision)
            counted[campaign.id] = exposed(counted.get(campaign.id), decision, self.snapshot.local_day(now))
            self.log[member.handle].append((now.utc_s, moment.visit or "", campaign))
            self.check_together(campaign, member)

    def spent(self, campaign: str) -> int:
        return sum(made.id == campaign for of_member in self.log.values() for _, _, made in of_member)

    def check_alone(self, campaign: Campaign, member: Member, moment: Moment, offer: Offered) -> None:
        """What the offer must be in itself, before it counts."""
        unit, utc_s = str(member.units["brand"]), moment.at.utc_s
        assert campaign.purpose in member.purposes
        assert not member.minor
        assert moment.assurance >= campaign.min_assurance
        assert bucket("2026", unit) >= self.document.holdout_per_10000
        assert bucket(f"{campaign.id}:control", unit) >= campaign.control_per_10000
        assert offer.channel in campaign.channels
        begins, ends = campaign.quiet_hours.get(offer.channel, ("24:00", "24:00"))
        clock = f"{datetime.fromtimestamp(utc_s, UTC).astimezone(PARIS):%H:%M}"
        assert not (begins <= clock < ends if begins <= ends else clock >= begins or clock < ends)
        before = self.log[member.handle]
        if campaign.cooldown_s is not None:
            assert all(utc_s - at_s >= campaign.cooldown_s for at_s, _, made in before if made.id == campaign.id)
        if campaign.follows is not None:
            first = [(at_s, visit) for at_s, visit, made in before if made.id == campaign.follows.after]
            within_s = campaign.follows.within_s
            assert any(visit == moment.visit if within_s is None else utc_s - at_s <= within_s for at_s, visit in first)
        if campaign.lease is not None and campaign.lease.until_utc_s is not None:
            assert utc_s < campaign.lease.until_utc_s

    def check_together(self, campaign: Campaign, member: Member) -> None:
        """What all offers so far must be together, the last one included."""
        of_member = self.log[member.handle]
        for cap in campaign.caps:
            assert self.counted(cap, [each for each in of_member if each[2].id == campaign.id]) <= cap.max
        for cap in self.document.caps:
            if cap.category in {None, campaign.category}:
                same = [each for each in of_member if cap.category in {None, each[2].category}]
                assert self.counted(cap, same) <= cap.max
        if campaign.lease is not None:
            assert self.spent(campaign.id) <= campaign.lease.offers
        if campaign.exclusive_group is not None:
            last = of_member[-1][1]
            assert sum(visit == last and each.exclusive_group == "g" for _, visit, each in of_member) == 1
        if self.document.contacts_per_day is not None:
            today = self.counted(Cap("member", 0, "day"), of_member)
            elsewhere = member.contacts.get(_date(of_member[-1][0]), 0)
            assert today + elsewhere <= self.document.contacts_per_day

    def counted(self, cap: Cap, offers: list[tuple[float, str, Campaign]]) -> int:
        last_s, last_visit, _ = offers[-1]
        if cap.scope == "visit":
            return sum(visit == last_visit for _, visit, _ in offers)
        return len(offers) if cap.per == "ever" else sum(_date(at_s) == _date(last_s) for at_s, _, _ in offers)


def _date(utc_s: float) -> str:
    return datetime.fromtimestamp(utc_s, UTC).astimezone(PARIS).date().isoformat()


@pytest.mark.slow
@settings(deadline=None, max_examples=HISTORIES)
@given(st.integers(0, (1 << 64) - 1))
def test_no_history_breaks_a_limit(seed: int) -> None:
    History(Random(seed)).play()
