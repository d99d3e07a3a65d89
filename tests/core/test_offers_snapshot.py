"""Which campaigns a moment fires, and in which order they are judged."""

from dataclasses import replace

import pytest

from gateway.core.offers.exposure import exposed, in_day, in_day_by
from gateway.model.decision import Exposure, Moment, Offered, Withheld
from gateway.model.documents import Trigger
from gateway.model.time import At
from tests.core.offers import SHOES, WELCOME, decided, moment, now, snapshot


@pytest.mark.parametrize(
    ("trigger", "fired"),
    [
        (Trigger("zone_entered"), moment()),
        (Trigger("zone_entered", zone="shoes"), moment()),
        (Trigger("zone_entered", zone_kind="aisle"), moment()),
        (Trigger("zone_dwelled", zone="shoes", after_s=45.0), moment("zone_dwelled", dwell_s=45.0)),
        (Trigger("zone_left", zone_kind="entrance"), moment("zone_left", zone="door")),
        (Trigger("code_scanned"), moment("code_scanned", marker="A7")),
        (Trigger("code_scanned", marker="A7"), moment("code_scanned", marker="A7")),
        (Trigger("tag_tapped", product=SHOES), moment("tag_tapped", marker="A7")),
        (Trigger("code_scanned", product=SHOES), moment("code_scanned", product=SHOES)),
        (Trigger("checked_in"), moment("checked_in", zone=None)),
    ],
)
def test_a_trigger_fires(trigger: Trigger, fired: Moment) -> None:
    assert snapshot(replace(WELCOME, trigger=trigger)).fired_by(fired)


@pytest.mark.parametrize(
    ("trigger", "passed_over"),
    [
        (Trigger("zone_entered"), moment("zone_left")),
        (Trigger("zone_entered", zone="door"), moment()),
        (Trigger("zone_entered", zone_kind="entrance"), moment()),
        (Trigger("zone_entered", zone_kind="entrance"), moment(zone=None)),
        (Trigger("zone_dwelled", zone="shoes", after_s=45.0), moment("zone_dwelled", dwell_s=60.0)),
        (Trigger("code_scanned", marker="A7"), moment("code_scanned", marker="B1")),
        (Trigger("code_scanned", product=SHOES), moment("code_scanned", marker="B1")),
        (Trigger("code_scanned", product=SHOES), moment("code_scanned", marker="gone")),
    ],
)
def test_a_trigger_stays_silent(trigger: Trigger, passed_over: Moment) -> None:
    assert snapshot(replace(WELCOME, trigger=trigger)).fired_by(passed_over) == ()


def test_dwell_marks_are_every_campaigns_once_rising() -> None:
    marks = [60.0, 20.0, 60.0]
    campaigns = [replace(WELCOME, id=str(i), trigger=Trigger("zone_dwelled", after_s=s)) for i, s in enumerate(marks)]
    assert snapshot(WELCOME, *campaigns).index.dwell_marks_s == (20.0, 60.0)


def test_candidates_are_judged_by_falling_priority_then_id() -> None:
    ids = [c.id for c in snapshot(*[replace(WELCOME, id=i, priority=p) for i, p in RANKS]).fired_by(moment())]
    assert ids == ["best", "equal-a", "equal-b", "last"]


RANKS = [("equal-b", 5), ("last", -1), ("equal-a", 5), ("best", 9)]


def test_of_an_exclusive_group_the_best_speaks() -> None:
    group = [replace(WELCOME, id=i, priority=p, exclusive_group="greeting") for i, p in RANKS]
    first, *others = decided(snapshot(*group))
    assert isinstance(first, Offered)
    assert first.campaign == "best"
    assert {other.reason for other in others if isinstance(other, Withheld)} == {"exclusive_group"}
    assert len(others) == 3


def test_a_refused_campaign_leaves_its_group_free() -> None:
    best = replace(WELCOME, id="best", priority=9, exclusive_group="greeting", purpose="retarget")
    next_best = replace(WELCOME, id="next", exclusive_group="greeting")
    refused, made = decided(snapshot(best, next_best))
    assert isinstance(refused, Withheld)
    assert isinstance(made, Offered)


def test_a_visit_that_had_an_offer_of_a_group_gets_no_other() -> None:
    group = snapshot(
        replace(WELCOME, exclusive_group="greeting"), replace(WELCOME, id="hello", exclusive_group="greeting")
    )
    (made, _) = decided(group)
    assert isinstance(made, Offered)
    counted = {made.campaign: exposed(None, made, group.local_day(now()))}
    assert group.groups_used("v.1", counted) == {"greeting"}
    assert group.groups_used("v.2", counted) == frozenset()
    assert group.groups_used(None, counted) == frozenset()
    (again, _) = decided(group, exposures=counted, groups_used=group.groups_used("v.1", counted))
    assert isinstance(again, Withheld)
    assert again.says == "This visit already has an offer of the group “greeting”."


def test_an_exposure_counts_the_day_the_visit_and_all() -> None:
    offered = decided(WELCOME)[0]
    assert isinstance(offered, Offered)
    first = exposed(None, offered, "2026-01-05")
    counted = Exposure("m.q3lzt7", "welcome", 1, "2026-01-05", 1, "v.1", 1, At(0.0, offered.at.utc_s))
    assert first == replace(counted, by_channel=(("app", 1),))
    next_day = exposed(first, offered, "2026-01-06")
    assert (next_day.total, next_day.day, next_day.in_day, next_day.in_visit) == (2, "2026-01-06", 1, 2)
    stepped_back = exposed(next_day, offered, "2026-01-05")
    assert (stepped_back.day, stepped_back.in_day) == ("2026-01-06", 2)
    by_push = exposed(next_day, replace(offered, channel="push"), "2026-01-05")
    assert by_push.by_channel == (("app", 1), ("push", 1)), "and counts by channel as of the later day"
    assert [in_day_by(by_push, "push", day) for day in ("2026-01-05", "2026-01-06", "2026-01-07")] == [2, 1, 0]
    earlier = replace(offered, at=At(1.0, offered.at.utc_s - 3_600.0))
    assert exposed(first, earlier, "2026-01-05").last == first.last, "a cooldown goes by the latest date"
    assert [in_day(next_day, day) for day in ("2026-01-05", "2026-01-06", "2026-01-07")] == [2, 1, 0]
    outside = exposed(next_day, replace(offered, visit=None), "2026-01-06")
    assert (outside.visit, outside.in_visit, outside.in_day) == ("v.1", 2, 2)
