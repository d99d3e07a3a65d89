"""What a scanned text may stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.gs1 import check_digit_holds
from gateway.codecs.meanings import (
    MAX_TEXT_CHARS,
    CouponCode,
    MarkerCode,
    Meaning,
    OrderCode,
    ProductCode,
    SignedCode,
    marker_address,
    meaning_of,
)
from gateway.codecs.wallet import WalletPass
from gateway.model.meaning import KeptOut, KeptOutReason

GTIN = "09506000134352"
GS = "\x1d"


@pytest.mark.parametrize(
    ("text", "marker"),
    [
        ("A7", "A7"),
        (" A7\r\n", "A7"),
        ("https://shop.example/m/A7", "A7"),
        ("HTTPS://SHOP.EXAMPLE/fr/m/A7/", "A7"),
        ("http://192.0.2.1:8080/m/rayon%2D3?x=1#y", "rayon-3"),
        ("9506000134353", "9506000134353"),
        ("٠١٢٣٤٥٦٧", "٠١٢٣٤٥٦٧"),
    ],
)
def test_ids_and_addresses_of_markers(text: str, marker: str) -> None:
    assert meaning_of(text) == MarkerCode(marker)


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("9506000134352", [("01", GTIN)]),
        ("]E09506000134352", [("01", GTIN)]),
        ("96385074", [("01", "00000096385074")]),
        ("036000291452", [("01", "00036000291452")]),
        ("https://shop.example/p/01/9506000134352", [("01", GTIN)]),
        (
            "https://id.gs1.org/01/09506000134352/10/ABC?17=271231",
            [("01", GTIN), ("10", "ABC"), ("17", "271231")],
        ),
        (f"{GS}01{GTIN}10LOT1{GS}21S9", [("01", GTIN), ("10", "LOT1"), ("21", "S9")]),
        (f"]d201{GTIN}17271231", [("01", GTIN), ("17", "271231")]),
        (f"(01){GTIN}(3103)000195", [("01", GTIN), ("3103", "000195")]),
        (f"{GS}01{GTIN}8018350000000000000006{GS}90ours", [("01", GTIN)]),
    ],
)
def test_products_keep_what_says_which_item_it_is(text: str, elements: list[tuple[str, str]]) -> None:
    code = meaning_of(text)
    assert code == ProductCode(tuple(elements))
    assert isinstance(code, ProductCode)
    assert code.gtin == elements[0][1]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("PX1:6BF5TP5%", "code_truncated"),
        ("PX1:lower", "code_malformed"),
        ("PX1:" + "0" * 1_024, "code_too_long"),
        ("PXW1:q3 lzt7", "code_malformed"),
        (f"{GS}00350000000000000006", "not_a_product"),
        ("(8018)350000000000000006", "not_a_product"),
        (f"{GS}0109506000134353", "malformed_gs1"),
        ("]C1", "malformed_gs1"),
        ("https://shop.example/01/9506000134353", "foreign_address"),
        ("https://shop.example/01/", "foreign_address"),
        ("https://shop.example/A7", "foreign_address"),
        ("https://shop.example/m", "foreign_address"),
        ("https://shop.example/m/", "foreign_address"),
        ("https://shop.example/m/A7/x", "foreign_address"),
        ("https://shop.example/m/A%2F7", "foreign_address"),
        ("https://shop.example/m/" + "x" * 65, "foreign_address"),
        ("https://[::1/m/A7", "foreign_address"),
        ("https://", "foreign_address"),
        ("WIFI:S:shop;;", "unknown_text"),
        ("two words", "unknown_text"),
        ("", "unknown_text"),
        ("x" * 65, "unknown_text"),
        ("https://shop.example/m/A7?" + "x" * MAX_TEXT_CHARS, "too_long"),
    ],
)
def test_everything_else_is_kept_out_with_a_reason(text: str, reason: KeptOutReason) -> None:
    assert meaning_of(text) == KeptOut(reason)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("https://shop.example/o/4711", OrderCode("4711")),
        ("https://shop.example/fr/c/SPRING-10", CouponCode("SPRING-10")),
        (f"{GS}25595060001343520001", CouponCode("95060001343520001")),
        (" PX1:BB8\n", SignedCode(b"AB")),
        ("PXW1:q3lzt7:1767603600:94287082", WalletPass("q3lzt7", 1_767_603_600.0)),
    ],
)
def test_orders_coupons_and_members(text: str, meaning: Meaning) -> None:
    assert meaning_of(text) == meaning
    assert "q3lzt7" not in repr(meaning)
    assert "SPRING" not in repr(meaning)


@given(st.text(max_size=100) | st.text("/:%[]01m.htps?#9", max_size=60).map("https://{}".format))
def test_no_text_raises(text: str) -> None:
    meaning: Meaning = meaning_of(text)
    if isinstance(meaning, MarkerCode):
        assert 0 < len(meaning.id) <= 64


@given(st.from_regex(r"[\w.~-]{1,64}", fullmatch=True))
def test_a_markers_address_means_the_marker(marker: str) -> None:
    assert meaning_of(marker_address("https://shop.example/", marker)) == MarkerCode(marker)


@pytest.mark.parametrize(
    ("site", "marker"), [("shop.example", "A7"), ("https://shop.example", "a/7"), ("https://x", "")]
)
def test_no_address_is_made_that_means_something_else(site: str, marker: str) -> None:
    with pytest.raises(ValueError, match="leads to no marker"):
        marker_address(site, marker)


@pytest.mark.parametrize(("digits", "holds"), [("4006381333931", True), ("4006381333932", False), ("96385074", True)])
def test_check_digits(digits: str, holds: bool) -> None:
    assert check_digit_holds(digits) is holds
