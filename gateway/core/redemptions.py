"""Redemptions: whether a till may use an offer, each once, however often it asks and wherever it was cut off."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

from gateway.core.claims import Claim, Claims, unfit
from gateway.core.deadlines import Deadlines
from gateway.core.events import Emitter
from gateway.core.identity import Identity
from gateway.core.ids import redemption_id
from gateway.core.offers.open import open_until_utc_s
from gateway.core.savings import Savings
from gateway.core.shop import Shop
from gateway.core.state import State
from gateway.core.timeline import next_grid_s
from gateway.model.amount import NOTHING, exact, number_of
from gateway.model.decision import Exposure
from gateway.model.documents import Campaign, Campaigns
from gateway.model.redemptions import (
    CancelRedemption,
    CommitRedemption,
    Lock,
    LockAnswered,
    NotRedeemed,
    Redemption,
    RedemptionAsk,
    RedemptionState,
    Reserve,
)
from gateway.model.time import At, Now, rfc3339

HELD_S: Final = 900.0
"""A reserved redemption that nobody commits or cancels is held for this long (seconds)."""
KEPT_S: Final = 86_400.0
"""One that is over is kept for this long (seconds), so that a till that asks again gets the same answer."""
MOST_KEPT: Final = 100_000
"""Redemptions kept; while all of them are needed no further one is reserved."""
LOOKED_THROUGH: Final = 64
"""Redemptions looked through at each reservation, to forget those that are needed no more."""

_IN_USE: Final = frozenset[RedemptionState]({"reserved", "committed"})
_OVER: Final[Mapping[RedemptionState, str]] = {
    "committed": "It is spent already, which cannot be taken back.",
    "cancelled": "It was cancelled. Reserve anew, with a new key.",
    "expired": f"It was held for {HELD_S / 60:.0f} minutes and nobody committed it. Reserve anew, with a new key.",
}

_NOT_LOCKED: Final = NotRedeemed(
    "not_locked",
    "Head office has not said yet whether this coupon is still good. Try again in a moment, or take less off.",
)


class Redemptions:
    """Answers tills, and takes head office's word on coupons that are good once in all shops.

    A redemption's id follows from the till and its key, so a repeated request means the same one. An offer is good for
    one redemption; of a campaign whose benefit has the code `single_use` a member has one in all.
    """

    def __init__(self, state: State, emitter: Emitter, identity: Identity, claims: Claims, id_key: bytes) -> None:
        self._state = state
        self._emitter = emitter
        self._identity = identity
        self._claims = claims
        self._savings = Savings(state)
        self._key = id_key
        self._campaigns: Mapping[str, Campaign] = {}
        self._held = Deadlines()
        self._to_look_at: list[str] = []

    @property
    def deadline_s(self) -> float | None:
        """When the next reserved one expires (monotonic s)."""
        return self._held.earliest_s

    def use(self, campaigns: Campaigns) -> None:
        """These campaigns are in force."""
        running = () if campaigns.stopped else campaigns.campaigns
        self._campaigns = {campaign.id: campaign for campaign in running if not campaign.stopped}

    def begin(self, now: Now) -> None:
        """Go on by this boot's clock."""
        self._held = Deadlines()
        for redemption in self._state.redemptions.values():
            if redemption.state == "reserved":
                self._held.set(redemption.id, max(_held_until_s(redemption), next_grid_s(now.mono_s)))

    def take(self, ask: RedemptionAsk, shop: Shop, now: Now) -> Redemption | NotRedeemed:
        """Do what a till or head office asks, or say why not; the same again gives what it gave before."""
        if isinstance(ask, Reserve):
            return self._reserve(ask, shop, now)
        known = self._state.redemptions.get(ask.redemption)
        if known is None:
            return NotRedeemed("unknown", "There is no redemption of this id: reserve first.")
        if isinstance(ask, LockAnswered):
            return self._locked(known, ask.granted, now)
        return self._end(known, ask, now)

    def look(self, now: Now) -> None:
        """Give back what was held for too long."""
        for identity in self._held.due(now.mono_s):
            known = self._state.redemptions.get(identity)
            if known is None or known.state != "reserved":
                continue
            if _held_until_s(known) <= now.mono_s:
                self._give_back(known, "expired", "expired", now)
            else:
                self._held.set(identity, _held_until_s(known))

    def open_to(self, member: str, shop: Shop, now: Now) -> tuple[str, ...]:
        """The campaigns of which a till could reserve an offer of the member's (a handle) now, in order of id."""
        timezone, offered = ZoneInfo(shop.plan.timezone), sorted(self._state.exposures.get(f"m.{member}", {}))
        claims = (Claim(member, campaign) for campaign in offered)
        return tuple(claim.campaign for claim in claims if self._refusal(claim, timezone, now) is None)

    def forget(self, subject: str) -> int:
        """The subject is erased, and what it redeemed with it; how many redemptions went.

        That a coupon was used stays known, and not by whom.
        """
        redeemed = [self._state.redemptions[each] for each in sorted(self._state.redemptions_of.get(subject, ()))]
        for known in redeemed:
            if known.subject == subject:
                self._state.forget_redemption(known)
            else:
                self._state.save(replace(known, member=None))
        return len(redeemed)

    def _end(self, known: Redemption, ask: CommitRedemption | CancelRedemption, now: Now) -> Redemption | NotRedeemed:
        """The basket is paid, or came to nothing."""
        wanted: RedemptionState = "committed" if isinstance(ask, CommitRedemption) else "cancelled"
        if known.state == wanted:
            return known
        if known.state != "reserved":
            refused = NotRedeemed(known.state, _OVER[known.state])
            self._tell_refused(known.id, known.campaign, known.till, known.saver, refused, now)
            return refused
        if isinstance(ask, CancelRedemption):
            return self._give_back(known, "cancelled", "till", now)
        spent = replace(known, state="committed", value=known.value if ask.value is None else ask.value)
        provisional = known.lock == "asked"
        if provisional and not self._may_go_unlocked(spent):
            return _NOT_LOCKED
        facts = {"value": number_of(spent.value), "provisional": provisional, "coupon": spent.coupon}
        kept = self._now(spent, "redemption.committed", facts | {"cost": self._cost(spent)}, now)
        self._credit(kept, now)
        return kept

    def _reserve(self, ask: Reserve, shop: Shop, now: Now) -> Redemption | NotRedeemed:
        claim = self._claims.of(ask)
        if isinstance(claim, NotRedeemed):
            return claim
        identity, subject = redemption_id(self._key, ask.till, ask.key), claim.subject
        known = self._state.redemptions.get(identity)
        if known is not None:
            if (known.subject, known.campaign) == (subject, claim.campaign):
                return known
            return NotRedeemed("key_reused", "This key came with another member or campaign. Take a new one for each.")
        self._forget_some(now)
        saver = claim.saver if self._identity.recognises(claim.saver or "") else None
        refused = unfit(claim, shop.plan, now) or self._refusal(claim, ZoneInfo(shop.plan.timezone), now)
        refused = refused or self._claims.unproven(claim, shop.plan, now)
        if refused is not None:
            self._tell_refused(None, claim.campaign, ask.till, f"m.{saver}" if saver else None, refused, now)
            return refused
        lock: Lock | None = "asked" if claim.coupon is not None and claim.coupon.brand else None
        reserved = Redemption(identity, subject, claim.campaign, ask.till, "reserved", ask.value, At.of(now), lock)
        if claim.coupon is not None:
            personal = claim.coupon.personal
            until_utc_s = None if personal is None else personal.ends_utc_s
            named = None if subject == f"m.{saver}" else saver
            reserved = replace(reserved, member=named, coupon_until_utc_s=until_utc_s)
        self._held.set(identity, _held_until_s(reserved))
        until = rfc3339(held_until_utc_s(reserved))
        facts = {"value": number_of(ask.value), "until": until}
        kept = self._now(reserved, "redemption.reserved", facts, now)
        if claim.coupon is not None and lock is not None:
            data = {"redemption": identity, "campaign": claim.campaign, "till": ask.till, **facts}
            self._emitter.emit("redemption.lock_wanted", now, kept.since, data | {"coupon": claim.coupon.digest})
        return kept

    def _locked(self, known: Redemption, granted: bool, now: Now) -> Redemption:
        """Head office's word on a coupon. What is spent stays spent: what it cost is head office's to settle."""
        if known.lock != "asked":
            return known
        if granted:
            locked = replace(known, lock="granted")
            self._state.save(locked)
            return locked
        if known.state == "reserved":
            return self._give_back(known, "cancelled", "spent_elsewhere", now)
        if known.state == "committed":
            settled = replace(known, lock="refused")
            self._state.save(settled)
            facts = {"value": number_of(known.value), "cost": self._cost(known), "reason": "spent_elsewhere"}
            self._tell("redemption.rejected", settled, facts, now)
            return settled
        return known

    def _cost(self, spent: Redemption) -> float | None:
        campaign = self._campaigns.get(spent.campaign)
        return None if campaign is None else number_of(campaign.cost)

    def _credit(self, spent: Redemption, now: Now) -> None:
        """Points are told and savings counted of who is known, here and now."""
        if spent.saver is None or not self._identity.recognises(spent.saver.removeprefix("m.")):
            return
        campaign = self._campaigns.get(spent.campaign)
        points = None if campaign is None else points_of(campaign.benefit)
        if points is not None:
            self._tell("points.earned", spent, {"points": points}, now)
        self._savings.add(spent.saver, spent.value or NOTHING, exact(points or 0), now)

    def _may_go_unlocked(self, spent: Redemption) -> bool:
        """Whether so little is saved that it may be before head office says whether the coupon is good."""
        campaign = self._campaigns.get(spent.campaign)
        most = campaign.codes.offline_up_to if campaign is not None and campaign.codes is not None else NOTHING
        return spent.value is not None and spent.value <= most

    def _refusal(self, claim: Claim, timezone: ZoneInfo, now: Now) -> NotRedeemed | None:
        if claim.handle is not None and not self._identity.recognises(claim.handle):
            return NotRedeemed("not_recognised", "This shop does not know the member, or the member agreed to nothing.")
        if now.clock == "unset":
            return NotRedeemed("clock_unset", "The gateway's clock is not set, so nothing says which offers are open.")
        campaign = self._campaigns.get(claim.campaign)
        if campaign is None:
            return NotRedeemed("not_running", "The campaign is not in force here, or was stopped.")
        if campaign.benefit is None or campaign.benefit.get("kind") == "none":
            return NotRedeemed("no_benefit", "The campaign gives nothing that a till could take off.")
        return self._offer_refusal(campaign, claim, timezone, now)

    def _offer_refusal(self, campaign: Campaign, claim: Claim, timezone: ZoneInfo, now: Now) -> NotRedeemed | None:
        """A coupon is an offer to whoever brings it, now."""
        offered = self._state.exposures.get(claim.subject, {}).get(campaign.id)
        if offered is None and claim.coupon is None:
            return NotRedeemed("not_offered", "The member was not made this offer here.")
        until_utc_s = open_until_utc_s(campaign, offered.last.utc_s if offered else now.utc_s, timezone)
        if now.utc_s >= until_utc_s:
            return NotRedeemed("over", f"The offer ended at {rfc3339(until_utc_s)}.")
        for_all = claim.coupon is not None and not claim.coupon.once and claim.handle is None
        if not for_all and self._in_use(claim.subject, campaign.id) >= _good_for(campaign, offered):
            return NotRedeemed("spent", "The offer is redeemed already, or held by another basket.")
        if len(self._state.redemptions) >= MOST_KEPT:
            return NotRedeemed("too_many", f"{MOST_KEPT} redemptions are kept already, and all of them are needed.")
        return None

    def _in_use(self, subject: str, campaign: str) -> int:
        found = (self._state.redemptions[each] for each in self._state.redemptions_of.get(subject, ()))
        of_subject = (each for each in found if each.subject == subject)
        return sum(each.campaign == campaign and each.state in _IN_USE for each in of_subject)

    def _give_back(self, known: Redemption, state: RedemptionState, reason: str, now: Now) -> Redemption:
        return self._now(replace(known, state=state), "redemption.cancelled", {"reason": reason}, now)

    def _now(self, redemption: Redemption, event_type: str, facts: Mapping[str, object], now: Now) -> Redemption:
        """Keep it in its new state, and tell."""
        kept = replace(redemption, since=At.of(now))
        self._state.save(kept)
        self._tell(event_type, kept, facts, now)
        return kept

    def _tell(self, event_type: str, of: Redemption, facts: Mapping[str, object], now: Now) -> None:
        data = {"redemption": of.id, "campaign": of.campaign, "till": of.till, **facts}
        self._emitter.emit(event_type, now, At.of(now), data, of.saver)

    def _tell_refused(
        self, identity: str | None, campaign: str, till: str, subject: str | None, refused: NotRedeemed, now: Now
    ) -> None:
        data = {"redemption": identity, "campaign": campaign, "till": till, "reason": refused.reason}
        self._emitter.emit("redemption.refused", now, At.of(now), data, subject)

    def _forget_some(self, now: Now) -> None:
        """Look through the next ones: over for a day, and if spent, of an offer that cannot be made use of again."""
        if now.clock == "unset":
            return
        if not self._to_look_at:
            self._to_look_at = list(self._state.redemptions)
        seen = self._to_look_at[-LOOKED_THROUGH:]
        del self._to_look_at[-LOOKED_THROUGH:]
        for known in (self._state.redemptions[each] for each in seen if each in self._state.redemptions):
            offered = known.campaign in self._state.exposures.get(known.subject, {})
            running = self._campaigns.get(known.campaign)
            coupon = running is not None and running.codes is not None
            coupon = coupon or now.utc_s < (known.coupon_until_utc_s or 0.0)
            needed = known.state == "reserved" or (known.state == "committed" and (offered or coupon))
            if not needed and now.utc_s - known.since.utc_s > KEPT_S:
                self._state.forget_redemption(known)


def held_until_utc_s(reserved: Redemption) -> float:
    """Until when a reserved redemption is held (seconds since 1970)."""
    return reserved.since.utc_s + HELD_S


def points_of(benefit: Mapping[str, object] | None) -> float | None:
    """The points that a benefit gives; None where it gives none."""
    value = benefit.get("value") if benefit is not None and benefit.get("kind") == "points" else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None


def _held_until_s(reserved: Redemption) -> float:
    return reserved.since.mono_s + HELD_S


def _good_for(campaign: Campaign, offered: Exposure | None) -> int:
    """How many redemptions a member has of a campaign's offers; a coupon without an offer is good for one."""
    single_use = campaign.benefit is not None and campaign.benefit.get("code") == "single_use"
    return 1 if single_use or offered is None else offered.total
