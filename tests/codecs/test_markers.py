"""What a scanned text may stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.gs1 import check_digit_holds
from gateway.codecs.markers import MAX_TEXT_CHARS, marker_in

GTIN = "09506000134352"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("A7", "A7"),
        (" A7\r\n", "A7"),
        ("https://shop.example/m/A7", "A7"),
        ("HTTPS://SHOP.EXAMPLE/fr/m/A7/", "A7"),
        ("http://192.0.2.1:8080/m/rayon%2D3?x=1#y", "rayon-3"),
        ("https://id.gs1.org/01/09506000134352/10/ABC?17=271231", GTIN),
        ("https://shop.example/p/01/9506000134352", GTIN),
        ("9506000134352", GTIN),
        ("96385074", "00000096385074"),
        ("036000291452", "00036000291452"),
        ("9506000134353", "9506000134353"),
        ("https://shop.example/01/9506000134353", None),
        ("https://shop.example/01/", None),
        ("https://shop.example/A7", None),
        ("https://shop.example/m", None),
        ("https://shop.example/m/", None),
        ("https://shop.example/m/A7/x", None),
        ("https://shop.example/m/A%2F7", None),
        ("https://[::1/m/A7", None),
        ("https://", None),
        ("WIFI:S:shop;;", None),
        ("two words", None),
        ("", None),
        ("x" * 65, None),
        ("https://shop.example/m/" + "x" * 65, None),
        ("https://shop.example/m/A7?" + "x" * MAX_TEXT_CHARS, None),
        ("٠١٢٣٤٥٦٧", "٠١٢٣٤٥٦٧"),
    ],
)
def test_texts_and_what_they_stand_for(text: str, key: str | None) -> None:
    assert marker_in(text) == key


@given(st.text(max_size=100) | st.text("/:%[]01m.htps?#9", max_size=60).map("https://{}".format))
def test_no_text_raises(text: str) -> None:
    key = marker_in(text)
    assert key is None or 0 < len(key) <= 64


@pytest.mark.parametrize(("digits", "holds"), [("4006381333931", True), ("4006381333932", False), ("96385074", True)])
def test_check_digits(digits: str, holds: bool) -> None:
    assert check_digit_holds(digits) is holds
