"""A shop with members, products in their places, feeds and campaigns: what the tests of the desk speak in."""

from dataclasses import replace

from gateway.core.engine import Engine
from gateway.core.options import CoreOptions
from gateway.model.decision import Decision, Offered
from gateway.model.documents import (
    Beacon,
    Campaign,
    Campaigns,
    FloorPlan,
    Marker,
    Member,
    Members,
    Trigger,
    Variant,
    Zone,
)
from gateway.model.feeds import Brief, FeedBatch, FeedName, FeedRow, Order, OrderLine, Stock
from gateway.model.inputs import DocumentReady, Input, Started
from gateway.model.sighting import IBEACON, AppReport, BeaconId, CheckIn, HeardBeacon, Sighting
from tests.core.shops import INCARNATION, Hand, plan

GTIN = "09506000134352"
OTHER = "09506000134369"
PURPOSES = frozenset({"presence", "offers", "analytics", "retarget", "staff_assist"})
MEMBERS = Members(
    1,
    {
        "ada": Member("ada", purposes=PURPOSES, campaigns_seen=("ig-1",)),
        "bob": Member("bob", purposes=frozenset({"presence", "offers"})),
    },
)
CONTENT = {"words": {"en": {"title": "Words"}}}
ORDER = Order("o-1", "ada", "arrived", (OrderLine(GTIN, 1),), code="7731")
BRIEF = Brief("ada", wish_list=(GTIN,), seen_online=(GTIN,))
TILL = BeaconId(IBEACON, "5f1d0000-0000-4000-8000-00805f9b0001/42/8")
OPTIONS = CoreOptions(dwell_marks_s=())


def floor() -> FloorPlan:
    """The small shop with a till; the trainers stand among the shoes."""
    small = plan()
    zones = {**small.zones, "till": Zone("till", "checkout")}
    beacons = {**small.beacons, "b-till": Beacon("b-till", TILL, zone="till")}
    return replace(small, zones=zones, beacons=beacons, markers={"A7": Marker("A7", product=GTIN, zone="shoes")})


def campaign(trigger: Trigger, name: str = "story", **more: object) -> Campaign:
    return replace(Campaign(name, trigger, (Variant("a", 1, "words"),)), **more)


def documents(*campaigns: Campaign) -> tuple[DocumentReady, DocumentReady]:
    running = Campaigns(1, campaigns, CONTENT)
    return DocumentReady("members", 1, "sha256:m", MEMBERS), DocumentReady("campaigns", 1, "sha256:c", running)


def open_desk(*campaigns: Campaign, rows: tuple[FeedRow, ...] = ()) -> Hand:
    """The shop at 0 s, with these campaigns in force and these rows of feeds."""
    hand = Hand(Engine(incarnation=INCARNATION, id_key=bytes(32), floorplan=floor(), options=OPTIONS))
    hand.give(0.0, *documents(*campaigns), Started("test"))
    for name, kind in (("stock", Stock), ("orders", Order), ("briefs", Brief)):
        fed(hand, 0.0, name, *(row for row in rows if isinstance(row, kind)))
    return hand


def fed(hand: Hand, mono_s: float, feed: FeedName, *rows: FeedRow) -> None:
    place = hand.folded.get(("feed", (feed,)))
    serial = 1 if place is None else place.serial + 1
    hand.give(mono_s, FeedBatch(feed, serial, str(serial), rows))


def come(hand: Hand, mono_s: float, handle: str = "ada") -> None:
    hand.give(mono_s, Sighting("app", "app", CheckIn(handle, "app")))


def near(hand: Hand, since_s: float, until_s: float, beacon: str = "b-7", handle: str = "ada") -> None:
    """The member's app hears the beacon for so long."""
    report = Sighting("app", "app", AppReport(handle, (HeardBeacon(beacon, -55.0),)))
    at_s = since_s
    while at_s <= until_s:
        hand.give(at_s, report)
        at_s += 2.0


def gone(hand: Hand, mono_s: float) -> None:
    """Everybody has been silent for long enough."""
    hand.give(mono_s + 1_000.0)


def asked(hand: Hand, mono_s: float, what: Input) -> object:
    hand.give(mono_s, what)
    return hand.steps[-1].answer


def told(hand: Hand, *types: str) -> list[dict[str, object]]:
    """The data of the events of these types, in order."""
    return [dict(event.data) for event in hand.events if event.type in types]


def decided(hand: Hand) -> list[Decision]:
    return [each for step in hand.steps for each in step.decisions]


def offers(hand: Hand) -> list[tuple[str, str]]:
    """Moment and campaign of each offer."""
    return [(each.moment, each.campaign) for each in decided(hand) if isinstance(each, Offered)]


def restarted(hand: Hand, *campaigns: Campaign) -> Hand:
    """As after kill -9: of what was stepped, all that was committed."""
    engine = Engine(incarnation=INCARNATION, id_key=bytes(32), floorplan=floor(), options=OPTIONS)
    engine.restore(hand.folded.values())
    again = Hand(engine, last_s=hand.last_s, folded=dict(hand.folded))
    again.give(hand.last_s, *documents(*campaigns), Started("again"))
    return again
