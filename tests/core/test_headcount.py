"""How many are where, with an honest bar, and when the queue at a till is long."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.occupancy import Tally, estimate
from gateway.model.desk import DeskView, ShowDesk
from gateway.model.documents import Campaign, Campaigns, Trigger, Variant
from gateway.model.event import Event
from gateway.model.inputs import DocumentReady, ReceiverHealth, Started
from gateway.model.queue import LongQueue
from gateway.model.time import from_rfc3339
from tests.core.shops import Hand, new_engine
from tests.core.tills import TILL, shop, wait


def of_type(events: list[Event], event_type: str) -> list[Event]:
    return [event for event in events if event.type == event_type]


def long_queues(hand: Hand, mono_s: float) -> tuple[LongQueue, ...]:
    """What sellers are shown."""
    hand.give(mono_s, ShowDesk())
    view = hand.steps[-1].answer
    assert isinstance(view, DeskView)
    return view.queues


def test_a_queue_is_told_when_it_becomes_long_and_not_again_while_it_lasts() -> None:
    hand = shop()
    wait(hand, 2, 1, 60)
    assert of_type(hand.events, "queue.long") == []
    wait(hand, 4, 60, 900)
    (told,) = of_type(hand.events, "queue.long")
    assert (told.data["zone"], told.data["members"], told.data["people"]) == ("shoes", 4, None)
    assert 60 + 20 <= told.time_utc_s - hand.at(0).utc_s <= 60 + 30
    assert 75.0 <= told.data["waited_s"] <= 90.0


def test_who_only_passes_a_till_does_not_wait_there() -> None:
    hand = shop()
    wait(hand, 4, 1, 16)
    hand.give(400.0)
    assert of_type(hand.events, "queue.long") == []


def test_a_queue_is_told_again_only_after_it_was_short_and_its_rest_is_over() -> None:
    hand = shop()
    wait(hand, 3, 1, 100)
    wait(hand, 1, 100, 400)
    wait(hand, 3, 400, 500)
    assert len(of_type(hand.events, "queue.long")) == 1
    wait(hand, 1, 500, 800)
    wait(hand, 3, 800, 900)
    assert len(of_type(hand.events, "queue.long")) == 2


def test_sellers_see_a_queue_for_as_long_as_it_is_long() -> None:
    hand = shop()
    wait(hand, 3, 1, 100)
    (told,) = of_type(hand.events, "queue.long")
    (queue,) = long_queues(hand, 100.0)
    assert (queue.zone, queue.since.utc_s, queue.people) == ("shoes", told.time_utc_s, 3)
    wait(hand, 4, 101, 200)
    assert [each.people for each in long_queues(hand, 200.0)] == [4]
    wait(hand, 1, 201, 500)
    assert long_queues(hand, 500.0) == ()


def test_a_receiver_that_is_down_makes_no_queue_and_a_restart_tells_none_twice() -> None:
    hand = shop()
    wait(hand, 3, 1, 100)
    floorplan = hand.engine._shop.plan
    again = Hand(new_engine(hand.folded.values(), TILL), folded=dict(hand.folded), last_s=hand.last_s)
    again.give(100.0, DocumentReady("floorplan", 1, "sha256:00", floorplan), Started("test"))
    wait(again, 3, 101, 200)
    assert of_type(again.events, "queue.long") == []
    deaf = shop()
    deaf.give(0.5, ReceiverHealth("b.b-7", "down"))
    wait(deaf, 3, 1, 100)
    assert of_type(deaf.events, "queue.long") == []


def test_whoever_waits_in_a_long_queue_makes_a_moment() -> None:
    hand = shop()
    campaign = Campaign("second-till", Trigger("queue_long"), (Variant("a", 1, "words"),))
    content = {"words": {"fr": {"title": "Caisse 2"}}}
    hand.give(0.5, DocumentReady("campaigns", 1, "sha256:00", Campaigns(1, (campaign,), content)))
    wait(hand, 3, 1, 60)
    decided = [decision for step in hand.steps for decision in step.decisions]
    assert [(each.subject, each.moment, each.campaign) for each in decided] == [
        (f"m.h{number}", "queue_long", "second-till") for number in range(3)
    ]


def test_each_quarter_of_an_hour_tells_the_mean_of_who_was_in_each_zone() -> None:
    hand = shop()
    wait(hand, 2, 1, 450)
    wait(hand, 1, 450, 1_800)
    hand.give(4_000.0)
    first, second = of_type(hand.events, "occupancy.measured")[:2]
    assert first.data["until_at"] == "2026-01-05T09:15:00.000Z"
    (zone,) = first.data["zones"]
    assert zone["zone"] == "shoes"
    assert zone["most"] == 2
    assert 1.0 < zone["members"] < 2.0
    assert zone["low"] <= zone["members"] <= zone["high"]
    assert zone["people"] is None
    assert [each["members"] for each in second.data["zones"]] == [1.0]
    assert hand.engine.deadline_s is None


@pytest.mark.parametrize("step_s", [-86_400.0, 86_400.0])
def test_what_was_counted_before_the_clock_was_set_is_dated_by_how_long_it_lasted(step_s: float) -> None:
    hand = shop()
    wait(hand, 2, 1, 450)
    hand.offset_s += step_s
    wait(hand, 2, 450, 900)
    first = of_type(hand.events, "occupancy.measured")[0]
    from_utc_s, until_utc_s = (from_rfc3339(str(first.data[name])) for name in ("from_at", "until_at"))
    assert 400.0 < until_utc_s - from_utc_s < 900.0
    assert abs(until_utc_s - hand.at(450).utc_s) < 60.0


def test_an_empty_shop_tells_nothing() -> None:
    hand = shop()
    hand.give(90_000.0)
    assert of_type(hand.events, "occupancy.measured") == []


def test_who_is_only_held_for_a_dead_receiver_widens_the_bar_downwards() -> None:
    hand = shop()
    wait(hand, 2, 1, 60)
    hand.give(60.0, ReceiverHealth("b.b-7", "down"))
    hand.give(1_000.0)
    (measured,) = of_type(hand.events, "occupancy.measured")
    (zone,) = measured.data["zones"]
    assert zone["members"] == 2.0
    assert zone["unheard"] > 1.5
    assert zone["low"] < 0.5


def test_members_stand_for_people_by_their_share() -> None:
    told = estimate(Tally(10.0), 0.25)
    assert (told.members, told.low, told.high, told.people) == (10.0, 10.0, 10.0, 40.0)
    assert told.people_low is not None
    assert told.people_high is not None
    assert 18.0 < told.people_low < 25.0
    assert 55.0 < told.people_high < 62.0
    assert estimate(Tally(10.0), 1.0).people_high == 10.0


@given(st.integers(0, 200), st.integers(0, 200), st.floats(0.0, 50.0), st.none() | st.floats(0.01, 1.0))
def test_a_bar_holds_its_own_figure(members, unheard, variance, share):
    told = estimate(Tally(float(members), float(min(members, unheard)), variance), share)
    assert 0.0 <= told.low <= told.members <= told.high
    if told.people is not None and told.people_low is not None and told.people_high is not None:
        assert 0.0 <= told.people_low <= told.people + 0.1 <= told.people_high + 0.2
        assert told.members <= told.people + 0.1


@pytest.mark.parametrize("share", [0.1, 0.3, 0.7])
def test_nine_bars_in_ten_hold_the_truth(share: float) -> None:
    """Of 60 people each is a member by chance: how many of all outcomes, by their probability, are within the bar."""
    people, held = 60, 0.0
    for members in range(people + 1):
        told = estimate(Tally(float(members)), share)
        if (
            told.people_low is not None
            and told.people_high is not None
            and told.people_low <= people <= told.people_high
        ):
            held += comb(people, members) * share**members * (1 - share) ** (people - members)
    assert 0.85 <= held <= 0.97
