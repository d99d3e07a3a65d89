"""Review: what of a campaigns document will not do in a shop what its writers meant, before it goes live."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Final

from gateway.core.offers.day_times import within
from gateway.core.offers.language import lookup
from gateway.core.offers.public_display import private_channels
from gateway.core.offers.snapshot import Snapshot
from gateway.model.documents import PROSPECTING, Campaign, Campaigns, FloorPlan

PRICED: Final = frozenset({"percent", "amount"})
"""Benefits that announce a lower price, beside which the lowest of the last 30 days has to stand (2005/29, 98/6/EC)."""

LOOKED_AHEAD_DAYS: Final = 366
"""How far ahead a recurrence is looked for a date."""

CHANNELS: Final = frozenset({"app", "display", "push", "staff"}) | PROSPECTING
"""Those by which the shop or head office speaks."""

EVERYBODY: Final = 10_000
"""A share that leaves nobody out (per 10,000)."""

Says = Iterator[tuple[str, str]]
"""A key of the campaign, or of the document where it is of none, and what is wrong there."""

Products = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about one campaign: `at` is the key where it is, `says` what is wrong and what to do.

    `code` is `never_fires`, `no_effect`, `conflict`, `not_translated` or `no_prior_price`.
    """

    campaign: str
    code: str
    at: str
    says: str


@dataclass(frozen=True, slots=True)
class _Shop:
    snapshot: Snapshot
    plan: FloorPlan
    products: Products | None
    utc_s: float


def review(campaigns: Campaigns, plan: FloorPlan, products: Products | None, utc_s: float) -> tuple[Finding, ...]:
    """All findings at an instant (seconds since 1970), by campaign; prices only where `products` are given."""
    shop = _Shop(Snapshot.of(campaigns, plan), plan, products, utc_s)
    found = [
        Finding(campaign.id, code, at, says)
        for campaign in campaigns.campaigns
        for code, look in _LOOKS
        for at, says in look(campaign, shop)
    ]
    found += _conflicts(shop.snapshot)
    return tuple(sorted(found, key=lambda finding: finding.campaign))


def _silenced(campaign: Campaign, shop: _Shop) -> Says:
    document, others = shop.snapshot.campaigns, shop.snapshot.index.live - {campaign.id}
    if campaign.stopped or document.stopped:
        yield "stopped", "It is stopped. Take that out once it may speak."
    if campaign.control_per_10000 == EVERYBODY:
        yield "control_per_10000", "Everybody is in its control group. Write less than 10000."
    if document.holdout_per_10000 == EVERYBODY:
        yield "holdout.per_10000", "Everybody is held out. Write less than 10000."
    if document.contacts_per_day == 0:
        yield "contacts_per_day", "No member may be contacted at all. Write 1 or more, or leave it out."
    if campaign.lease is not None and campaign.lease.offers == 0:
        yield "budget.lease", "Its budget is nothing. Lend it at least one offer, or leave budget out."
    if not private_channels(campaign):
        yield "channels", "It is for some members only, and others can read all its channels. Add app."
    if campaign.follows is not None and campaign.follows.after == campaign.id:
        yield "follows", "It follows itself. Name another campaign."
    elif campaign.follows is not None and campaign.follows.after not in others:
        yield "follows", f"There is no campaign “{campaign.follows.after}”. {_instead(campaign.follows.after, others)}"


def _nowhere(campaign: Campaign, shop: _Shop) -> Says:
    trigger, plan = campaign.trigger, shop.plan
    named = [(f"trigger.{trigger.moment}.zone", trigger.zone)] if trigger.zone is not None else []
    named += [("zones", zone) for zone in sorted(campaign.zones)]
    for at, zone in named:
        if zone not in plan.zones:
            yield at, f"There is no zone “{zone}”. {_instead(zone, plan.zones)}"
        elif plan.zones[zone].sensitive and (at != "zones" or len(campaign.zones) == 1):
            yield at, f"“{zone}” is a sensitive zone, where nothing personal is said. Take another."
    kinds = {zone.kind for zone in plan.zones.values()}
    if trigger.zone_kind is not None and trigger.zone_kind not in kinds:
        says = f"There is no zone of the kind “{trigger.zone_kind}”. {_instead(trigger.zone_kind, kinds)}"
        yield f"trigger.{trigger.moment}.kind", says
    if trigger.marker is not None and trigger.marker not in plan.markers:
        says = f"There is no marker “{trigger.marker}”. {_instead(trigger.marker, plan.markers)}"
        yield f"trigger.{trigger.moment}.marker", says
    if trigger.zone is not None and campaign.zones and trigger.zone not in campaign.zones:
        yield "zones", f"It fires in “{trigger.zone}”, which is none of its zones. Add it, or leave zones out."


