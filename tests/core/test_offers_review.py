"""What a review says of campaigns before they go live."""

from dataclasses import replace

import pytest

from gateway.core.offers.expression import compile_audience
from gateway.core.offers.recurrence import parse_rrule
from gateway.core.offers.review import review
from gateway.model.documents import (
    Campaign,
    Campaigns,
    Cap,
    FloorPlan,
    Follows,
    Lease,
    OpeningHours,
    Schedule,
    Trigger,
    Variant,
    Zone,
)
from tests.core.offers import CONTENT, NOON, PLAN, SHOES, WELCOME

DISCOUNT = replace(WELCOME, trigger=Trigger("code_scanned", marker="A7"), benefit={"kind": "percent", "value": 10})


def said(*campaigns: Campaign, products: dict[str, dict[str, object]] | None = None) -> list[tuple[str, str]]:
    found = review(Campaigns(1, campaigns, CONTENT), PLAN, products, NOON)
    return [(each.code, each.says) for each in found]


def findings(document: Campaigns, plan: FloorPlan = PLAN) -> list[tuple[str, str, str]]:
    return [(each.code, each.at, each.says) for each in review(document, plan, None, NOON)]


def test_of_what_is_right_nothing_is_said() -> None:
    assert said(WELCOME, replace(WELCOME, id="next", follows=Follows("welcome"))) == []


@pytest.mark.parametrize(
    ("campaign", "says"),
    [
        (replace(WELCOME, stopped=True), "It is stopped. Take that out once it may speak."),
        (replace(WELCOME, control_per_10000=10_000), "Everybody is in its control group. Write less than 10000."),
        (replace(WELCOME, lease=Lease(0)), "Its budget is nothing. Lend it at least one offer, or leave budget out."),
        (replace(WELCOME, follows=Follows("gone")), "There is no campaign “gone”. Take it out."),
        (replace(WELCOME, follows=Follows("welcome")), "It follows itself. Name another campaign."),
        (replace(WELCOME, zones=frozenset({"roof"})), "There is no zone “roof”. There are coats, door, shoes."),
        (
            replace(WELCOME, trigger=Trigger("zone_left", zone_kind="roof")),
            "There is no zone of the kind “roof”. There are aisle, entrance.",
        ),
        (replace(WELCOME, trigger=Trigger("code_scanned", marker="Z9")), "There is no marker “Z9”. There are A7, B1."),
        (
            replace(WELCOME, trigger=Trigger("zone_left", zone="shoes"), zones=frozenset({"coats"})),
            "It fires in “shoes”, which is none of its zones. Add it, or leave zones out.",
        ),
        (
            replace(WELCOME, schedule=Schedule(until_utc_s=NOON)),
            "It ended on 2026-01-05. Write a later time, or take the campaign out.",
        ),
        (
            replace(WELCOME, schedule=Schedule(until_utc_s=NOON + 9e4, rrule=parse_rrule("FREQ=WEEKLY;BYDAY=SU"))),
            "Its recurrence gives no date from 2026-01-05 to 2026-01-06. Correct it, or its bounds.",
        ),
        (
            replace(WELCOME, audience=compile_audience("!member.minor"), channels=("display",)),
            "It is for some members only, and others can read all its channels. Add app.",
        ),
    ],
)
def test_what_can_never_fire(campaign: Campaign, says: str) -> None:
    assert said(campaign) == [("never_fires", says)]


def test_words_that_the_store_speaks_are_missed() -> None:
    german = replace(WELCOME, variants=(Variant("a", 1, "other"),))
    assert said(german) == [("not_translated", "“other” has no words in en, which the shop speaks. Add them.")]


def test_a_lower_price_needs_the_one_before() -> None:
    assert said(DISCOUNT) == []
    assert said(DISCOUNT, products={SHOES: {"price": 9.9, "prior_price": 12.0}}) == []
    says = f"The product {SHOES} is not in the products document. Add it there, with its prior_price."
    assert said(DISCOUNT, products={}) == [("no_prior_price", says)]
    ((code, _),) = said(DISCOUNT, products={SHOES: {"price": 9.9}})
    assert code == "no_prior_price"
    assert said(replace(DISCOUNT, benefit={"kind": "points"}), products={}) == []


