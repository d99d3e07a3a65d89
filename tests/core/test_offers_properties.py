"""What holds of every document and every history."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.offers.exposure import exposed
from gateway.model.decision import Exposure, Offered
from gateway.model.documents import Campaign, Cap, Trigger, Variant
from tests.core.offers import NOON, WELCOME, decided, moment, now, snapshot

TRIGGERS = (
    Trigger("zone_entered"),
    Trigger("zone_entered", zone="shoes"),
    Trigger("zone_entered", zone_kind="aisle"),
    Trigger("zone_left"),
)
CAPS = (Cap("member", 1, "day"), Cap("member", 2, "day"), Cap("member", 3), Cap("visit", 1), Cap("visit", 2))


@st.composite
def campaigns(draw: st.DrawFn) -> list[Campaign]:
    return [
        replace(
            WELCOME,
            id=f"c{number}",
            trigger=draw(st.sampled_from(TRIGGERS)),
            variants=(Variant("a", 1, "hello"), Variant("b", draw(st.integers(0, 2)), "other")),
            priority=draw(st.integers(0, 2)),
            exclusive_group=draw(st.sampled_from((None, "g", "h"))),
            zones=draw(st.sampled_from((frozenset(), frozenset({"shoes"}), frozenset({"door"})))),
            control_per_10000=draw(st.sampled_from((0, 5000))),
            caps=tuple(draw(st.lists(st.sampled_from(CAPS), max_size=2))),
        )
        for number in range(draw(st.integers(1, 5)))
    ]


@settings(deadline=None)
@given(campaigns(), st.randoms(use_true_random=False), st.sampled_from(("shoes", "door", None)))
def test_the_order_of_the_document_decides_nothing(of: list[Campaign], dice: object, zone: str | None) -> None:
    shuffled = list(of)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    at = moment(zone=zone)
    assert decided(snapshot(*of), at) == decided(snapshot(*shuffled), at)


steps = st.tuples(st.sampled_from(("shoes", "door")), st.sampled_from((None, "v", "next")), st.integers(-7200, 40_000))


@settings(deadline=None)
@given(campaigns(), st.lists(steps, max_size=30))
def test_no_history_exceeds_a_cap_or_a_group(of: list[Campaign], history: list[tuple[str, str | None, int]]) -> None:
    shot = snapshot(*of)
    counted: dict[str, Exposure] = {}
    given_out: Counter[tuple[str, str]] = Counter()
    groups: Counter[tuple[str, str]] = Counter()
    visit_number, utc_s, latest_s = 1, NOON, NOON
    for zone, where, forward_s in history:
        visit_number += where == "next"
        visit = None if where is None else f"v.{visit_number}"
        utc_s += forward_s
        latest_s = max(latest_s, utc_s)
        at = moment(zone=zone, visit=visit, utc_s=utc_s)
        used = shot.groups_used(visit, counted)
        for decision in decided(shot, at, exposures=counted, groups_used=used, when=now(utc_s)):
            if isinstance(decision, Offered):
                previous = counted.get(decision.campaign)
                counted[decision.campaign] = exposed(previous, decision, shot.local_day(now(utc_s)))
                given_out[decision.campaign, "ever"] += 1
                given_out[decision.campaign, shot.local(utc_s).date().isoformat()] += 1
                given_out[decision.campaign, visit or "outside"] += 1
                if (group := shot.index.groups.get(decision.campaign)) is not None and visit is not None:
                    groups[group, visit] += 1
    assert all(times == 1 for times in groups.values())
    for campaign in of:
        for cap in campaign.caps:
            for (name, span), times in given_out.items():
                if name == campaign.id and span != "outside" and _spans(cap, span):
                    assert times <= cap.max, (cap, span)


def _spans(cap: Cap, span: str) -> bool:
    if cap.scope == "visit":
        return span.startswith("v.")
    return span == "ever" if cap.per == "ever" else span.startswith("20")


@settings(deadline=None)
@given(campaigns(), st.integers(0, 2_000_000_000))
def test_a_decision_is_a_function_of_its_facts(of: list[Campaign], utc_s: int) -> None:
    at = moment(utc_s=float(utc_s))
    assert decided(snapshot(*of), at) == decided(snapshot(*of), at)
    local = snapshot(*of).local_time(now(float(utc_s)))
    assert local.astimezone(UTC) == datetime.fromtimestamp(utc_s, UTC)