def _at_no_time(campaign: Campaign, shop: _Shop) -> Says:
    schedule, snapshot = campaign.schedule, shop.snapshot
    if schedule.until_utc_s is not None and schedule.until_utc_s <= shop.utc_s:
        ended = snapshot.local(schedule.until_utc_s)
        yield "schedule.until", f"It ended on {ended:%Y-%m-%d}. Write a later time, or take the campaign out."
        return
    begins = snapshot.local(max(shop.utc_s, schedule.from_utc_s or shop.utc_s)).date()
    ends = begins + timedelta(days=LOOKED_AHEAD_DAYS)
    if schedule.until_utc_s is not None:
        ends = min(ends, snapshot.local(schedule.until_utc_s).date())
    days = [begins + timedelta(days=number) for number in range((ends - begins).days + 1)]
    days = [day for day in days if snapshot.dates.include(schedule, day)]
    if not days:
        yield "schedule.rrule", f"Its recurrence gives no date from {begins} to {ends}. Correct it, or its bounds."
    elif schedule.opening_hours and not any(_open(campaign, snapshot, day) for day in days):
        yield "schedule", "The shop is closed at all its days and times. Correct them, or leave opening_hours out."


def _open(campaign: Campaign, snapshot: Snapshot, day: date) -> bool:
    """Whether the shop is open on a day at some time at which the campaign runs."""
    hours, parts = snapshot.opening_hours, campaign.schedule.dayparts
    if hours is None:
        return True
    spans = () if day.isoformat() in hours.closed else hours.by_weekday.get(day.weekday(), ())
    if not parts:
        return bool(spans)
    return any(within(span, part[0]) or within(part, span[0]) for span in spans for part in parts)


def _no_effect(campaign: Campaign, shop: _Shop) -> Says:
    for channel in sorted({*campaign.channels} - CHANNELS):
        yield "channels", f"Nobody speaks by “{channel}”. {_instead(channel, CHANNELS)}"
    for channel in sorted({*campaign.quiet_hours} - {*campaign.channels}):
        yield f"quiet_hours.{channel}", f"It never speaks by {channel}. Add that to channels, or take this out."
    categories = {each.category for each in shop.snapshot.campaigns.campaigns if each.category is not None}
    for cap in shop.snapshot.campaigns.caps:
        if cap.category is not None and cap.category not in categories and campaign is _first(shop):
            yield "caps", f"No campaign is of the category “{cap.category}”. {_instead(cap.category, categories)}"


def _first(shop: _Shop) -> Campaign:
    """The campaign under which what concerns the whole document is said."""
    return shop.snapshot.campaigns.campaigns[0]


def _instead(wrong: str, known: Iterable[str]) -> str:
    """What to write instead of a name that there is not."""
    names = sorted(known)
    near = get_close_matches(wrong, names, n=1)
    if near:
        return f"Did you mean “{near[0]}”?"
    return f"There are {', '.join(names[:_NAMED])}{'…' if len(names) > _NAMED else ''}." if names else "Take it out."


def _not_translated(campaign: Campaign, shop: _Shop) -> Says:
    bank = shop.snapshot.campaigns.content
    for variant in campaign.variants:
        written = bank.get(variant.content, {})
        missing = [tag for tag in shop.plan.languages if lookup((tag,), written) is None]
        if missing:
            says = f"“{variant.content}” has no words in {', '.join(missing)}, which the shop speaks. Add them."
            yield f"content.{variant.content}", says


def _no_prior_price(campaign: Campaign, shop: _Shop) -> Says:
    product = _product(campaign, shop.plan)
    if shop.products is None or product is None or (campaign.benefit or {}).get("kind") not in PRICED:
        return
    known = shop.products.get(product)
    if known is None:
        yield "benefit", f"The product {product} is not in the products document. Add it there, with its prior_price."
    elif known.get("prior_price") is None:
        says = f"The product {product} has no prior_price, the lowest of the last 30 days, to show beside the new one."
        yield "benefit", f"{says} Add it to the products document."


def _product(campaign: Campaign, plan: FloorPlan) -> str | None:
    marker = plan.markers.get(campaign.trigger.marker or "")
    return campaign.trigger.product or (marker.product if marker is not None else None)


def _conflicts(snapshot: Snapshot) -> Iterator[Finding]:
    """Campaigns of a group that fire at the same moment with the same priority: their ids decide, and nobody chose."""
    rivals: defaultdict[tuple[object, ...], list[str]] = defaultdict(list)
    for campaign in snapshot.index.ranked:
        if campaign.exclusive_group is not None:
            rivals[campaign.exclusive_group, campaign.priority, campaign.trigger].append(campaign.id)
    for (group, *_), (first, *others) in rivals.items():
        for other in others:
            says = f"It is as important as “{first}” in the group “{group}”, which always speaks first by its id."
            yield Finding(other, "conflict", "priority", f"{says} Give one of them another priority.")


_NAMED: Final = 12
_LOOKS: Final[tuple[tuple[str, Callable[[Campaign, _Shop], Says]], ...]] = (
    ("never_fires", _silenced),
    ("never_fires", _nowhere),
    ("never_fires", _at_no_time),
    ("no_effect", _no_effect),
    ("not_translated", _not_translated),
    ("no_prior_price", _no_prior_price),
)
