"""What a review says of campaigns before they go live."""

from dataclasses import replace

import pytest

from gateway.core.offers.expression import compile_audience
from gateway.core.offers.recurrence import parse_rrule
from gateway.core.offers.review import review
from gateway.model.documents import Campaign, Campaigns, Follows, Lease, Schedule, Trigger, Variant
from tests.core.offers import CONTENT, NOON, PLAN, SHOES, WELCOME

DISCOUNT = replace(WELCOME, trigger=Trigger("code_scanned", marker="A7"), benefit={"kind": "percent", "value": 10})


def said(*campaigns: Campaign, products: dict[str, dict[str, object]] | None = None) -> list[tuple[str, str]]:
    found = review(Campaigns(1, campaigns, CONTENT), PLAN, products, NOON)
    return [(each.code, each.says) for each in found]


def test_of_what_is_right_nothing_is_said() -> None:
    assert said(WELCOME, replace(WELCOME, id="next", follows=Follows("welcome"))) == []


@pytest.mark.parametrize(
    ("campaign", "says"),
    [
        (replace(WELCOME, stopped=True), "It is stopped."),
        (replace(WELCOME, control_per_10000=10_000), "Everybody is in its control group."),
        (replace(WELCOME, lease=Lease(0)), "Its budget is nothing."),
        (replace(WELCOME, follows=Follows("gone")), "It follows “gone”, which is not in the document."),
        (replace(WELCOME, follows=Follows("welcome")), "It follows itself."),
        (replace(WELCOME, zones=frozenset({"roof"})), "There is no zone “roof”."),
        (replace(WELCOME, trigger=Trigger("zone_left", zone_kind="roof")), "There is no zone of the kind “roof”."),
        (replace(WELCOME, trigger=Trigger("code_scanned", marker="Z9")), "There is no marker “Z9”."),
        (
            replace(WELCOME, trigger=Trigger("zone_left", zone="shoes"), zones=frozenset({"coats"})),
            "It fires in “shoes”, which is none of its zones.",
        ),
        (replace(WELCOME, schedule=Schedule(until_utc_s=NOON)), "It ended on 2026-01-05."),
        (
            replace(WELCOME, schedule=Schedule(until_utc_s=NOON + 9e4, rrule=parse_rrule("FREQ=WEEKLY;BYDAY=SU"))),
            "Its recurrence gives no date from 2026-01-05 to 2026-01-06.",
        ),
        (
            replace(WELCOME, audience=compile_audience("!member.minor"), channels=("display",)),
            "It is for some members only, and all its channels are public.",
        ),
    ],
)
def test_what_can_never_fire(campaign: Campaign, says: str) -> None:
    assert said(campaign) == [("never_fires", says)]


def test_words_that_the_store_speaks_are_missed() -> None:
    german = replace(WELCOME, variants=(Variant("a", 1, "other"),))
    assert said(german) == [("not_translated", "“other” has no words in en.")]


def test_a_lower_price_needs_the_one_before() -> None:
    assert said(DISCOUNT) == []
    assert said(DISCOUNT, products={SHOES: {"price": 9.9, "prior_price": 12.0}}) == []
    assert said(DISCOUNT, products={}) == [("no_prior_price", f"The product {SHOES} is not in the products document.")]
    ((code, _),) = said(DISCOUNT, products={SHOES: {"price": 9.9}})
    assert code == "no_prior_price"
    assert said(replace(DISCOUNT, benefit={"kind": "points"}), products={}) == []


def test_equals_in_a_group_are_a_conflict() -> None:
    equals = [replace(WELCOME, id=name, exclusive_group="greeting") for name in ("b", "a")]
    assert said(*equals) == [
        ("conflict", "It is as important as “a” in the group “greeting”, which always speaks first by its id.")
    ]
    assert said(equals[0], replace(equals[1], priority=1)) == []
