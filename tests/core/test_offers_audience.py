"""Audiences: what can be asked, what is refused before it runs, and that nothing raises."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.offers.expression import compile_audience
from gateway.model.documents import Member
from tests.core.offers import MEMBER, moment


@pytest.mark.parametrize(
    ("source", "admitted"),
    [
        ("'sneakers' in member.segments", True),
        ("member.segments.exists(s, s.startsWith('sn'))", True),
        ("member.languages[0] == 'fr' && !member.minor", True),
        ("'retarget' in member.purposes", False),
        ("'ig-2026-11' in member.campaigns_seen", False),
        ("visit.zone == 'shoes' && visit.assurance == 'proximate'", True),
        ("visit.dwell_s >= 45.0", True),
        ("visit.dwell_s > 45", False),
        ("size(member.segments) == 1", True),
        ("'member.nothing' in member.segments  // not a fact but text", False),
        ("member.segments[7] == 'x'", None),
        ("member.segments == 1 || 1 / 0 == 1", None),
    ],
)
def test_an_expression_admits_leaves_out_or_fails(source: str, *, admitted: bool | None) -> None:
    assert compile_audience(source).admits(MEMBER, moment(dwell_s=45.0)) is admitted


def test_without_a_members_document_nothing_is_known_but_consent() -> None:
    assert (
        compile_audience("'offers' in member.purposes && member.segments == []").admits(None, moment(zone=None)) is True
    )
    assert compile_audience("visit.zone == ''").admits(None, moment(zone=None)) is True


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("'sneakers", "cannot be read from “'sneakers” on"),
        ("member.minor and true", "cannot be read from “and true” on"),
        ("member.minor &&\n  visit.zone and\ntrue", "cannot be read from “and true” on"),
        ("member.minor &&", "cannot be read to its end: something is missing there"),
        ("", "cannot be read to its end"),
        ("member.shoe_size == 42", r"member\.shoe_size does not exist: there are member\.campaigns_seen"),
        ("visit.basket > 3", r"visit\.basket"),
        ("weather == 'rain'", "fact 'weather'"),
        ("member['segments'] == []", "'member' alone"),
        ("[1].exists(member, member.segments == [])", "'member' alone"),
        ("fetch('x')", "function 'fetch'"),
        ("1 + 1", "neither true nor false"),
        ("(" * 21 + "true" + ")" * 21, "deep"),
        ("true" + " && true" * 200, "characters long"),
    ],
)
def test_what_does_not_exist_is_refused_by_name(source: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        compile_audience(source)


WORDS = ("member.segments", "visit.zone", "visit.dwell_s", "'a'", "1", "2.5", "true", "null", "[]", "member.minor")
SIGNS = (" == ", " && ", " || ", " + ", " in ", " < ", " / ", " ? true : ", ".size() == ", "[0] == ")


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(SIGNS)), max_size=6), st.sampled_from(WORDS))
def test_judging_never_raises(pieces: list[tuple[str, str]], last: str) -> None:
    source = "".join(word + sign for word, sign in pieces) + last
    try:
        audience = compile_audience(source)
    except ValueError:
        return
    for member in (None, MEMBER, Member("x")):
        assert audience.admits(member, moment()) in {True, False, None}


def test_two_of_the_same_source_are_equal() -> None:
    assert compile_audience("member.minor") == compile_audience("member.minor")
    assert "Program" not in repr(compile_audience("member.minor"))
