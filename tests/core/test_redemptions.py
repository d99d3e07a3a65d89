"""A till uses each offer once: whatever it repeats, whatever restarts, whoever is erased."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.redemptions import HELD_S, KEPT_S
from gateway.model.amount import Amount
from gateway.model.documents import Campaign, Campaigns, Member, Members, Trigger
from gateway.model.inputs import DocumentReady, Erase, Started
from gateway.model.redemptions import (
    CancelRedemption,
    CommitRedemption,
    Redemption,
    Reserve,
)
from gateway.model.sighting import CheckIn, Sighting
from tests.core.desk import asked
from tests.core.offers import CONTENT, WELCOME
from tests.core.redeeming import reason, redemption
from tests.core.shops import Hand, new_engine, open_shop

ONCE = {"kind": "percent", "value": 10, "code": "single_use"}
GIFT = replace(WELCOME, id="gift", trigger=Trigger("checked_in"), benefit=ONCE)
OFTEN = replace(GIFT, id="often", benefit={"kind": "amount", "value": 5})
WORDS = replace(GIFT, id="words", benefit={"kind": "none"})
PURPOSES = frozenset({"presence", "offers"})
MEMBERS = Members(1, {each: Member(each, purposes=PURPOSES) for each in ("ada", "bob")})
WANTED = Reserve("ada", "gift", "till-3", "4711-1", Amount("4.5"))


def documents(*campaigns: Campaign) -> tuple[DocumentReady, DocumentReady]:
    running = Campaigns(1, campaigns, CONTENT)
    return DocumentReady("campaigns", 1, "sha256:c", running), DocumentReady("members", 1, "sha256:m", MEMBERS)


def shop(*campaigns: Campaign, checks_in: bool = True) -> Hand:
    """Ada checked in at 1 s and was offered each of `campaigns`."""
    hand = open_shop()
    hand.give(0.5, *documents(*(campaigns or (GIFT, OFTEN, WORDS))))
    if checks_in:
        come(hand, 1.0)
    return hand


def come(hand: Hand, mono_s: float) -> None:
    hand.give(mono_s, Sighting("app", "app", CheckIn("ada", "app")))


def restarted(hand: Hand) -> Hand:
    """As after kill -9: of what was stepped, all that was committed."""
    again = Hand(new_engine(hand.folded.values()), last_s=hand.last_s, folded=dict(hand.folded))
    again.give(hand.last_s, *documents(GIFT, OFTEN, WORDS), Started("again"))
    return again


def reserved(hand: Hand, mono_s: float, wanted: Reserve = WANTED) -> Redemption:
    return redemption(asked(hand, mono_s, wanted))


def told(hand: Hand) -> list[tuple[str, object]]:
    return [
        (event.type.removeprefix("redemption."), event.data) for event in hand.events if event.stream == "redemption"
    ]


def test_an_offer_is_held_then_spent_and_told() -> None:
    hand = shop()
    held = reserved(hand, 2.0)
    spent = asked(hand, 3.0, CommitRedemption(held.id, Amount(4)))
    assert isinstance(spent, Redemption)
    assert (held.state, spent.state, spent.value) == ("reserved", "committed", 4.0)
    named = {"redemption": held.id, "campaign": "gift", "till": "till-3", "clock": "synced"}
    assert told(hand) == [
        ("reserved", named | {"value": 4.5, "until": "2026-01-05T09:15:02.000Z"}),
        ("committed", named | {"value": 4.0, "provisional": False, "coupon": None, "cost": None}),
    ]
    assert {event.subject for event in hand.events if event.stream == "redemption"} == {"m.ada"}
    assert all(step.urgent for step in hand.steps[-2:])


@pytest.mark.parametrize("cut", [False, True], ids=["live", "restarted"])
def test_whatever_is_sent_again_has_its_effect_once(cut: bool) -> None:
    hand = shop()
    held = reserved(hand, 2.0)
    hand = restarted(hand) if cut else hand
    assert reserved(hand, 3.0) == held
    spent = asked(hand, 4.0, CommitRedemption(held.id))
    hand = restarted(hand) if cut else hand
    before = len(told(hand))
    assert asked(hand, 5.0, CommitRedemption(held.id, Amount(99))) == spent
    assert reserved(hand, 6.0) == spent
    assert reason(asked(hand, 7.0, replace(WANTED, key="4711-2"))) == "spent"
    assert reason(asked(hand, 8.0, CancelRedemption(held.id))) == "committed"
    assert [kind for kind, _ in told(hand)[before:]] == ["refused", "refused"]


def test_what_is_held_is_held_from_everybody_else_until_it_is_given_back() -> None:
    hand = shop()
    held = reserved(hand, 2.0)
    other = replace(WANTED, till="till-4")
    assert reason(asked(hand, 3.0, other)) == "spent"
    given = asked(hand, 4.0, CancelRedemption(held.id))
    assert isinstance(given, Redemption)
    assert given.state == "cancelled"
    assert asked(hand, 5.0, CancelRedemption(held.id)) == given
    assert reserved(hand, 6.0, other).state == "reserved"
    assert reason(asked(hand, 7.0, CommitRedemption(held.id))) == "cancelled"


@pytest.mark.parametrize("cut", [False, True], ids=["live", "restarted"])
def test_nobody_commits_what_expired(cut: bool) -> None:
    hand = shop()
    held = reserved(hand, 2.0)
    hand = restarted(hand) if cut else hand
    assert reserved(hand, 1.0 + HELD_S).state == "reserved"
    assert reserved(hand, 3.0 + HELD_S).state == "expired"
    assert told(hand)[-1] == (
        "cancelled",
        {"redemption": held.id, "campaign": "gift", "till": "till-3", "reason": "expired", "clock": "synced"},
    )
    assert reason(asked(hand, 4.0 + HELD_S, CommitRedemption(held.id))) == "expired"
    assert reserved(hand, 5.0 + HELD_S, replace(WANTED, key="new")).state == "reserved"


def test_a_campaign_without_single_use_is_good_for_as_many_as_were_offered() -> None:
    hand = shop()
    come(hand, 2.0)
    often = replace(WANTED, campaign="often")
    first, second = (reserved(hand, 3.0, replace(often, key=key)) for key in ("a", "b"))
    assert first.id != second.id
    assert reason(asked(hand, 4.0, replace(often, key="c"))) == "spent"
    reserved(hand, 5.0)
    assert reason(asked(hand, 6.0, replace(WANTED, key="c"))) == "spent"


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (replace(WANTED, member="eve"), "not_recognised"),
        (replace(WANTED, campaign="nowhere"), "not_running"),
        (replace(WANTED, campaign="words"), "no_benefit"),
        (replace(WANTED, member="bob"), "not_offered"),
    ],
)
def test_who_gets_no_is_told_why(wanted: Reserve, why: str) -> None:
    hand = shop()
    assert reason(asked(hand, 2.0, wanted)) == why
    named = {"redemption": None, "campaign": wanted.campaign, "till": "till-3", "clock": "synced"}
    assert told(hand) == [("refused", named | {"reason": why})]
    assert hand.events[-1].subject == (None if why == "not_recognised" else f"m.{wanted.member}")


def test_no_offer_without_a_time_after_its_day_or_after_it_was_stopped() -> None:
    hand = shop()
    hand.clock = "unset"
    assert reason(asked(hand, 2.0, WANTED)) == "clock_unset"
    hand.clock = "synced"
    hand.give(3.0, *documents(replace(GIFT, stopped=True)))
    assert reason(asked(hand, 4.0, WANTED)) == "not_running"
    hand.give(5.0, *documents(GIFT))
    assert reason(asked(hand, 15 * 3600.0, WANTED)) == "over"


def test_a_key_is_for_one_redemption_and_an_unknown_id_for_none() -> None:
    hand = shop()
    reserved(hand, 2.0)
    assert reason(asked(hand, 3.0, replace(WANTED, campaign="often"))) == "key_reused"
    assert reason(asked(hand, 4.0, CommitRedemption("r.nobody"))) == "unknown"
    assert len(told(hand)) == 1


def test_the_erased_redeem_nothing_and_nothing_of_them_is_kept() -> None:
    hand = shop()
    held = reserved(hand, 2.0)
    hand.give(3.0, Erase("ada"))
    assert not [record for record in hand.folded.values() if isinstance(record, Redemption)]
    assert reason(asked(hand, 4.0, CommitRedemption(held.id))) == "unknown"
    assert reason(asked(hand, 5.0, WANTED)) == "not_recognised"
    hand.give(4.0 + HELD_S)


def test_what_is_over_is_forgotten_after_a_day_and_what_is_spent_is_not() -> None:
    hand = shop(replace(GIFT, schedule=replace(GIFT.schedule, until_utc_s=2e9)), OFTEN)
    held = reserved(hand, 2.0)
    asked(hand, 3.0, CancelRedemption(held.id))
    spent = reserved(hand, 4.0, replace(WANTED, key="b"))
    asked(hand, 5.0, CommitRedemption(spent.id))
    later_s = 6.0 + KEPT_S
    assert reason(asked(hand, later_s, replace(WANTED, key="c"))) == "spent"
    assert {record.id for record in hand.folded.values() if isinstance(record, Redemption)} == {spent.id}
    assert hand.folded == hand.engine.records()


moves = st.one_of(
    st.builds(
        Reserve,
        member=st.sampled_from(("ada", "bob")),
        campaign=st.sampled_from(("gift", "often")),
        till=st.sampled_from(("till-3", "till-4")),
        key=st.sampled_from("abc"),
    ),
    st.builds(CommitRedemption, st.integers(0, 9).map(str)),
    st.builds(CancelRedemption, st.integers(0, 9).map(str)),
    st.sampled_from((Sighting("app", "app", CheckIn("ada", "app")), Sighting("app", "app", CheckIn("bob", "app")))),
    st.just("kill"),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from((0.1, 30.0, HELD_S)), moves), max_size=40))
def test_no_history_spends_more_than_was_offered(history):
    hand, ids, moment_s = shop(checks_in=False), ["r.nobody"], 1.0
    committed: dict[str, tuple[str | None, object]] = {}
    for pause_s, move in history:
        moment_s += pause_s
        if move == "kill":
            hand = restarted(hand)
            continue
        at_till = isinstance(move, CommitRedemption | CancelRedemption)
        given = replace(move, redemption=ids[int(move.redemption) % len(ids)]) if at_till else move
        for event in hand.give(moment_s, given):
            if event.type == "redemption.reserved":
                ids.append(event.data["redemption"])
            if event.type == "redemption.committed":
                assert event.data["redemption"] not in committed
                committed[event.data["redemption"]] = (event.subject, event.data["campaign"])
        assert hand.folded == hand.engine.records()
    kept = [each for each in hand.folded.values() if isinstance(each, Redemption) and each.state == "committed"]
    assert {each.id: (each.subject, each.campaign) for each in kept} == committed
    gifts = [subject for subject, campaign in committed.values() if campaign == "gift"]
    assert len(gifts) == len(set(gifts))
