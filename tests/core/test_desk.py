"""The desk: orders are handed over against a code, help ends, tickets, returns, slips and prices are told once."""

from dataclasses import replace

import pytest

from gateway.core.desk.help import KEPT_S, MOST_OF_GUESTS, MOST_OPEN
from gateway.core.desk.slips import GOOD_S
from gateway.model.amount import Amount
from gateway.model.consent import Export, SayConsent
from gateway.model.desk import NotServed
from gateway.model.documents import Member, Members, Trigger, Zone
from gateway.model.feeds import OrderLine, Stock
from gateway.model.help import AskHelp, ClaimHelp, CloseHelp, HelpRequest
from gateway.model.inputs import DocumentReady, Erase
from gateway.model.orders import HandOver, Pickup
from gateway.model.personal import Held
from gateway.model.price_matches import AskPriceMatch
from gateway.model.returns import CheckReturn, ReceiveReturn, RestockReturn, Return
from gateway.model.slips import MakeSlip, Slip, TakeSlip
from gateway.model.step import kind_of
from gateway.model.tickets import RecordTicket, Ticket, TicketLine
from gateway.model.time import At
from tests.core.desk import (
    BRIEF,
    GTIN,
    MEMBERS,
    ORDER,
    PURPOSES,
    asked,
    campaign,
    come,
    fed,
    floor,
    gone,
    near,
    offers,
    open_desk,
    restarted,
    told,
)
from tests.core.shops import Hand

PRICE = Amount("89.9")
SALE = RecordTicket("till-3", "4711", PRICE, "EUR", (TicketLine(GTIN, 1, PRICE),), "ada", "https://shop.example/r/1")
GIFT = campaign(Trigger("checked_in"), "gift", benefit={"kind": "percent", "value": 10})


def reason(answer: object) -> str:
    assert isinstance(answer, NotServed)
    return answer.reason


def test_an_order_is_told_when_its_customer_comes_and_handed_over_against_its_code() -> None:
    hand = open_desk(campaign(Trigger("order_arrived")), rows=(ORDER,))
    come(hand, 1.0)
    (arrived,) = told(hand, "order.arrived")
    assert (arrived["order"], arrived["lines"]) == ("o-1", [{"gtin": GTIN, "quantity": 1}])
    assert offers(hand) == [("order_arrived", "story")]
    assert reason(asked(hand, 5.0, HandOver("o-1", "o-1", "maud"))) == "wrong_code"
    handed = asked(hand, 61.0, HandOver("o-1", "7731", "maud"))
    assert isinstance(handed, Pickup)
    (given,) = told(hand, "order.handed_over")
    assert (given["visit"], given["waited_s"], given["seller"]) == (arrived["visit"], 60.0, "maud")
    assert asked(hand, 70.0, HandOver("o-1", "7731", "maud")) == handed
    fed(hand, 71.0, "orders", replace(ORDER, state="handed_over"))
    assert asked(hand, 72.0, HandOver("o-1", "7731", "maud")) == handed, "though head office has heard of it"
    assert len(told(hand, "order.handed_over")) == 1


def test_an_order_without_a_code_is_proved_by_its_own_name() -> None:
    hand = open_desk(rows=(replace(ORDER, code=None),))
    assert isinstance(asked(hand, 1.0, HandOver("o-1", "o-1", "maud")), Pickup)
    assert told(hand, "order.handed_over")[0]["waited_s"] is None


def test_what_does_not_lie_here_is_not_handed_over() -> None:
    hand = open_desk(rows=(replace(ORDER, state="placed"),))
    assert reason(asked(hand, 1.0, HandOver("o-1", "7731", "maud"))) == "not_ready"
    assert reason(asked(hand, 1.0, HandOver("o-2", "7731", "maud"))) == "unknown"


def test_an_order_that_comes_while_its_customer_is_here_is_told_at_once() -> None:
    hand = open_desk()
    come(hand, 1.0)
    fed(hand, 5.0, "orders", ORDER)
    fed(hand, 6.0, "orders", ORDER)
    assert [each["order"] for each in told(hand, "order.arrived")] == ["o-1"]


def test_a_customer_who_leaves_without_the_order_arrives_again() -> None:
    hand = open_desk(rows=(ORDER,))
    come(hand, 1.0)
    gone(hand, 1.0)
    come(hand, 2_000.0)
    assert len(told(hand, "order.arrived")) == 2


