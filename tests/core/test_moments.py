"""Moments: what coming, standing somewhere, scanning and leaving start, and what they do not."""

from dataclasses import replace

import pytest

from gateway.model.amount import Amount
from gateway.model.documents import Trigger
from gateway.model.feeds import Brief, Order, Stock
from gateway.model.inputs import DocumentReady
from gateway.model.last_visit import LastVisit
from gateway.model.orders import HandOver
from gateway.model.sighting import OwnScan, Sighting
from gateway.model.tickets import RecordTicket
from gateway.model.time import At
from tests.core.desk import (
    BRIEF,
    GTIN,
    ORDER,
    OTHER,
    asked,
    campaign,
    come,
    decided,
    fed,
    floor,
    gone,
    near,
    offers,
    open_desk,
    restarted,
)

HERE, SOLD_OUT = Stock(GTIN, "0042", 3, 0.0), Stock(GTIN, "0042", 0, 0.0)
SCAN = Sighting("app", "app", OwnScan("ada", "ean_13", GTIN[1:]))


def test_back_in_the_shop() -> None:
    back = campaign(Trigger("came_back"))
    hand = open_desk(back)
    come(hand, 1.0)
    gone(hand, 1.0)
    assert offers(hand) == []
    again = restarted(hand, back)
    come(again, 2_000.0)
    assert offers(again) == [("came_back", "story")]


def test_a_last_visit_ended_when_its_record_says_not_when_that_was_found_out() -> None:
    hand = open_desk()
    come(hand, 1.0)
    gone(hand, 1.0)
    (ended,) = (event for event in hand.events if event.type == "visit.ended")
    (last,) = (record for record in hand.folded.values() if isinstance(record, LastVisit))
    assert last.ended == At(1.0, ended.time_utc_s)


@pytest.mark.parametrize(("stock", "told"), [(HERE, True), (SOLD_OUT, False)])
def test_seen_online_and_here(stock: Stock, told: bool) -> None:
    hand = open_desk(campaign(Trigger("seen_online", product=GTIN)), rows=(BRIEF, stock))
    come(hand, 1.0)
    assert offers(hand) == ([("seen_online", "story")] if told else [])


@pytest.mark.parametrize(("stock", "told"), [(HERE, True), (SOLD_OUT, False)])
def test_near_a_wish_only_where_there_is_some(stock: Stock, told: bool) -> None:
    hand = open_desk(campaign(Trigger("near_wish")), rows=(Brief("ada", wish_list=(GTIN,)), stock))
    near(hand, 1.0, 9.0)
    assert offers(hand) == ([("near_wish", "story")] if told else [])


def test_at_the_till() -> None:
    hand = open_desk(campaign(Trigger("at_till")))
    near(hand, 1.0, 9.0)
    near(hand, 11.0, 31.0, "b-till")
    assert offers(hand) == [("at_till", "story")]


def test_a_sold_out_size_scanned() -> None:
    rescue = campaign(Trigger("sold_out_scanned", product=GTIN))
    for stock, told in ((SOLD_OUT, [("sold_out_scanned", "story")]), (HERE, [])):
        hand = open_desk(rescue, rows=(stock,))
        come(hand, 1.0)
        hand.give(5.0, SCAN)
        assert offers(hand) == told
        scanned = next(event for event in hand.events if event.type == "code.scanned")
        assert (scanned.subject, scanned.data["marker"]) == ("m.ada", "A7")


def test_what_a_member_scans_fires_like_a_scan() -> None:
    hand = open_desk(campaign(Trigger("code_scanned", marker="A7")))
    come(hand, 1.0)
    (decision,) = asked(hand, 5.0, SCAN)
    assert decision.campaign == "story"


def test_what_a_member_scans_in_a_sensitive_zone_is_nobodys() -> None:
    hand = open_desk(campaign(Trigger("code_scanned", marker="A7")))
    shoes = replace(floor().zones["shoes"], sensitive=True)
    quiet = replace(floor(), zones={**floor().zones, "shoes": shoes})
    hand.give(0.5, DocumentReady("floorplan", 2, "sha256:f", quiet))
    come(hand, 1.0)
    assert asked(hand, 5.0, SCAN) == ()
    (scanned,) = (event for event in hand.events if event.type == "code.scanned")
    assert (scanned.subject, scanned.data["visit"], scanned.data["marker"]) == (None, None, "A7")


def test_a_product_without_a_marker_is_nobodys_scan_either_while_its_member_is_in_a_sensitive_zone() -> None:
    hand = open_desk(campaign(Trigger("code_scanned")))
    shoes = replace(floor().zones["shoes"], sensitive=True)
    hand.give(0.5, DocumentReady("floorplan", 2, "sha256:f", replace(floor(), zones={**floor().zones, "shoes": shoes})))
    scan = Sighting("app", "app", OwnScan("ada", "ean_13", OTHER[1:]))
    near(hand, 1.0, 20.0)
    assert asked(hand, 21.0, scan) == ()
    near(hand, 22.0, 60.0, "b-till")
    asked(hand, 61.0, scan)
    scanned = [event for event in hand.events if event.type == "code.scanned"]
    assert [(each.subject, each.data["visit"] is None) for each in scanned] == [(None, True), ("m.ada", False)]


@pytest.mark.parametrize("bought", [True, False])
def test_leaving_with_a_ticket_and_without(bought: bool) -> None:
    thanks = campaign(Trigger("left_shop"), "thanks")
    basket = campaign(Trigger("left_without_buying"), "basket", purpose="retarget")
    hand = open_desk(thanks, basket)
    come(hand, 1.0)
    asked(hand, 2.0, RecordTicket("till-3", "1", Amount("9.9"), "EUR", member="ada" if bought else None))
    gone(hand, 2.0)
    expected = [("left_shop", "thanks")] + ([] if bought else [("left_without_buying", "basket")])
    assert offers(hand) == expected
    assert all(each.visit is not None for each in decided(hand))


@pytest.mark.parametrize("told", [None, (), (replace(ORDER, state="handed_over"),)])
def test_who_fetched_an_order_did_buy(told: tuple[Order, ...] | None) -> None:
    """Also where head office has heard of it, and takes it out of the feed, before the customer leaves."""
    hand = open_desk(campaign(Trigger("left_without_buying"), purpose="retarget"), rows=(ORDER,))
    come(hand, 1.0)
    asked(hand, 2.0, RecordTicket("till-3", "1", Amount("9.9"), "EUR"))
    asked(hand, 3.0, HandOver("o-1", "7731", "maud"))
    if told is not None:
        fed(hand, 4.0, "orders", *told)
    gone(hand, 3.0)
    assert decided(hand) == []
    assert any(kind == "pickup" for kind, _ in hand.folded) is (told != ())
    assert [record.bought for record in hand.folded.values() if isinstance(record, LastVisit)] == [True]


def test_where_no_till_tells_nobody_knows_who_bought() -> None:
    hand = open_desk(campaign(Trigger("left_without_buying"), purpose="retarget"))
    come(hand, 1.0)
    gone(hand, 1.0)
    assert decided(hand) == []
