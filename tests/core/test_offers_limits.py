"""The rules that hold over several campaigns, over time and over the whole shop."""

from dataclasses import replace

import pytest

from gateway.core.offers.decide import decide
from gateway.core.offers.expression import compile_audience
from gateway.core.offers.snapshot import Snapshot
from gateway.model.decision import Exposure, Offered, Withheld
from gateway.model.documents import Campaigns, Cap, Follows, Lease, OpeningHours, Schedule, StockWanted, Zone
from gateway.model.time import At, from_rfc3339
from tests.core.offers import (
    CONTENT,
    MEMBER,
    NOON,
    PLAN,
    SHOES,
    WELCOME,
    decided,
    moment,
    now,
    snapshot,
    the_offer,
    the_refusal,
)


def offered_before(campaign: str = "welcome", ago_s: float = 60.0, visit: str = "v.1") -> dict[str, Exposure]:
    return {campaign: Exposure("m.q3lzt7", campaign, 1, "2026-01-05", 1, visit, 1, At(0.0, NOON - ago_s))}


def reasons(of: Snapshot) -> list[str]:
    return ["offered" if isinstance(each, Offered) else each.reason for each in decided(of)]


def several(count: int, **given: object) -> list[object]:
    return [replace(WELCOME, id=f"c{number}", **given) for number in range(count)]  # type: ignore[arg-type]


def test_the_kill_switch_silences_one_or_all() -> None:
    assert the_refusal(decided(replace(WELCOME, stopped=True))).says == "Head office stopped this campaign."
    assert the_refusal(decided(snapshot(WELCOME, stopped=True))).says == "Head office stopped all campaigns."


def test_a_cap_over_all_campaigns_counts_within_one_moment_too() -> None:
    shot = snapshot(*several(4), caps=(Cap("member", 2, "day"),))  # type: ignore[arg-type]
    assert reasons(shot) == ["offered", "offered", "overall_cap", "overall_cap"]
    assert the_refusal(decided(snapshot(WELCOME, caps=(Cap("visit", 1),)), exposures=offered_before("gone"))).says == (
        "This member already has the 1 offers that anybody gets in this visit."
    )
    assert the_offer(decided(snapshot(WELCOME, caps=(Cap("visit", 1),)), exposures=offered_before("gone", visit="v.0")))


PUSHED = replace(WELCOME, channels=("push", "app"), quiet_hours={"app": ("11:00", "14:00")})


def by_push_before(day: str = "2026-01-05", by_channel: tuple[tuple[str, int], ...] = (("push", 1),)) -> Exposure:
    at = At(0.0, NOON - 60.0)
    return Exposure("m.q3lzt7", "gone", 1, day, 1, "v.1", 1, at, by_channel=by_channel)


def test_a_member_is_addressed_by_a_channel_as_often_a_day_as_the_member_wants() -> None:
    member = replace(MEMBER, caps={"push": 1})
    refused = the_refusal(decided(replace(PUSHED, channels=("push",)), None, member, {"gone": by_push_before()}))
    assert refused.reason == "channel_cap"
    assert refused.says == "Reached as often today as this member wants: 1 of 1 by “push”."
    open_app = replace(PUSHED, quiet_hours={})
    assert the_offer(decided(open_app, None, member, {"gone": by_push_before()})).channel == "app"
    assert the_refusal(decided(PUSHED, None, member, {"gone": by_push_before()})).says == (
        "It is 12:00, within quiet hours: “app” from 11:00 to 14:00."
    )
    assert the_offer(decided(PUSHED, None, member, {"gone": by_push_before("2026-01-04")})).channel == "push"


def test_a_channel_that_nobody_knows_of_an_earlier_offer_counts_as_any() -> None:
    member, push = replace(MEMBER, caps={"push": 1}), replace(PUSHED, channels=("push",))
    assert the_refusal(decided(push, None, member, {"gone": by_push_before(by_channel=())})).reason == "channel_cap"
    assert the_offer(decided(push, None, member, {"gone": by_push_before(by_channel=(("app", 1),))}))


def test_offers_of_one_moment_count_for_a_channel_too() -> None:
    member = replace(MEMBER, caps={"push": 1, "app": 1})
    shot = snapshot(*(replace(PUSHED, id=f"c{number}", quiet_hours={}) for number in range(3)))
    decisions = decided(shot, None, member)
    assert [getattr(each, "channel", "") for each in decisions] == ["push", "app", ""]
    assert getattr(decisions[2], "says", "") == (
        "Reached as often today as this member wants: 1 of 1 by “push”, 1 of 1 by “app”."
    )


def test_without_a_clock_no_channel_with_a_cap_is_used() -> None:
    member, unset = replace(MEMBER, caps={"app": 5}), now(synced=False)
    assert the_refusal(decided(WELCOME, None, member, when=unset)).reason == "clock_unset"
    assert the_offer(decided(replace(WELCOME, channels=("app", "push")), None, member, when=unset)).channel == "push"


def test_a_cap_of_a_category_leaves_the_others_alone() -> None:
    shoes, coats = replace(WELCOME, category="shoes"), replace(WELCOME, id="coats", category="coats")
    shot = snapshot(shoes, replace(shoes, id="shoes-2"), coats, caps=(Cap("member", 1, category="shoes"),))
    assert sorted(reasons(shot)) == ["category_cap", "offered", "offered"]