def test_help_keeps_what_was_asked_for_until_it_ends() -> None:
    hand = open_desk()
    near(hand, 1.0, 9.0)
    request = asked(hand, 10.0, AskHelp("ada", product=GTIN, size="42", notes="for my sister"))
    assert isinstance(request, HelpRequest)
    assert (request.zone, request.size, request.notes) == ("shoes", "42", "for my sister")
    claimed = asked(hand, 40.0, ClaimHelp(request.id, "nils"))
    assert claimed == replace(request, seller="nils", claimed=At.of(hand.at(40.0)))
    assert reason(asked(hand, 41.0, ClaimHelp(request.id, "maud"))) == "claimed"
    assert asked(hand, 42.0, ClaimHelp(request.id, "nils")) == claimed
    assert asked(hand, 100.0, CloseHelp(request.id, "served")) == claimed
    assert reason(asked(hand, 101.0, CloseHelp(request.id, "served"))) == "unknown"
    wanted = {"product": GTIN, "size": "42"}
    assert all(each | wanted == each for each in told(hand, "help.requested", "help.claimed", "help.closed"))
    assert told(hand, "help.claimed")[0]["waited_s"] == 30.0
    assert told(hand, "help.closed")[0]["lasted_s"] == 90.0
    assert "sister" not in str([event.data for event in hand.events])


def test_a_member_who_asks_again_says_what_is_wanted_now() -> None:
    hand = open_desk()
    come(hand, 1.0)
    first = asked(hand, 2.0, AskHelp("ada", size="42"))
    again = asked(hand, 3.0, AskHelp("ada", size="43"))
    assert isinstance(first, HelpRequest)
    assert isinstance(again, HelpRequest)
    assert (again.id, again.size) == (first.id, "43")
    assert len(told(hand, "help.requested")) == 1


def test_help_ends_with_the_visit_or_after_hours() -> None:
    hand = open_desk()
    come(hand, 1.0)
    asked(hand, 2.0, AskHelp("ada"))
    asked(hand, 3.0, AskHelp(zone="shoes"))
    gone(hand, 3.0)
    hand.give(4.0 + KEPT_S)
    assert [each["outcome"] for each in told(hand, "help.closed")] == ["left", "expired"]


@pytest.mark.parametrize("member", ["ada", None])
def test_a_sensitive_zone_is_known_to_who_helps_there_and_to_no_event(member: str | None) -> None:
    hand = open_desk()
    fitting = replace(floor(), zones={**floor().zones, "fitting": Zone("fitting", "fitting", sensitive=True)})
    hand.give(0.0, DocumentReady("floorplan", 2, "sha256:f", fitting))
    request = asked(hand, 1.0, AskHelp(member, zone="fitting", product=GTIN, size="42"))
    assert isinstance(request, HelpRequest)
    assert (request.zone, request.product, request.size) == ("fitting", GTIN, "42")
    asked(hand, 2.0, ClaimHelp(request.id, "nils"))
    asked(hand, 3.0, CloseHelp(request.id, "served"))
    said = told(hand, "help.requested", "help.claimed", "help.closed")
    assert [(each["zone"], each["product"], each["size"]) for each in said] == [(None, None, None)] * 3


def test_nor_is_it_told_what_a_member_wants_who_is_in_one_and_does_not_say_so() -> None:
    hand = open_desk()
    quiet = {**floor().zones, "shoes": replace(floor().zones["shoes"], sensitive=True)}
    hand.give(0.0, DocumentReady("floorplan", 2, "sha256:f", replace(floor(), zones=quiet)))
    near(hand, 1.0, 20.0)
    assert asked(hand, 21.0, AskHelp("ada", product=GTIN)).product == GTIN
    near(hand, 22.0, 60.0, "b-till")
    asked(hand, 61.0, CloseHelp(told(hand, "help.requested")[0]["help"], "served"))
    asked(hand, 62.0, AskHelp("ada", product=GTIN))
    assert [each["product"] for each in told(hand, "help.requested", "help.closed")] == [None, None, GTIN]


def test_only_so_many_wait_for_help_and_guests_shut_no_member_out() -> None:
    hand = open_desk()
    crowd = {f"m-{number}": Member(f"m-{number}", purposes=PURPOSES) for number in range(MOST_OPEN - MOST_OF_GUESTS)}
    hand.give(0.5, DocumentReady("members", 2, "sha256:m2", Members(2, {**MEMBERS.members, **crowd})))
    for number in range(MOST_OF_GUESTS):
        assert isinstance(asked(hand, 1.0 + number, AskHelp(zone="shoes")), HelpRequest)
    assert reason(asked(hand, 500.0, AskHelp(zone="shoes"))) == "too_many"
    for handle in crowd:
        assert isinstance(asked(hand, 501.0, AskHelp(handle)), HelpRequest)
    assert reason(asked(hand, 502.0, AskHelp("ada"))) == "too_many"


