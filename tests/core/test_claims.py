"""Who may have something of value at a till: radio alone proves nobody, a code in the hand does."""

from dataclasses import replace

import pytest

from gateway.codecs.tokens import day_of, slot_of, token
from gateway.core.coupons import coupon_digest
from gateway.core.redemptions import KEPT_S
from gateway.model.documents import Campaigns, Codes, Member, Members, Trigger
from gateway.model.inputs import DocumentReady, Started
from gateway.model.redemptions import CancelRedemption, CommitRedemption, Redemption, Reserve
from gateway.model.sighting import AppReport, CheckIn, CodeText, HeardBeacon, MemberToken, Sighting
from simulators.member_card import barcode
from tests.core.desk import asked
from tests.core.offers import CONTENT, WELCOME
from tests.core.redeeming import reason
from tests.core.shops import STARTED_UTC_S, Hand, new_engine, open_shop
from tests.core.test_member_codes import CARD, ISSUERS, PASS_KEY, at

DAY_KEY = bytes(range(16))
MEMBER = Member("q3lzt7", keys={day_of(STARTED_UTC_S): DAY_KEY}, purposes=frozenset({"presence", "offers"}))
GIFT = replace(WELCOME, id="gift", trigger=Trigger("zone_entered"), benefit={"kind": "amount", "value": 5})
PRIZE = replace(GIFT, id="prize", codes=Codes(frozenset({coupon_digest("WON-1"), coupon_digest("WON-2")})))
LEAFLET = replace(GIFT, id="leaflet", codes=Codes(frozenset({coupon_digest("SPRING-10")}), once=False))


def documents() -> tuple[DocumentReady, ...]:
    running = Campaigns(1, (GIFT, PRIZE, LEAFLET), CONTENT)
    return (
        DocumentReady("campaigns", 1, "sha256:c", running),
        DocumentReady("members", 1, "sha256:m", Members(1, {"q3lzt7": MEMBER})),
        DocumentReady("issuers", 1, "sha256:i", ISSUERS),
    )


def heard_by_radio() -> Hand:
    """A member whose phone's token was heard at the door, and who was made the offer there."""
    hand = open_shop()
    hand.give(0.5, *documents())
    said = token(DAY_KEY, slot_of(at(1.0)))
    for second in range(1, 8):
        hand.give(float(second), Sighting("ble", "rx-door", MemberToken(said), -50.0, "C0:00:00:00:00:02"))
    assert "gift" in hand.engine._state.exposures["m.q3lzt7"]
    return hand


GIFT_FOR_MEMBER = Reserve("q3lzt7", "gift", "till-3", "1")


def test_nothing_of_value_is_redeemed_on_radio_alone() -> None:
    hand = heard_by_radio()
    assert reason(asked(hand, 10.0, GIFT_FOR_MEMBER)) == "not_proven"
    (told,) = hand.steps[-1].events
    assert (told.type, told.subject, told.data["reason"]) == ("redemption.refused", "m.q3lzt7", "not_proven")


@pytest.mark.parametrize(
    "word",
    [
        Sighting("app", "app", CheckIn("q3lzt7", "app")),
        Sighting("app", "app", AppReport("q3lzt7", (HeardBeacon("b-7", -60.0),))),
        Sighting("code", "rx-door", CodeText("qr_code", CARD.text(at(9.0)))),
    ],
)
def test_the_members_own_word_or_code_is_enough(word: Sighting) -> None:
    hand = heard_by_radio()
    hand.give(9.0, word)
    assert isinstance(asked(hand, 10.0, GIFT_FOR_MEMBER), Redemption)


def test_a_wallets_barcode_is_not_enough() -> None:
    hand = heard_by_radio()
    hand.give(9.0, Sighting("code", "rx-door", CodeText("qr_code", barcode("q3lzt7", PASS_KEY, at(9.0)))))
    assert reason(asked(hand, 10.0, GIFT_FOR_MEMBER)) == "not_proven"
    shown = Reserve(None, "gift", "till-3", "2", code=barcode("q3lzt7", PASS_KEY, at(10.0)))
    assert reason(asked(hand, 10.0, shown)) == "not_proven"


