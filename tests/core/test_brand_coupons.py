"""A coupon that is good once in all shops: head office keeps it for one of them, or a little is given meanwhile."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.coupons import coupon_digest
from gateway.core.redemptions import HELD_S
from gateway.model.amount import NOTHING, Amount
from gateway.model.commands import Command, NotTaken
from gateway.model.documents import Campaigns, Codes
from gateway.model.inputs import Commanded, DocumentReady, Started
from gateway.model.redemptions import CancelRedemption, CommitRedemption, LockAnswered, Redemption, Reserve
from tests.core.desk import asked
from tests.core.offers import CONTENT, WELCOME
from tests.core.redeeming import reason, redemption
from tests.core.shops import STARTED_UTC_S, Hand, new_engine, open_shop

TENNER = {"kind": "amount", "value": 10}
BRAND = Codes(frozenset({coupon_digest("BRAND-1"), coupon_digest("BRAND-2")}), brand=True, offline_up_to=Amount(5))
CAMPAIGN = replace(WELCOME, id="brand", benefit=TENNER, codes=BRAND)
DOCUMENT = DocumentReady("campaigns", 1, "sha256:c", Campaigns(1, (CAMPAIGN,), CONTENT))
WANTED = Reserve(None, None, "till-3", "1", Amount(10), coupon="BRAND-1")


def shop() -> Hand:
    hand = open_shop()
    hand.give(0.5, DOCUMENT)
    return hand


def killed(hand: Hand) -> Hand:
    """As after kill -9: of what was stepped, all that was committed."""
    again = Hand(new_engine(hand.folded.values()), last_s=hand.last_s, folded=dict(hand.folded))
    again.give(hand.last_s, DOCUMENT, Started("again"))
    return again


def answered(held: Redemption, number: int, *, granted: bool) -> Commanded:
    command = Command(f"order-{number}", "lock", "hq", STARTED_UTC_S, STARTED_UTC_S + 3_600.0)
    return Commanded(command, LockAnswered(held.id, granted))


def told(hand: Hand) -> list[str]:
    return [event.type.removeprefix("redemption.") for event in hand.events if event.stream == "redemption"]


def test_a_coupon_is_locked_at_head_office_before_it_is_spent() -> None:
    hand = shop()
    held = redemption(asked(hand, 1.0, WANTED))
    assert (held.state, held.lock) == ("reserved", "asked")
    wanted = next(event for event in hand.events if event.type == "redemption.lock_wanted")
    assert (wanted.data["redemption"], wanted.data["coupon"]) == (held.id, coupon_digest("BRAND-1"))
    assert wanted.subject is None
    assert reason(asked(hand, 2.0, CommitRedemption(held.id))) == "not_locked"
    assert redemption(asked(hand, 3.0, answered(held, 1, granted=True))).lock == "granted"
    assert redemption(asked(hand, 4.0, WANTED)).lock == "granted", "the till sees it by asking again"
    assert redemption(asked(hand, 5.0, CommitRedemption(held.id))).state == "committed"
    assert hand.events[-1].data["provisional"] is False
    assert told(hand) == ["reserved", "lock_wanted", "committed"]


def test_what_is_spent_in_another_shop_is_not_given() -> None:
    hand = shop()
    held = redemption(asked(hand, 1.0, WANTED))
    assert redemption(asked(hand, 2.0, answered(held, 1, granted=False))).state == "cancelled"
    assert hand.events[-1].data["reason"] == "spent_elsewhere"
    assert reason(asked(hand, 3.0, CommitRedemption(held.id))) == "cancelled"


def test_offline_a_little_is_given_and_told_as_provisional() -> None:
    hand = shop()
    held = redemption(asked(hand, 1.0, WANTED))
    assert reason(asked(hand, 2.0, CommitRedemption(held.id, Amount("5.01")))) == "not_locked"
    untold = redemption(asked(hand, 3.0, replace(WANTED, key="2", value=None, coupon="BRAND-2")))
    assert reason(asked(hand, 4.0, CommitRedemption(untold.id))) == "not_locked"
    assert redemption(asked(hand, 5.0, CommitRedemption(held.id, Amount(5)))).state == "committed"
    assert hand.events[-1].data["provisional"] is True
    late = redemption(asked(hand, 6.0, answered(held, 1, granted=False)))
    assert (late.state, late.lock, hand.events[-1].type) == ("committed", "refused", "redemption.rejected")
    rejected = {"value": 5.0, "cost": None, "reason": "spent_elsewhere"}
    assert hand.events[-1].data == {
        "redemption": held.id,
        "campaign": "brand",
        "till": "till-3",
        "clock": "synced",
        **rejected,
    }
    told_once = len(hand.events)
    asked(hand, 7.0, answered(held, 2, granted=False))
    assert not [event for event in hand.events[told_once:] if event.stream == "redemption"]


def test_an_answer_has_its_effect_once_and_to_what_is_over_none() -> None:
    hand = shop()
    held = redemption(asked(hand, 1.0, WANTED))
    asked(hand, 2.0, CancelRedemption(held.id))
    assert redemption(asked(hand, 3.0, answered(held, 1, granted=True))).state == "cancelled"
    assert isinstance(asked(hand, 4.0, answered(held, 1, granted=True)), NotTaken)
    again = redemption(asked(hand, 5.0, replace(WANTED, key="2")))
    hand.give(5.0 + HELD_S + 1.0)
    assert redemption(asked(hand, 950.0, answered(again, 2, granted=False))).state == "expired"
    assert reason(asked(hand, 951.0, LockAnswered("r.unknown", granted=True))) == "unknown"


moves = st.lists(
    st.tuples(st.sampled_from(("reserve", "commit", "little", "cancel", "grant", "refuse", "kill")), st.integers(0, 2)),
    min_size=1,
    max_size=25,
)


@settings(max_examples=200, deadline=None)
@given(moves)
@pytest.mark.parametrize("most", [NOTHING, Amount(5)])
def test_whatever_happens_a_coupon_is_spent_once_and_more_than_a_little_only_when_granted(
    most: Amount, history: list[tuple[str, int]]
) -> None:
    hand, granted, spent = open_shop(), set[str](), dict[str, Amount]()
    campaign = replace(CAMPAIGN, codes=replace(BRAND, offline_up_to=most))
    document = replace(DOCUMENT, content=Campaigns(1, (campaign,), CONTENT))
    hand.give(0.5, document)
    held: list[Redemption] = []
    for number, (move, which) in enumerate(history):
        mono_s = 1.0 + number
        if move == "kill":
            hand = Hand(new_engine(hand.folded.values()), last_s=hand.last_s, folded=dict(hand.folded))
            hand.give(mono_s, document, Started("again"))
            continue
        if move == "reserve":
            answer = asked(hand, mono_s, replace(WANTED, key=str(which)))
            held += [answer] if isinstance(answer, Redemption) else []
            continue
        if not held:
            continue
        one = held[which % len(held)]
        match move:
            case "commit":
                answer = asked(hand, mono_s, CommitRedemption(one.id, Amount(10)))
            case "little":
                answer = asked(hand, mono_s, CommitRedemption(one.id, Amount(5)))
            case "cancel":
                answer = asked(hand, mono_s, CancelRedemption(one.id))
            case _:
                answer = asked(hand, mono_s, answered(one, number, granted=move == "grant"))
                if isinstance(answer, Redemption) and answer.lock == "granted":
                    granted.add(one.id)
        if isinstance(answer, Redemption) and answer.state == "committed":
            spent.setdefault(answer.id, answer.value or NOTHING)
            assert answer.value == spent[answer.id], "what is spent stays as it was"
    assert len(spent) <= 1
    assert all(identity in granted or value <= most for identity, value in spent.items())
