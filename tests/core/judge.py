"""A judge of offers: every limit worked out anew, from a log of all offers and nothing that the gateway counts."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.core.offers.public_display import PUBLIC
from gateway.core.offers.sticky import bucket
from gateway.model.decision import Decision, Moment, Offered
from gateway.model.documents import PROSPECTING, Campaign, Cap, Member
from gateway.model.time import Now
from tests.core.histories import SALT, SHOP, Happening

PARIS: Final = ZoneInfo("Europe/Paris")
DAILY: Final = Cap("member", 0, "day")


@dataclass(frozen=True, slots=True)
class Made:
    """An offer that was made to a member, as its campaign was written then."""

    utc_s: float
    visit: str | None
    campaign: Campaign
    channel: str


@dataclass
class Judge:
    """Fails at the first offer that should not have been made. `offers` counts those that it saw."""

    offers: int = 0
    _log: defaultdict[str, list[Made]] = field(default_factory=lambda: defaultdict(list))

    def look(self, happening: Happening, decisions: Collection[Decision]) -> None:
        """Judge what was decided in one moment, in its order."""
        written = {campaign.id: campaign for campaign in happening.document.campaigns}
        at_once = sum(isinstance(each, Offered) for each in decisions)
        assert happening.document.at_once is None or at_once <= happening.document.at_once
        for offer in decisions:
            if isinstance(offer, Offered):
                campaign, member = written[offer.campaign], happening.member
                _may_be_spoken_to(campaign, member, happening, offer)
                _is_in_its_time(campaign, happening.moment, happening.now, offer)
                self._follows_what_was_said(campaign, member, happening.moment)
                made = Made(happening.now.utc_s, happening.moment.visit, campaign, offer.channel)
                self._log[member.handle].append(made)
                self._stays_within(campaign, happening)
                self._is_not_too_much_by_one_channel(happening, offer.channel)
                self.offers += 1

    def _follows_what_was_said(self, campaign: Campaign, member: Member, moment: Moment) -> None:
        before, utc_s = self._log[member.handle], moment.at.utc_s
        if campaign.cooldown_s is not None:
            assert all(utc_s - made.utc_s >= campaign.cooldown_s for made in before if made.campaign.id == campaign.id)
        if campaign.follows is not None:
            first = [made for made in before if made.campaign.id == campaign.follows.after]
            within_s = campaign.follows.within_s
            assert any(
                made.visit == moment.visit if within_s is None else utc_s - made.utc_s <= within_s for made in first
            )

    def _stays_within(self, campaign: Campaign, happening: Happening) -> None:
        """What all offers so far must be together, the last one included."""
        document, of_member = happening.document, self._log[happening.member.handle]
        same_campaign = [made for made in of_member if made.campaign.id == campaign.id]
        for cap in campaign.caps:
            assert _counted(cap, same_campaign) <= cap.max
        categories = {each.id: each.category for each in document.campaigns}
        same_category = [made for made in of_member if categories[made.campaign.id] == campaign.category]
        for cap in document.caps:
            if cap.category in {None, campaign.category}:
                assert _counted(cap, of_member if cap.category is None else same_category) <= cap.max
        if campaign.lease is not None:
            made = sum(each.campaign.id == campaign.id for log in self._log.values() for each in log)
            assert made <= campaign.lease.offers
        if campaign.exclusive_group is not None and happening.moment.visit is not None:
            groups = {each.id: each.exclusive_group for each in document.campaigns}
            same_visit = [made for made in of_member if made.visit == happening.moment.visit]
            assert sum(groups[made.campaign.id] == campaign.exclusive_group for made in same_visit) == 1
        if campaign.benefit is not None and happening.moment.visit is not None:
            written = {each.id: each for each in document.campaigns}
            giving = {made.campaign.id for made in of_member if made.visit == happening.moment.visit}
            giving = {name for name in giving if written[name].benefit is not None}
            assert len(giving) == 1 or not any(written[name].alone for name in giving)
        if document.contacts_per_day is not None:
            elsewhere = happening.member.contacts.get(_date(happening.now.utc_s), 0)
            assert _counted(DAILY, of_member) + elsewhere <= document.contacts_per_day

    def _is_not_too_much_by_one_channel(self, happening: Happening, channel: str) -> None:
        cap = happening.member.caps.get(channel)
        if cap is not None:
            by_it = [made for made in self._log[happening.member.handle] if made.channel == channel]
            assert happening.now.clock == "synced"
            assert _counted(DAILY, by_it) <= cap


def _may_be_spoken_to(campaign: Campaign, member: Member, happening: Happening, offer: Offered) -> None:
    moment, unit, zone = happening.moment, str(member.units["brand"]), SHOP.zones[happening.moment.zone or ""]
    assert not campaign.stopped
    assert not happening.document.stopped
    assert campaign.purpose in member.purposes
    assert not member.minor
    assert not zone.sensitive
    assert moment.assurance >= campaign.min_assurance
    assert not campaign.zones or zone.id in campaign.zones
    assert campaign.trigger.zone in {None, zone.id}
    assert not campaign.stores or SHOP.store in campaign.stores
    assert bucket(SALT, unit) >= happening.document.holdout_per_10000
    assert bucket(f"{campaign.id}:control", unit) >= campaign.control_per_10000
    assert offer.channel in campaign.channels
    assert offer.channel not in PROSPECTING or member.channels is None or offer.channel in member.channels
    if campaign.audience is not None:
        assert "sneakers" in member.segments
        assert offer.channel not in PUBLIC


def _is_in_its_time(campaign: Campaign, moment: Moment, now: Now, offer: Offered) -> None:
    clock = f"{_local(moment.at.utc_s):%H:%M}"
    quiet = campaign.quiet_hours.get(offer.channel)
    assert quiet is None or not _between(clock, *quiet)
    assert not campaign.schedule.dayparts or any(_between(clock, *part) for part in campaign.schedule.dayparts)
    if campaign.lease is not None and campaign.lease.until_utc_s is not None:
        assert now.clock == "synced"
        assert now.utc_s < campaign.lease.until_utc_s
    if now.clock == "unset":
        assert not campaign.quiet_hours
        assert not campaign.schedule.dayparts
        assert campaign.cooldown_s is None
        assert all(cap.per != "day" for cap in campaign.caps)


def _counted(cap: Cap, offers: list[Made]) -> int:
    """What a cap counts of `offers` at the last of them. Without a visit, a cap per visit counts the day."""
    last = offers[-1]
    if cap.scope == "visit" and last.visit is not None:
        return sum(made.visit == last.visit for made in offers)
    if cap.scope == "member" and cap.per == "ever":
        return len(offers)
    return sum(_date(made.utc_s) == _date(last.utc_s) for made in offers)


def _between(clock: str, begins: str, ends: str) -> bool:
    return begins <= clock < ends if begins <= ends else clock >= begins or clock < ends


def _date(utc_s: float) -> str:
    return _local(utc_s).date().isoformat()


def _local(utc_s: float) -> datetime:
    return datetime.fromtimestamp(utc_s, UTC).astimezone(PARIS)