def test_the_code_shown_at_the_till_names_and_proves_the_member_once() -> None:
    hand = heard_by_radio()
    shown = Reserve(None, "gift", "till-3", "1", code=CARD.text(at(10.0)))
    held = asked(hand, 10.0, shown)
    assert isinstance(held, Redemption)
    assert held.subject == "m.q3lzt7"
    assert asked(hand, 11.0, shown) == held, "the same request again is the same redemption"
    assert reason(asked(hand, 12.0, replace(shown, key="2"))) == "spent"
    assert (shown.code or "")[4:40] not in repr(hand.steps)


def test_a_code_that_was_used_elsewhere_proves_nobody() -> None:
    hand = heard_by_radio()
    shown = Reserve(None, "gift", "till-3", "1", code=CARD.text(at(-70.0)))
    assert reason(asked(hand, 10.0, shown)) == "code_out_of_time"
    assert reason(asked(hand, 10.0, replace(shown, code="A7"))) == "bad_code"
    assert reason(asked(hand, 10.0, replace(shown, code=replace(CARD, issuer="nobody").text(at(10.0))))) == "bad_code"


def test_a_prize_is_honoured_once_whoever_brings_it() -> None:
    hand = heard_by_radio()
    first = Reserve(None, None, "till-3", "1", coupon="https://shop.example/c/WON-1")
    held = asked(hand, 10.0, first)
    assert isinstance(held, Redemption)
    assert held.campaign == "prize"
    assert reason(asked(hand, 11.0, replace(first, key="2", member="q3lzt7"))) == "spent"
    assert isinstance(asked(hand, 12.0, replace(first, key="3", coupon="WON-2")), Redemption)
    assert reason(asked(hand, 13.0, replace(first, key="4", coupon="WON-3"))) == "unknown_coupon"
    assert "WON-" not in repr(hand.steps)
    told = [event for event in hand.events if event.type == "redemption.reserved"]
    assert [event.subject for event in told] == [None, None]
    hand.give(14.0, CommitRedemption(held.id))
    assert reason(asked(hand, 15.0, CancelRedemption(held.id))) == "committed"
    assert coupon_digest("WON-1") not in repr(hand.events)


def test_a_prize_stays_spent_across_days_and_restarts() -> None:
    hand = heard_by_radio()
    held = asked(hand, 10.0, Reserve(None, None, "till-3", "1", coupon="WON-1"))
    assert isinstance(held, Redemption)
    hand.give(11.0, CommitRedemption(held.id))
    again = Hand(new_engine(hand.folded.values()), last_s=hand.last_s, folded=dict(hand.folded))
    again.give(12.0, *documents(), Started("again"))
    later = 12.0 + 2 * KEPT_S
    assert isinstance(asked(again, later, Reserve(None, None, "till-3", "2", coupon="WON-2")), Redemption)
    assert reason(asked(again, later, Reserve(None, None, "till-4", "3", coupon="WON-1"))) == "spent"


def test_a_leaflets_coupon_is_good_for_everybody_and_once_for_each_member() -> None:
    hand = heard_by_radio()
    anybody = Reserve(None, None, "till-3", "1", coupon="SPRING-10")
    assert isinstance(asked(hand, 10.0, anybody), Redemption)
    assert isinstance(asked(hand, 10.0, replace(anybody, key="2")), Redemption)
    member = replace(anybody, member="q3lzt7", key="3")
    assert isinstance(asked(hand, 10.0, member), Redemption)
    assert reason(asked(hand, 10.0, replace(member, key="4"))) == "spent"
    assert reason(asked(hand, 10.0, replace(member, key="5", member="nobody"))) == "not_recognised"
