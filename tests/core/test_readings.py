"""What a code or tag stands for in this shop, and what is kept out of it."""

from dataclasses import replace

import pytest

from gateway.codecs.ndef import OtherRecord, Record, SmartPosterRecord, TextRecord, UriRecord, encode
from gateway.core.coupons import coupon_digest
from gateway.model.documents import Campaigns, Codes
from gateway.model.feeds import FeedBatch, Order
from gateway.model.inputs import DocumentReady
from gateway.model.meaning import KeptOut
from gateway.model.sighting import CodeText, NfcTag, Sighting
from tests.core.offers import CONTENT, WELCOME
from tests.core.shops import open_shop


def test_a_scan_of_a_marker_is_told_and_a_strange_text_is_kept_out():
    hand = open_shop()
    told = hand.give(1.0, Sighting("code", "cam-1", CodeText("qr_code", "A7")))
    assert [(event.type, event.data["marker"]) for event in told] == [("code.scanned", "A7")]
    assert hand.give(2.0, Sighting("code", "cam-1", CodeText("qr_code", "WIFI:S:home;P:secret;;"))) == []
    assert hand.steps[-1].answer == KeptOut("unknown_text")
    assert hand.steps[-1].changes == ()


def test_a_scanned_product_is_told_with_its_lot_and_serial():
    hand = open_shop()
    (told,) = hand.give(1.0, Sighting("code", "cam-1", CodeText("data_matrix", "(01)04006381333931(10)L1(21)S9")))
    assert told.data["elements"] == [["01", "04006381333931"], ["10", "L1"], ["21", "S9"]]
    assert told.data["marker"] is None


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([UriRecord("https://shop.example/m/A7")], "A7"),
        ([TextRecord("en", "A7")], "A7"),
        ([SmartPosterRecord((TextRecord("en", "Shoes"), UriRecord("https://shop.example/m/A7")))], "A7"),
        ([OtherRecord("urn:nfc:ext:android.com:pkg", b"x"), UriRecord("https://shop.example/m/A7")], "A7"),
        ([UriRecord("https://elsewhere.example/")], KeptOut("foreign_address")),
        ([OtherRecord("urn:nfc:ext:shop.example:x", b"A7")], KeptOut("empty_tag")),
    ],
)
def test_a_tag_is_read_by_its_addresses_and_words(records: list[Record], said: str | KeptOut):
    hand = open_shop()
    told = hand.give(1.0, Sighting("nfc", "nfc-1", NfcTag(encode(*records))))
    assert told[0].data["marker"] == said if told else hand.steps[-1].answer == said


def test_a_torn_message_of_a_tag_is_kept_out():
    hand = open_shop()
    assert hand.give(1.0, Sighting("nfc", "nfc-1", NfcTag(b"\xd1\x01"))) == []
    assert hand.steps[-1].answer == KeptOut("unreadable_tag")


def test_an_orders_code_is_told_by_the_order_it_is_of():
    hand = open_shop()
    hand.give(0.5, FeedBatch("orders", 1, "sha256:o", (Order("4711", "ada", "arrived"),)))
    told, arrived = hand.give(1.0, Sighting("code", "rx-door", CodeText("qr_code", "https://shop.example/o/4711")))
    assert (told.type, told.data["kind"], told.data["order"], told.data["zone"]) == (
        "code.scanned",
        "order",
        "4711",
        "door",
    )
    assert (arrived.type, arrived.data["order"], arrived.data["zone"]) == ("order.arrived", "4711", "door")
    assert hand.give(2.0, Sighting("code", "rx-door", CodeText("qr_code", "https://shop.example/o/4712"))) == []
    assert hand.steps[-1].answer == KeptOut("unknown_order")


def test_an_orders_code_told_long_after_it_was_shown_brings_nobody_to_the_desk():
    hand = open_shop()
    hand.give(0.5, FeedBatch("orders", 1, "sha256:o", (Order("4711", "ada", "arrived"),)))
    code = CodeText("qr_code", "https://shop.example/o/4711")
    assert [event.type for event in hand.give(4_000.0, Sighting("code", "rx-door", code, age_s=3_600.0))] == [
        "code.scanned"
    ]
    assert [event.type for event in hand.give(4_001.0, Sighting("code", "rx-door", code, age_s=40.0))] == [
        "code.scanned",
        "order.arrived",
    ]


def test_a_coupons_code_is_told_by_its_campaign_and_never_in_clear():
    hand = open_shop()
    running = replace(WELCOME, codes=Codes(frozenset({coupon_digest("SPRING-10")})))
    hand.give(0.5, DocumentReady("campaigns", 1, "sha256:c", Campaigns(1, (running,), CONTENT)))
    (told,) = hand.give(1.0, Sighting("code", "rx-door", CodeText("qr_code", "https://shop.example/c/SPRING-10")))
    assert (told.type, told.data["kind"], told.data["campaign"]) == ("code.scanned", "coupon", "welcome")
    assert "SPRING-10" not in repr(hand.steps)
    assert hand.give(2.0, Sighting("code", "rx-door", CodeText("qr_code", "https://shop.example/c/SUMMER"))) == []
    assert hand.steps[-1].answer == KeptOut("unknown_coupon")


@pytest.mark.parametrize("quiet", [{"stopped": True}, {"codes": None}])
def test_a_coupon_of_a_campaign_that_is_not_in_force_is_unknown(quiet: dict[str, object]):
    hand = open_shop()
    codes = Codes(frozenset({coupon_digest("SPRING-10")}))
    running = replace(WELCOME, **({"codes": codes} | quiet))  # type: ignore[arg-type]
    hand.give(0.5, DocumentReady("campaigns", 1, "sha256:c", Campaigns(1, (running,), CONTENT)))
    hand.give(1.0, Sighting("code", "rx-door", CodeText("qr_code", "https://shop.example/c/SPRING-10")))
    assert hand.steps[-1].answer == KeptOut("unknown_coupon")