def test_equals_in_a_group_are_a_conflict() -> None:
    equals = [replace(WELCOME, id=name, exclusive_group="greeting") for name in ("b", "a")]
    ((code, says),) = said(*equals)
    assert (code, says.startswith("It is as important as “a” in the group “greeting”")) == ("conflict", True)
    assert said(equals[0], replace(equals[1], priority=1)) == []


@pytest.mark.parametrize(
    ("campaign", "at"),
    [
        (replace(WELCOME, trigger=Trigger("zone_left", zone="shoess")), "trigger.zone_left.zone"),
        (replace(WELCOME, zones=frozenset({"shoess"})), "zones"),
    ],
)
def test_a_name_that_is_nearly_right_is_said_with_its_key_and_the_right_one(campaign: Campaign, at: str) -> None:
    says = "There is no zone “shoess”. Did you mean “shoes”?"
    assert findings(Campaigns(1, (campaign,), CONTENT)) == [("never_fires", at, says)]


def test_in_a_sensitive_zone_nothing_is_said() -> None:
    plan = replace(PLAN, zones={**PLAN.zones, "cabin": Zone("cabin", "fitting", sensitive=True)})
    campaign = replace(WELCOME, trigger=Trigger("zone_dwelled", zone="cabin"))
    ((code, at, says),) = findings(Campaigns(1, (campaign,), CONTENT), plan)
    assert (code, at, "nothing personal is said" in says) == ("never_fires", "trigger.zone_dwelled.zone", True)


@pytest.mark.parametrize(
    ("schedule", "found"),
    [
        (Schedule(opening_hours=True), False),
        (Schedule(opening_hours=True, dayparts=(("08:00", "09:31"),)), False),
        (Schedule(opening_hours=True, dayparts=(("08:00", "09:30"), ("19:30", "21:00"))), True),
        (Schedule(dayparts=(("20:00", "21:00"),)), False),
        (Schedule(opening_hours=True, rrule=parse_rrule("FREQ=WEEKLY;BYDAY=SU")), True),
    ],
)
def test_a_campaign_that_runs_while_the_shop_is_closed_never_fires(schedule: Schedule, found: bool) -> None:
    plan = replace(PLAN, opening_hours=OpeningHours({0: (("09:30", "19:30"),)}))
    told = findings(Campaigns(1, (replace(WELCOME, schedule=schedule),), CONTENT), plan)
    assert [(code, at) for code, at, _ in told] == ([("never_fires", "schedule")] if found else [])


@pytest.mark.parametrize(
    ("change", "at"),
    [({"holdout_per_10000": 10_000}, "holdout.per_10000"), ({"contacts_per_day": 0}, "contacts_per_day")],
)
def test_a_document_that_silences_everybody_is_told(change: dict[str, int], at: str) -> None:
    told = findings(replace(Campaigns(1, (WELCOME,), CONTENT), **change))  # type: ignore[arg-type]
    assert [(code, key) for code, key, _ in told] == [("never_fires", at)]


def test_what_has_no_effect_is_told_with_what_was_perhaps_meant() -> None:
    campaign = replace(WELCOME, channels=("ap",), quiet_hours={"push": ("20:00", "09:00")}, category="shoes")
    document = replace(Campaigns(1, (campaign,), CONTENT), caps=(Cap("member", 1, "day", category="shose"),))
    assert findings(document) == [
        ("no_effect", "channels", "Nobody speaks by “ap”. Did you mean “app”?"),
        ("no_effect", "quiet_hours.push", "It never speaks by push. Add that to channels, or take this out."),
        ("no_effect", "caps", "No campaign is of the category “shose”. Did you mean “shoes”?"),
    ]