def test_a_campaign_sends_a_seller_to_who_stays_near_a_wish() -> None:
    wish = campaign(Trigger("near_wish", after_s=30.0), purpose="staff_assist", channels=("staff",), cooldown_s=3_600.0)
    hand = open_desk(wish, rows=(BRIEF,))
    near(hand, 1.0, 61.0)
    (request,) = told(hand, "help.requested")
    assert (request["cause"], request["campaign"], request["product"]) == ("campaign", "story", GTIN)
    assert request["zone"] == "shoes"


def test_a_ticket_is_of_the_visit_and_of_what_led_to_it() -> None:
    hand = open_desk(GIFT)
    come(hand, 1.0)
    ticket = asked(hand, 60.0, SALE)
    assert isinstance(ticket, Ticket)
    (recorded,) = told(hand, "ticket.recorded")
    assert recorded["visit"] == ticket.visit is not None
    assert (recorded["offers"], recorded["campaigns_seen"], recorded["held_out"]) == (["gift"], ["ig-1"], False)
    assert asked(hand, 61.0, SALE) == ticket
    assert reason(asked(hand, 62.0, replace(SALE, total=Amount(1)))) == "number_reused"
    assert len(told(hand, "ticket.recorded")) == 1


def test_who_did_not_agree_to_analytics_is_tied_to_no_campaign() -> None:
    hand = open_desk(GIFT)
    come(hand, 1.0, "bob")
    asked(hand, 2.0, replace(SALE, member="bob"))
    (recorded,) = told(hand, "ticket.recorded")
    assert (recorded["offers"], recorded["campaigns_seen"], recorded["held_out"]) == ([], [], None)


@pytest.mark.parametrize("member", [None, "nobody"])
def test_a_ticket_of_nobody_we_know_keeps_no_receipt(member: str | None) -> None:
    ticket = asked(open_desk(), 1.0, replace(SALE, member=member))
    assert isinstance(ticket, Ticket)
    assert (ticket.subject, ticket.visit, ticket.receipt) == (None, None, None)


def test_a_ticket_told_after_the_visit_is_still_of_it() -> None:
    hand = open_desk()
    come(hand, 1.0)
    visit = told(hand, "visit.started")[0]["visit"]
    gone(hand, 1.0)
    asked(hand, 1_500.0, SALE)
    assert told(hand, "ticket.recorded")[0]["visit"] == visit


def test_a_return_is_received_checked_and_on_sale_again() -> None:
    hand = open_desk(rows=(Stock(GTIN, "0042", 2, 0.0),))
    back = asked(hand, 1.0, ReceiveReturn(GTIN, 1, "too small", "4711", "ada"))
    assert isinstance(back, Return)
    assert reason(asked(hand, 2.0, RestockReturn(back.id))) == "not_checked"
    assert asked(hand, 3.0, CheckReturn(back.id, sound=True)) == replace(back, state="checked")
    assert reason(asked(hand, 3.0, CheckReturn(back.id, sound=False))) == "checked"
    asked(hand, 4.0, RestockReturn(back.id))
    assert hand.folded["stock", (GTIN, "0042")].quantity == 3
    types = [event.type for event in hand.events if event.type.startswith("return.")]
    assert types == ["return.received", "return.checked", "return.restocked"]
    assert reason(asked(hand, 5.0, RestockReturn(back.id))) == "unknown"


def test_what_is_not_sound_is_never_on_sale_again() -> None:
    hand = open_desk(rows=(Stock(GTIN, "0042", 2, 0.0),))
    back = asked(hand, 1.0, ReceiveReturn(GTIN, 1))
    assert isinstance(back, Return)
    asked(hand, 2.0, CheckReturn(back.id, sound=False))
    assert reason(asked(hand, 3.0, RestockReturn(back.id))) == "unknown"
    assert hand.folded["stock", (GTIN, "0042")].quantity == 2


def test_one_code_says_who_with_which_coupons_and_what_basket() -> None:
    hand = open_desk(GIFT)
    come(hand, 1.0)
    slip = asked(hand, 2.0, MakeSlip("ada", (OrderLine(GTIN, 2),)))
    assert isinstance(slip, Slip)
    assert (slip.subject, slip.coupons) == ("m.ada", ("gift",))
    taken = asked(hand, 30.0, TakeSlip(slip.id, "till-3"))
    assert taken == replace(slip, till="till-3")
    assert asked(hand, 31.0, TakeSlip(slip.id, "till-3")) == taken
    assert reason(asked(hand, 31.0, TakeSlip(slip.id, "till-4"))) == "taken"
    (told_once,) = told(hand, "slip.taken")
    assert (told_once["coupons"], told_once["lines"]) == (["gift"], [{"gtin": GTIN, "quantity": 2}])
    assert slip.id not in str([event.data for event in hand.events])


