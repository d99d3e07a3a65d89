"""What members save and earn: counted once when it is spent, shown by visit and in all, gone with their consent."""

from dataclasses import replace

import pytest

from gateway.core import savings
from gateway.core.redemptions import points_of
from gateway.model.amount import NOTHING, Amount
from gateway.model.consent import SayConsent
from gateway.model.documents import Trigger
from gateway.model.inputs import Erase
from gateway.model.redemptions import CancelRedemption, CommitRedemption, NotRedeemed, Redemption
from gateway.model.savings import Saved, ShowSaved
from tests.core.desk import asked
from tests.core.shops import Hand
from tests.core.test_redemptions import GIFT, OFTEN, WANTED, come, reserved, restarted, shop

POINTS = replace(GIFT, id="points", trigger=Trigger("checked_in"), benefit={"kind": "points", "value": 50})


def spend(hand: Hand, mono_s: float, key: str, value: Amount | None, campaign: str = "often") -> Redemption:
    held = reserved(hand, mono_s, replace(WANTED, key=key, campaign=campaign, value=value))
    spent = asked(hand, mono_s + 0.5, CommitRedemption(held.id))
    assert isinstance(spent, Redemption), spent
    return spent


def saved(hand: Hand, mono_s: float, member: str = "ada") -> Saved | None:
    hand.give(mono_s, ShowSaved(member))
    answer = hand.steps[-1].answer
    assert answer is None or isinstance(answer, Saved)
    return answer


def test_what_is_spent_is_counted_once_by_visit_and_in_all() -> None:
    hand = shop(OFTEN, GIFT)
    assert saved(hand, 1.5) is None
    first = spend(hand, 2.0, "1", Amount("4.1"))
    asked(hand, 3.0, CommitRedemption(first.id, Amount(99)))
    held = reserved(hand, 4.0, replace(WANTED, key="2", value=Amount(7)))
    asked(hand, 5.0, CancelRedemption(held.id))
    here = saved(hand, 6.0)
    assert here is not None
    assert (here.in_visit, here.in_all, here.points) == (Amount("4.1"), Amount("4.1"), 0)
    assert here.visit == hand.engine._state.presences["m.ada"].visit
    hand = restarted(hand)
    come(hand, 50_000.0)
    spend(hand, 50_001.0, "3", Amount("0.2"))
    later = saved(hand, 50_002.0)
    assert later is not None
    assert (later.in_visit, later.in_all, later.since) == (Amount("0.2"), Amount("4.3"), here.since)
    assert later.visit != here.visit


def test_points_are_told_once_with_the_redemption_that_earned_them() -> None:
    hand = shop(POINTS)
    spent = spend(hand, 2.0, "1", None, "points")
    asked(hand, 3.0, CommitRedemption(spent.id))
    (earned,) = [event for event in hand.events if event.type == "points.earned"]
    assert (earned.subject, earned.data["redemption"], earned.data["points"]) == ("m.ada", spent.id, 50)
    mine = saved(hand, 4.0)
    assert mine is not None
    assert (mine.points, mine.in_all) == (50.0, 0.0)


NO_POINTS = (None, {"kind": "gift"}, *({"kind": "points", "value": each} for each in (None, "20", True, 0, -5)))


@pytest.mark.parametrize("benefit", NO_POINTS)
def test_what_gives_no_points(benefit: dict[str, object] | None) -> None:
    assert points_of(benefit) is None


ENDS = {"erased": Erase("ada", "order-1"), "withdrew": SayConsent("ada", frozenset({"offers"}))}


@pytest.mark.parametrize("end", ENDS.values(), ids=list(ENDS))
def test_it_goes_with_the_member(end: Erase | SayConsent) -> None:
    hand = shop(OFTEN, GIFT)
    spend(hand, 2.0, "1", Amount("4.1"))
    held = reserved(hand, 3.0) if isinstance(end, SayConsent) else None
    hand.give(4.0, end)
    assert saved(hand, 5.0) is None
    assert ("saved", ("m.ada",)) not in hand.folded
    if held is not None:
        assert not isinstance(asked(hand, 6.0, CommitRedemption(held.id)), NotRedeemed)
        assert saved(hand, 7.0) is None, "and nothing is counted of who agrees to nothing"


def test_who_saved_longest_ago_goes_first() -> None:
    hand = shop(OFTEN)
    spend(hand, 2.0, "1", Amount(1))
    kept = savings.Savings(hand.engine._state)
    hand.offset_s += savings.KEPT_S + 60.0
    assert kept.show(ShowSaved("ada"), hand.at(3.0)) is None
    kept.add("m.bob", Amount(2), NOTHING, hand.at(3.0))
    assert list(hand.engine._state.saved) == ["m.bob"]
    for number in range(savings.MOST_KEPT):
        kept.add(f"m.{number}", Amount(1), NOTHING, hand.at(4.0))
    assert len(hand.engine._state.saved) == savings.MOST_KEPT
    assert "m.bob" not in hand.engine._state.saved
    kept.add("m.0", Amount(1), NOTHING, hand.at(5.0))
    assert len(hand.engine._state.saved) == savings.MOST_KEPT, "who saves again takes nobody's room"
    assert hand.engine._state.saved["m.0"].in_all == 2.0


def test_what_was_saved_long_ago_counts_no_more() -> None:
    hand = shop(OFTEN)
    kept = savings.Savings(hand.engine._state)
    kept.add("m.0", Amount(1), NOTHING, hand.at(2.0))
    hand.offset_s += savings.KEPT_S + 60.0
    kept.add("m.0", Amount(1), NOTHING, hand.at(3.0))
    assert hand.engine._state.saved["m.0"].in_all == 1.0


def test_since_when_is_dated_anew_where_the_clock_was_wrong() -> None:
    hand = shop(OFTEN)
    spend(hand, 2.0, "1", Amount(1))
    before = saved(hand, 3.0)
    hand.offset_s += 3_600.0
    after = saved(hand, 4.0)
    assert before is not None
    assert after is not None
    assert (after.since.utc_s, after.last.utc_s) == (before.since.utc_s + 3_600.0, before.last.utc_s + 3_600.0)
