"""Review: what of a campaigns document will not do in a shop what its writers meant, before it goes live."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from gateway.core.offers.language import lookup
from gateway.core.offers.public_display import private_channels
from gateway.core.offers.snapshot import Snapshot
from gateway.model.documents import Campaign, Campaigns, FloorPlan

PRICED: Final = frozenset({"percent", "amount"})
"""Benefits that announce a lower price, beside which the lowest of the last 30 days has to stand (2005/29, 98/6/EC)."""

LOOKED_AHEAD_DAYS: Final = 366
"""How far ahead a recurrence is looked for a date."""

Products = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about one campaign; `code` is `never_fires`, `conflict`, `not_translated` or `no_prior_price`."""

    campaign: str
    code: str
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
        Finding(campaign.id, code, says)
        for campaign in campaigns.campaigns
        for code, look in _LOOKS
        for says in look(campaign, shop)
    ]
    found += _conflicts(shop.snapshot)
    return tuple(sorted(found, key=lambda finding: finding.campaign))


def _never_fires(campaign: Campaign, shop: _Shop) -> Iterator[str]:
    yield from _silenced(campaign, shop)
    yield from _nowhere(campaign, shop.plan)
    yield from _at_no_time(campaign, shop)


def _silenced(campaign: Campaign, shop: _Shop) -> Iterator[str]:
    document, ids = shop.snapshot.campaigns, shop.snapshot.index.live
    if campaign.stopped or document.stopped:
        yield "It is stopped."
    if campaign.control_per_10000 == 10_000:
        yield "Everybody is in its control group."
    if campaign.lease is not None and campaign.lease.offers == 0:
        yield "Its budget is nothing."
    if not private_channels(campaign):
        yield "It is for some members only, and all its channels are public."
    if campaign.follows is not None and campaign.follows.after not in ids:
        yield f"It follows “{campaign.follows.after}”, which is not in the document."
    if campaign.follows is not None and campaign.follows.after == campaign.id:
        yield "It follows itself."


def _nowhere(campaign: Campaign, plan: FloorPlan) -> Iterator[str]:
    trigger = campaign.trigger
    for zone in sorted({*campaign.zones, *((trigger.zone,) if trigger.zone else ())} - set(plan.zones)):
        yield f"There is no zone “{zone}”."
    if trigger.zone_kind is not None and trigger.zone_kind not in {zone.kind for zone in plan.zones.values()}:
        yield f"There is no zone of the kind “{trigger.zone_kind}”."
    if trigger.marker is not None and trigger.marker not in plan.markers:
        yield f"There is no marker “{trigger.marker}”."
    if trigger.zone is not None and campaign.zones and trigger.zone not in campaign.zones:
        yield f"It fires in “{trigger.zone}”, which is none of its zones."


def _at_no_time(campaign: Campaign, shop: _Shop) -> Iterator[str]:
    schedule, snapshot = campaign.schedule, shop.snapshot
    if schedule.until_utc_s is not None and schedule.until_utc_s <= shop.utc_s:
        yield f"It ended on {snapshot.local(schedule.until_utc_s):%Y-%m-%d}."
        return
    begins = snapshot.local(max(shop.utc_s, schedule.from_utc_s or shop.utc_s)).date()
    ends = begins + timedelta(days=LOOKED_AHEAD_DAYS)
    if schedule.until_utc_s is not None:
        ends = min(ends, snapshot.local(schedule.until_utc_s).date())
    days = (begins + timedelta(days=number) for number in range((ends - begins).days + 1))
    if not any(snapshot.dates.include(schedule, day) for day in days):
        yield f"Its recurrence gives no date from {begins} to {ends}."


def _not_translated(campaign: Campaign, shop: _Shop) -> Iterator[str]:
    bank = shop.snapshot.campaigns.content
    for variant in campaign.variants:
        written = bank.get(variant.content, {})
        missing = [tag for tag in shop.plan.languages if lookup((tag,), written) is None]
        if missing:
            yield f"“{variant.content}” has no words in {', '.join(missing)}."


def _no_prior_price(campaign: Campaign, shop: _Shop) -> Iterator[str]:
    product = _product(campaign, shop.plan)
    if shop.products is None or product is None or (campaign.benefit or {}).get("kind") not in PRICED:
        return
    known = shop.products.get(product)
    if known is None:
        yield f"The product {product} is not in the products document."
    elif known.get("prior_price") is None:
        yield f"The product {product} has no prior_price, the lowest of the last 30 days, to show beside the new one."


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
            yield Finding(other, "conflict", says)


_LOOKS: Final[tuple[tuple[str, Callable[[Campaign, _Shop], Iterator[str]]], ...]] = (
    ("never_fires", _never_fires),
    ("not_translated", _not_translated),
    ("no_prior_price", _no_prior_price),
)
