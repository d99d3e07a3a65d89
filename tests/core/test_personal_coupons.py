"""A coupon that head office signed for one member and one shop: good there, until it ends, once, whoever is killed."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.codecs.cose import LATEST_UTC_S
from gateway.core.coupons import LONGEST_S
from gateway.core.personal import records_of
from gateway.core.redemptions import HELD_S, KEPT_S
from gateway.model.amount import Amount
from gateway.model.consent import Export
from gateway.model.documents import Campaigns, Member, Members
from gateway.model.inputs import DocumentReady, Erase, Started
from gateway.model.personal import Held
from gateway.model.redemptions import (
    CancelRedemption,
    CommitRedemption,
    Redemption,
    Reserve,
)
from gateway.model.savings import Saved, ShowSaved
from simulators.coupon_book import GOOD_S, IssuedCoupon
from tests.core.desk import asked
from tests.core.offers import CONTENT, WELCOME
from tests.core.redeeming import reason, redemption
from tests.core.shops import STARTED_UTC_S, Hand, new_engine, open_shop
from tests.core.test_member_codes import CARD, ISSUER, ISSUERS, at

BIRTHDAY = replace(WELCOME, id="birthday", benefit={"kind": "amount", "value": 5}, cost=Amount("2.5"))
MEMBERS = Members(1, {each: Member(each, purposes=frozenset({"presence", "offers"})) for each in ("q3lzt7", "bob")})
DOCUMENTS = (
    DocumentReady("campaigns", 1, "sha256:c", Campaigns(1, (BIRTHDAY,), CONTENT)),
    DocumentReady("members", 1, "sha256:m", MEMBERS),
    DocumentReady("issuers", 1, "sha256:i", ISSUERS),
)
COUPON = IssuedCoupon.issue("birthday", ("acme", "0042"), "loyalty-2026", ISSUER, STARTED_UTC_S, "q3lzt7")
WANTED = Reserve(None, None, "till-3", "1", Amount(5), coupon=COUPON.text)


def shop() -> Hand:
    hand = open_shop()
    hand.give(0.5, *DOCUMENTS)
    return hand


def killed(hand: Hand) -> Hand:
    """As after kill -9: of what was stepped, all that was committed."""
    again = Hand(new_engine(hand.folded.values()), last_s=hand.last_s, folded=dict(hand.folded), offset_s=hand.offset_s)
    again.give(hand.last_s, *DOCUMENTS, Started("again"))
    return again


def reserved(hand: Hand, mono_s: float, wanted: Reserve = WANTED) -> Redemption:
    return redemption(asked(hand, mono_s, wanted))


def showing(coupon: IssuedCoupon, key: str = "2") -> Reserve:
    return replace(WANTED, key=key, coupon=coupon.text)


def test_it_is_taken_without_any_offer_and_told_with_its_id_its_member_and_its_cost() -> None:
    hand = shop()
    held = reserved(hand, 1.0)
    spent = asked(hand, 2.0, CommitRedemption(held.id))
    assert isinstance(spent, Redemption)
    assert (held.state, spent.state, spent.member) == ("reserved", "committed", "q3lzt7")
    told = [event for event in hand.events if event.stream == "redemption"]
    assert [event.type for event in told] == ["redemption.reserved", "redemption.committed"]
    assert {event.subject for event in told} == {"m.q3lzt7"}
    assert (told[1].data["coupon"], told[1].data["cost"]) == (COUPON.coupon.id, 2.5)


@pytest.mark.parametrize("cut", [False, True], ids=["live", "restarted"])
def test_it_is_good_once_whatever_is_sent_again(cut: bool) -> None:
    hand = shop()
    held = reserved(hand, 1.0)
    hand = killed(hand) if cut else hand
    assert reserved(hand, 2.0) == held
    assert reason(asked(hand, 3.0, showing(COUPON))) == "spent", "another basket holds it"
    spent = asked(hand, 4.0, CommitRedemption(held.id))
    hand = killed(hand) if cut else hand
    assert reserved(hand, 5.0) == spent
    assert reason(asked(hand, 6.0, showing(COUPON))) == "spent"
    rewritten = IssuedCoupon(COUPON.coupon, "loyalty-2026", ISSUER).but(ends_utc_s=at(GOOD_S + 60.0))
    assert reason(asked(hand, 7.0, showing(rewritten))) == "spent", "its id is what counts, not its text"


def test_what_was_given_back_is_good_again_and_another_coupon_of_the_campaign_too() -> None:
    hand = shop()
    held = reserved(hand, 1.0)
    other = IssuedCoupon.issue("birthday", ("acme", "0042"), "loyalty-2026", ISSUER, STARTED_UTC_S)
    assert reserved(hand, 2.0, showing(other, "other")).state == "reserved"
    asked(hand, 3.0, CancelRedemption(held.id))
    again = reserved(hand, 4.0, showing(COUPON))
    assert reserved(hand, 4.0 + HELD_S + 1.0, showing(COUPON)).state == "expired"
    assert reserved(hand, 5.0 + HELD_S + 1.0, showing(COUPON, "3")).id != again.id


OTHER_KEY = Ed25519PrivateKey.generate()
DAY = 86_400.0


@pytest.mark.parametrize(
    ("coupon", "why"),
    [
        (COUPON.but(audience="proximity:acme/0043"), "coupon_wrong_store"),
        (COUPON.but(audience="proximity:acme"), "coupon_wrong_store"),
        (COUPON.but(audience="proximity:other/0042"), "coupon_wrong_store"),
        (COUPON.but(ends_utc_s=at(1.0)), "coupon_expired"),
        (COUPON.but(begins_utc_s=at(DAY)), "coupon_not_yet_valid"),
        (COUPON.but(begins_utc_s=LATEST_UTC_S), "coupon_not_yet_valid"),
        (COUPON.but(begins_utc_s=LATEST_UTC_S + 1), "coupon_malformed"),
        (COUPON.but(ends_utc_s=at(LONGEST_S + 1.0)), "coupon_lasts_too_long"),
        (IssuedCoupon(COUPON.coupon, "loyalty-2026", OTHER_KEY), "coupon_forged"),
        (IssuedCoupon(COUPON.coupon, "somebody", ISSUER), "coupon_unknown_issuer"),
        (COUPON.but(campaign="gone"), "not_running"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_why_one_is_refused(coupon: IssuedCoupon, why: str) -> None:
    hand = shop()
    assert reason(asked(hand, 2.0, showing(coupon))) == why
    assert not hand.engine._state.redemptions


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (COUPON.text[:-1], "coupon_truncated"),
        (COUPON.text + "0" * 1_024, "coupon_too_long"),
        ("PC1:~", "coupon_malformed"),
    ],
)
def test_what_is_no_whole_coupon(text: str, why: str) -> None:
    assert reason(asked(shop(), 2.0, replace(WANTED, coupon=text))) == why


def test_without_a_clock_nobody_knows_whether_it_is_good() -> None:
    hand = shop()
    hand.clock = "unset"
    assert reason(asked(hand, 2.0, WANTED)) == "clock_unset"


def test_it_is_good_for_its_member_whether_or_not_the_shop_knows_them_and_for_no_other() -> None:
    hand = shop()
    assert reason(asked(hand, 2.0, replace(WANTED, member="bob"))) == "coupon_of_another"
    assert reserved(hand, 3.0, replace(WANTED, member="q3lzt7")).member == "q3lzt7"
    stranger = COUPON.but(handle="nobody", id="0" * 32)
    assert reserved(hand, 4.0, replace(showing(stranger), member="nobody")).member is None
    assert hand.events[-1].subject is None
    shown = replace(WANTED, key="4", code=CARD.text(at(5.0)), coupon=COUPON.but(id="1" * 32).text)
    assert reserved(hand, 5.0, shown).member == "q3lzt7"


def test_that_it_was_spent_is_known_for_as_long_as_it_could_be_shown() -> None:
    hand = shop()
    held = reserved(hand, 1.0)
    asked(hand, 2.0, CommitRedemption(held.id))
    stopped = DocumentReady("campaigns", 2, "sha256:d", Campaigns(2, (), CONTENT))
    hand.offset_s += KEPT_S + 60.0
    hand.give(3.0, stopped)
    for number in range(3):
        assert reason(asked(hand, 4.0 + number, showing(COUPON, f"late-{number}"))) == "not_running"
    hand.give(10.0, *DOCUMENTS)
    assert reason(asked(hand, 11.0, showing(COUPON))) == "spent"
    hand.offset_s += GOOD_S
    for number in range(3):
        assert reason(asked(hand, 12.0 + number, showing(COUPON, f"later-{number}"))) == "coupon_expired"


def test_it_stays_spent_when_its_member_is_forgotten_and_nobody_knows_whose_it_was() -> None:
    hand = shop()
    held = reserved(hand, 1.0)
    asked(hand, 2.0, CommitRedemption(held.id))
    hand.give(3.0, Erase("q3lzt7", "order-1"))
    assert not [record for record in hand.folded.values() if "q3lzt7" in str(record) and "Erased" not in str(record)]
    assert reason(asked(killed(hand), 4.0, showing(COUPON))) == "spent"


def test_its_member_takes_it_along_from_the_gateway_and_from_a_stopped_one_alike() -> None:
    hand = shop()
    spent = asked(hand, 2.0, CommitRedemption(reserved(hand, 1.0).id))
    hand.give(3.0, Export("q3lzt7"))
    held = hand.steps[-1].answer
    assert isinstance(held, Held)
    assert spent in held.records
    assert set(records_of(hand.folded.values(), "q3lzt7")) == set(held.records)


def test_what_it_saved_is_shown_to_its_member() -> None:
    hand = shop()
    held = reserved(hand, 1.0)
    hand.give(1.5, ShowSaved("q3lzt7"))
    assert hand.steps[-1].answer is None, "what is only held saved nothing"
    asked(hand, 2.0, CommitRedemption(held.id, Amount("4.2")))
    asked(hand, 2.5, CommitRedemption(held.id, Amount("4.2")))
    hand = killed(hand)
    hand.give(3.0, ShowSaved("q3lzt7"))
    saved = hand.steps[-1].answer
    assert isinstance(saved, Saved)
    assert (saved.in_all, saved.points) == (Amount("4.2"), 0)


moves = st.lists(
    st.tuples(st.sampled_from(("reserve", "reserve", "commit", "cancel", "kill", "wait")), st.integers(0, 3)),
    min_size=1,
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(moves)
def test_whatever_happens_each_coupon_is_spent_once(history: list[tuple[str, int]]) -> None:
    hand, mono_s = shop(), 1.0
    coupons = [COUPON.but(id=f"{number:032x}") for number in range(2)]
    held: list[Redemption] = []
    spent: dict[str, str] = {}
    for number, (move, which) in enumerate(history):
        mono_s += HELD_S + 1.0 if move == "wait" else 1.0
        match move:
            case "kill":
                hand = killed(hand)
            case "reserve":
                answer = asked(
                    hand, mono_s, replace(showing(coupons[which % 2], f"k{number // 3}"), till=f"till-{which}")
                )
                held += [answer] if isinstance(answer, Redemption) else []
            case "commit" | "cancel" if held:
                one = held[which % len(held)]
                answer = asked(hand, mono_s, CommitRedemption(one.id) if move == "commit" else CancelRedemption(one.id))
                if isinstance(answer, Redemption) and answer.state == "committed":
                    assert spent.setdefault(answer.subject, answer.id) == answer.id
            case _:
                hand.give(mono_s)
    told = [event.data["coupon"] for event in hand.events if event.type == "redemption.committed"]
    assert len(told) == len(set(told))
