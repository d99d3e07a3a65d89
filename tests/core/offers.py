"""What the tests of offers speak in: a shop, a campaign, a moment, and a decision about them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gateway.core.offers.decide import decide
from gateway.core.offers.snapshot import Snapshot
from gateway.model.decision import Decision, Exposure, Moment, Offered, Withheld
from gateway.model.documents import Campaign, Campaigns, FloorPlan, Marker, Member, Trigger, Variant, Zone
from gateway.model.time import At, Now, from_rfc3339
from gateway.model.visit import Assurance
from tests.page_words import is_said

NOON = from_rfc3339("2026-01-05T11:00:00Z")  # a Monday, 12:00 in Paris
SHOES = "09506000134352"
CONTENT = {"hello": {"fr": {"title": "Bonjour"}, "en": {"title": "Hello"}}, "other": {"de": {"title": "Hallo"}}}
PLAN = FloorPlan(
    store="0042",
    tenant="acme",
    timezone="Europe/Paris",
    languages=("en",),
    zones={
        "door": Zone("door", "entrance"),
        "shoes": Zone("shoes", "aisle"),
        "coats": Zone("coats", "aisle"),
    },
    receivers={},
    beacons={},
    markers={"A7": Marker("A7", product=SHOES), "B1": Marker("B1", zone="coats")},
)
WELCOME = Campaign("welcome", Trigger("zone_entered"), (Variant("a", 1, "hello"),))
MEMBER = Member("q3lzt7", languages=("fr",), purposes=frozenset({"presence", "offers"}), segments=("sneakers",))


def snapshot(*campaigns: Campaign, **document: object) -> Snapshot:
    return Snapshot.of(replace(Campaigns(1, campaigns, CONTENT), **document), PLAN)  # type: ignore[arg-type]


def moment(kind: str = "zone_entered", utc_s: float = NOON, **given: object) -> Moment:
    plain = Moment(kind, At(0.0, utc_s), "m.q3lzt7", "v.1", "shoes", Assurance.PROXIMATE)
    return replace(plain, **given)  # type: ignore[arg-type]


def now(utc_s: float = NOON, *, synced: bool = True) -> Now:
    return Now(0.0, utc_s, "synced" if synced else "unset", "boot-1")


def decided(
    of: Snapshot | Campaign,
    at: Moment | None = None,
    member: Member | None = MEMBER,
    exposures: Mapping[str, Exposure] | None = None,
    groups_used: Iterable[str] = (),
    when: Now | None = None,
) -> tuple[Decision, ...]:
    shot = of if isinstance(of, Snapshot) else snapshot(of)
    fired = at or moment()
    counted = exposures or {}
    decisions = decide(shot, fired, member, counted, frozenset(groups_used), when or now(fired.at.utc_s))
    withheld = [each for each in decisions if isinstance(each, Withheld)]
    assert [each for each in withheld if not is_said("details", each.reason, each.values)] == []
    return decisions


def the_offer(decisions: tuple[Decision, ...]) -> Offered:
    (only,) = decisions
    assert isinstance(only, Offered), only
    return only


def the_refusal(decisions: tuple[Decision, ...]) -> Withheld:
    (only,) = decisions
    assert isinstance(only, Withheld), only
    return only