def test_a_code_is_good_for_a_quarter_of_an_hour_and_until_the_next() -> None:
    hand = open_desk()
    come(hand, 1.0)
    first, second = (asked(hand, 2.0 + at_s, MakeSlip("ada")) for at_s in (0.0, 1.0))
    assert isinstance(first, Slip)
    assert isinstance(second, Slip)
    assert reason(asked(hand, 4.0, TakeSlip(first.id, "till-3"))) == "unknown"
    assert reason(asked(hand, 4.0 + GOOD_S, TakeSlip(second.id, "till-3"))) == "unknown"
    assert reason(asked(hand, 5.0, MakeSlip("nobody"))) == "not_recognised"


def test_a_lower_price_is_told_and_a_higher_one_is_not() -> None:
    hand = open_desk()
    assert asked(hand, 1.0, AskPriceMatch(GTIN, PRICE, Amount("79.9"), "EUR", "online", "ada")) is True
    assert asked(hand, 2.0, AskPriceMatch(GTIN, PRICE, PRICE, "EUR", "online")) is False
    assert [each["theirs"] for each in told(hand, "price.mismatch")] == [79.9]


def busy() -> Hand:
    """Ada has something of everything at the desk."""
    hand = open_desk(GIFT, rows=(ORDER, Stock(GTIN, "0042", 2, 0.0)))
    come(hand, 1.0)
    for ask in (AskHelp("ada", notes="x"), SALE, ReceiveReturn(GTIN, 1, member="ada"), MakeSlip("ada")):
        asked(hand, 2.0, ask)
    return hand


def test_the_desk_goes_on_after_a_restart() -> None:
    hand = busy()
    again = restarted(hand, GIFT)
    assert dict(again.engine.records()) == again.folded
    (help_request,) = (record for record in again.folded.values() if isinstance(record, HelpRequest))
    asked(again, 10.0, CloseHelp(help_request.id, "served"))
    assert told(again, "help.closed")[0]["lasted_s"] == 8.0
    assert isinstance(asked(again, 11.0, HandOver("o-1", "7731", "maud")), Pickup)
    assert told(again, "order.handed_over")[0]["waited_s"] == 10.0


def test_an_erased_member_leaves_nothing_at_the_desk() -> None:
    hand = busy()
    hand.give(5.0, Erase("ada"))
    left = [kind for (kind, _), record in hand.folded.items() if "ada" in str(record) and kind != "erased"]
    assert left == []
    assert [record.subject for record in hand.folded.values() if isinstance(record, Return)] == [None]


def test_who_withdraws_leaves_the_desk() -> None:
    hand = busy()
    without = Members(2, {"bob": MEMBERS.members["bob"]})
    hand.give(5.0, DocumentReady("members", 2, "sha256:m2", without))
    kinds = {kind for kind, _ in hand.folded}
    assert kinds.isdisjoint({"pickup", "help", "slip", "last_visit"})


def test_who_withdraws_has_no_ticket_here_and_a_till_that_tells_it_again_makes_no_second_one() -> None:
    hand = open_desk()
    come(hand, 1.0)
    sale, other = asked(hand, 2.0, SALE), asked(hand, 2.0, replace(SALE, number="4712", member="bob"))
    hand.give(3.0, SayConsent("ada", frozenset()))
    kept = [record for record in hand.folded.values() if isinstance(record, Ticket)]
    assert kept[0] == replace(sale, subject=None, visit=None, receipt=None)  # type: ignore[type-var]
    hand.give(4.0, DocumentReady("members", 2, "sha256:m2", Members(2, {})))
    assert [record.subject for record in hand.folded.values() if isinstance(record, Ticket)] == [None, None]
    assert asked(hand, 5.0, SALE) == kept[0]
    assert isinstance(other, Ticket)
    assert len(told(hand, "ticket.recorded")) == 2


def test_an_export_names_each_thing_at_the_desk_once() -> None:
    hand = busy()
    held = asked(hand, 3.0, Export("ada"))
    assert isinstance(held, Held)
    kinds = [kind_of(record) for record in held.records]
    assert sorted(kind for kind in kinds if kind != "exposure") == [
        "help",
        "order",
        "pickup",
        "presence",
        "return",
        "slip",
        "ticket",
        "visit",
    ]