def test_a_campaign_rests_after_an_offer() -> None:
    resting = replace(WELCOME, cooldown_s=3600.0)
    refused = the_refusal(decided(resting, exposures=offered_before()))
    assert (refused.reason, refused.says) == ("cooldown", "Offered a short while ago; it rests until 2026-01-05 12:59.")
    assert the_offer(decided(resting, exposures=offered_before(ago_s=3600.0)))
    assert the_refusal(decided(resting, exposures=offered_before(ago_s=-7200.0))).reason == "cooldown"


def test_contacts_elsewhere_are_pressure() -> None:
    shot = snapshot(*several(3), contacts_per_day=3)  # type: ignore[arg-type]
    mailed = replace(MEMBER, contacts={"2026-01-05": 2, "2026-01-04": 9})
    first, *others = decided(shot, member=mailed)
    assert isinstance(first, Offered)
    assert [other.says for other in others if isinstance(other, Withheld)] == [
        "Reached 2 times elsewhere and 1 times here today; at most 3 in all."
    ] * 2
    assert the_refusal(decided(snapshot(WELCOME, contacts_per_day=0))).reason == "pressure"


def test_a_step_of_a_scenario_follows_the_one_before() -> None:
    thanks = replace(WELCOME, id="thanks", follows=Follows("welcome"))
    assert the_refusal(decided(thanks)).says == (
        "This campaign follows “welcome”, which was not offered in this visit."
    )
    assert the_offer(decided(thanks, exposures=offered_before()))
    assert the_refusal(decided(thanks, exposures=offered_before(visit="v.0"))).reason == "scenario"
    soon = replace(thanks, follows=Follows("welcome", 90.0))
    assert the_offer(decided(soon, exposures=offered_before(visit="v.0")))
    assert the_refusal(decided(soon, exposures=offered_before(ago_s=91.0))).reason == "scenario"
    assert the_refusal(decided(soon, when=now(synced=False))).reason == "clock_unset"


def test_a_lease_ends_and_its_rest_with_it() -> None:
    lent = replace(WELCOME, lease=Lease(5, NOON + 1.0))
    assert the_offer(decided(lent))
    assert the_refusal(decided(lent, moment(utc_s=NOON + 1.0))).reason == "budget"
    assert the_refusal(decided(lent, when=now(synced=False))).reason == "budget"


def test_nothing_personal_where_others_see_it() -> None:
    chosen = replace(WELCOME, audience=compile_audience("!member.minor"), channels=("display",))
    assert the_refusal(decided(chosen)).reason == "public_display"
    assert the_offer(decided(replace(chosen, channels=("display", "app")))).channel == "app"
    assert the_offer(decided(replace(chosen, audience=None))).channel == "display"
    shy = replace(PLAN, zones={"shoes": Zone("shoes", "fitting", sensitive=True)})
    assert the_refusal(decided(Snapshot.of(Campaigns(1, (WELCOME,), CONTENT), shy))).reason == "sensitive_zone"


@pytest.mark.parametrize(
    ("utc", "closed", "opens"),
    [("08:00", (), True), ("07:59", (), False), ("18:00", (), False), ("08:00", ("2026-01-05",), False)],
)
def test_opening_hours_are_the_shops_own(utc: str, closed: tuple[str, ...], opens: bool) -> None:
    hours = OpeningHours({0: (("09:00", "19:00"),)}, frozenset(closed))
    open_only = replace(WELCOME, schedule=Schedule(opening_hours=True))
    shot = Snapshot.of(Campaigns(1, (open_only,), CONTENT), replace(PLAN, opening_hours=hours))
    at = moment(utc_s=from_rfc3339(f"2026-01-05T{utc}:00Z"))
    assert isinstance(decided(shot, at)[0], Offered) is opens
    assert the_offer(decided(open_only, at))


@pytest.mark.parametrize(
    ("quantity", "sold_out", "says"),
    [
        (3, False, None),
        (0, True, None),
        (0, False, "It is sold out here."),
        (3, True, f"There are 3 of {SHOES} here."),
        (None, False, f"How many there are of {SHOES} is not known."),
    ],
)
def test_a_product_must_be_here_or_sold_out(quantity: int | None, sold_out: bool, says: str | None) -> None:
    about = snapshot(replace(WELCOME, stock=StockWanted(SHOES, sold_out)))
    (decision,) = decide(about, moment(), MEMBER, {}, frozenset(), now(), in_stock={SHOES: quantity}.get)
    assert (decision.says if isinstance(decision, Withheld) else None) == says


def test_a_daypart_is_of_the_stores_day() -> None:
    lunch = replace(WELCOME, schedule=Schedule(dayparts=(("09:00", "10:00"), ("12:00", "14:00"))))
    assert the_offer(decided(lunch))
    refused = the_refusal(decided(lunch, moment(utc_s=NOON - 60.0)))
    assert refused.says == "It is 11:59; this campaign runs from 09:00 to 10:00, 12:00 to 14:00."
