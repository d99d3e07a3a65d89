"""GS1 in every form a scanner hands it over, and what is none."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.codecs.gs1 import (
    Gs1Error,
    Gs1Reading,
    check_digit,
    check_digit_holds,
    check_pair,
    check_pair_holds,
    digital_link,
    element_string,
    read_gs1,
)
from gateway.codecs.gs1.characters import CSET_82, OF_TYPE
from gateway.codecs.gs1.content import CHECKS
from gateway.codecs.gs1.identifiers import IDENTIFIERS, KEY_NAMES

GTIN = "09506000134352"
VALUE = st.text(CSET_82, min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("text", "kind", "elements"),
    [
        ("9506000134352", "ean_13", [("01", GTIN)]),
        ("]E09506000134352", "ean_13", [("01", GTIN)]),
        ("96385074", "ean_8", [("01", "00000096385074")]),
        ("036000291452", "upc_a", [("01", "00036000291452")]),
        ("04252614", "upc_e", [("01", "00042100005264")]),
        ("01234531", "upc_e", [("01", "00012300000451")]),
        ("01234543", "upc_e", [("01", "00012340000053")]),
        (
            "\x1d01095060001343521727123110ABC\x1d21X",
            "element_string",
            [("01", GTIN), ("17", "271231"), ("10", "ABC"), ("21", "X")],
        ),
        ("]d2010950600013435210ABC\x1d", "element_string", [("01", GTIN), ("10", "ABC")]),
        ("]C1010950600013435210ABC", "element_string", [("01", GTIN), ("10", "ABC")]),
        ("(01)09506000134352(10)A(B)C", "element_string", [("01", GTIN), ("10", "A(B)C")]),
        ("(10)12345\\(11)991225(99)\\(", "element_string", [("10", "12345(11)991225"), ("99", "(")]),
        ("]Q1https://a/01/09506000134352", "digital_link", [("01", GTIN)]),
        ("]d1HTTPS://a/01/09506000134352", "digital_link", [("01", GTIN)]),
        ("^8003012345678901284X", "element_string", [("8003", "012345678901284X")]),
        ("https://shop.example/p/gtin/9506000134352/lot/A%2F1?17=271200&x=1", "digital_link", None),
    ],
)
def test_what_is_read(text: str, kind: str, elements: list[tuple[str, str]] | None) -> None:
    wanted = elements or [("01", GTIN), ("10", "A/1"), ("17", "271200")]
    assert read_gs1(text) == Gs1Reading(kind, tuple(wanted))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is no Digital Link"),
        ("hello", "it is no Digital Link"),
        ("9506000134353", "the check digit of 9506000134353 is wrong: 3, not 2"),
        ("01234567890123", "it is no Digital Link"),
        ("٠١٢٣٤٥٦٧", "it is no Digital Link"),
        ("^", "there is nothing after FNC1"),
        ("]E0123456789012", "]E0 is followed by 13 digits, not by 12 characters"),
        ("]E42112345678900", "]E4 is followed by 8 digits, not by 13 characters"),
        ("]Q1TESTING", "it is no Digital Link"),
        ("]d1HtTps://a/01/09506000134352", "it is no Digital Link"),
        ("(10)A\\B", "AI 10: '\\\\' is not in GS1's character set 82"),
        ("^891234", "there is no application identifier at '8912'"),
        ("^^991234", "there is no application identifier"),
        ("^011234567890123", "AI 01: its value is 1 characters too short"),
        ("^0112345678901234", "AI 01: the check digit of 12345678901234 is wrong: 4, not 1"),
        ("^01A2345678901231", "AI 01: 'A' is not a digit"),
        ("^99ABC~", "AI 99: '~' is not in GS1's character set 82"),
        ("^2421234567", "AI 242: its value is 1 characters too long"),
        ("^10", "AI 10 has no value"),
        ("^10A\x1d10B", "AI 10 has two values"),
        ("(99999)1", "it is no Digital Link"),
        ("(89)1", "there is no application identifier '89'"),
        ("^17271301", "AI 17: there is no month 13"),
        ("^4326270230", "AI 4326: there is no day 30 in that month"),
        ("https://shop.example", "'shop.example' is no host with a path after it"),
        ("https://shop.example/x", "its path ends in no primary key"),
        ("https://shop.example/01/09506000134352/21/1/10/2", "do not belong together in this order"),
        ("https://shop.example/01/09506000134352?10=A", "AI 10 has its place in the path, not in the query"),
        ("https://shop.example/01/09506000134352?21=A", "AI 21 has its place in the path"),
        ("https://shop.example/01/09506000134352?99=A&99=A", "AI 99 stands twice"),
        ("https://shop.example/01/09506000134352?999=A", "there is no application identifier '999'"),
        ("https://shop.example/01/09506000134352 ", "it is no web address"),
        ("^" + "99A\x1d" * 65, "more than 64 elements"),
        ("x" * 8193, "8193 characters are more than any code holds"),
    ],
)
def test_what_is_refused(text: str, why: str) -> None:
    with pytest.raises(Gs1Error) as refused:
        read_gs1(text)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        ("(8007)FR7630006000011234567890189", True),
        ("(8007)FR7630006000011234567890188", False),
        ("(8007)XX361234567890", False),
        ("(3910)9870", False),
        ("(3910)9780150", True),
        ("(3910)9320150", False),
        ("(426)987", False),
        ("(7030)999ABC", True),
        ("(4307)AA", False),
        ("(4309)18000000003600000000", True),
        ("(4309)18000000010000000000", False),
        ("(4321)2", False),
        ("(4324)2012252400", False),
        ("(4324)2012002359", True),
        ("(4330)000123-", True),
        ("(4330)000000X", False),
        ("(4300)ABC%0g", False),
        ("(7040)1AB_", True),
        ("(7040)1AB=", False),
        ("(7041)200", True),
        ("(7041)000", False),
        ("(7241)11", False),
        ("(7252)5", False),
        ("(7258)1/2", True),
        ("(7258)2/1", False),
        ("(8001)12341234512391", True),
        ("(8001)12341234512321", False),
        ("(8008)201225230060", False),
        ("(8008)20122523", True),
        ("(8011)012", False),
        ("(8013)1987654Ad4X4bL5ttr2310c2K", True),
        ("(8014)1987654Ad4X4bL5ttr2310c2L", False),
        ("(8026)123456789012310302", False),
        ("(8026)123456789012310102", True),
        ("(8030)AbC-_w==", True),
        ("(8030)A=C", False),
        ("(401)ABC", False),
        ("(423)528528", True),
        ("(423)5285285", False),
        ("(7007)211225211231", True),
        ("(7007)2112252", False),
        ("(8003)112345678901281", False),
        ("(8112)001234561234560123456", True),
        ("(8112)0012345612345601234567", False),
        ("(8112)201234561234560123456", False),
        ("(8110)0123456123456111101230", False),
        ("(8110)01234561234561111012321101230123456", True),
        ("(8110)012345612345611110123", True),
        ("(8110)012345612345611110123101101239", True),
        ("(8110)0123456123456111101232110123012345665", False),
        ("(8110)01234561234561111012335006064500607", False),
        ("(8110)012345612345611110123390001", False),
        ("(8110)012345612345611110123900000", False),
        ("(8110)01234561234561111012390000", True),
    ],
)
def test_the_content_of_values(value: str, holds: bool) -> None:
    if holds:
        read_gs1(value)
    else:
        with pytest.raises(Gs1Error, match=r"^AI \d+"):
            read_gs1(value)


def test_every_check_of_the_table_is_there_and_every_key_name_names_one() -> None:
    named = {name for identifier in IDENTIFIERS.values() for part in identifier.components for name in part.checks}
    assert named == set(CHECKS)
    assert {part.type for identifier in IDENTIFIERS.values() for part in identifier.components} == set(OF_TYPE)
    assert set(KEY_NAMES.values()) <= set(IDENTIFIERS)


@given(st.text("0123456789", min_size=1, max_size=17))
def test_a_digit_changed_never_holds(digits: str) -> None:
    whole = digits + check_digit(digits)
    assert check_digit_holds(whole)
    other = str((int(whole[0]) + 1) % 10) + whole[1:]
    assert not check_digit_holds(other)


@given(st.text(CSET_82, max_size=23))
def test_a_check_pair_holds(characters: str) -> None:
    assert check_pair_holds(characters + check_pair(characters))


@given(VALUE, VALUE, st.integers(0, 27), VALUE)
@settings(max_examples=100)
def test_elements_there_and_back(lot: str, serial: str, day: int, note: str) -> None:
    elements = (("01", GTIN), ("10", lot), ("21", serial), ("17", f"2702{day:02}"), ("91", note))
    assert read_gs1(element_string(elements)) == Gs1Reading("element_string", elements)
    assert read_gs1(digital_link(elements)) == Gs1Reading("digital_link", elements)


@pytest.mark.parametrize(
    "elements", [[("10", "A")], [("01", GTIN), ("17", "A")], [("01", GTIN), ("21", "1"), ("10", "2")]]
)
def test_what_cannot_be_written_is_refused(elements: list[tuple[str, str]]) -> None:
    with pytest.raises(Gs1Error):
        digital_link(elements)


TEXTS = st.text(max_size=200) | st.builds(
    "{}{}".format,
    st.sampled_from(["^", "\x1d", "]d2", "]C1", "(", "(01)", "https://a/", "https://a/01/", "^8110", "^8112", "^8007"]),
    st.text("0123456789()/?&=%^\x1d~ABCx", max_size=80),
)


@given(TEXTS)
@settings(max_examples=200)
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(Gs1Error):
        for ai, value in read_gs1(text).elements:
            assert ai in IDENTIFIERS
            assert value
