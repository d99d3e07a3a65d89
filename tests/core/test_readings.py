"""What a code or tag stands for in this shop, and what is kept out of it."""

import pytest

from gateway.codecs.ndef import OtherRecord, Record, SmartPosterRecord, TextRecord, UriRecord, encode
from gateway.model.meaning import KeptOut
from gateway.model.sighting import CodeText, NfcTag, Sighting
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
