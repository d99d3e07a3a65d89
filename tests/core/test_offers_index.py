"""The index passes over campaigns that cannot speak, and no others."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.offers.expression import compile_audience
from gateway.model.documents import Trigger
from tests.core.offers import MEMBER, WELCOME, moment, snapshot


@pytest.mark.parametrize(
    ("source", "segments"),
    [
        ("'a' in member.segments", {"a"}),
        ('(("a" in member.segments))', {"a"}),
        ("'a' in member.segments || 'b' in member.segments", {"a", "b"}),
        ("('a' in member.segments || 'b' in member.segments) && !member.minor", {"a", "b"}),
        ("'a' in member.segments && ('b' in member.segments || member.minor)", {"a"}),
        ("('a' in member.segments || 'b' in member.segments) && 'c' in member.segments", {"c"}),
        ("'a' in member.segments || member.minor", set()),
        ("!('a' in member.segments)", set()),
        ("'a' in member.segments && member.minor || 'b' in member.segments", set()),
        ("member.minor ? 'a' in member.segments : true", set()),
        ("('a' in member.segments) == false", set()),
        (r"'\x61' in member.segments", set()),
        ("'a' in member.languages", set()),
        ("member.segments.exists(s, s == 'a')", set()),
    ],
)
def test_the_segments_that_an_audience_needs(source: str, segments: set[str]) -> None:
    assert compile_audience(source).segments == segments


ATOMS = ("'a' in member.segments", "'b' in member.segments", "member.minor", "visit.zone == 'shoes'")
expressions = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from((" && ", " || ")), inner).map("".join),
        inner.map(lambda source: f"({source})"),
        inner.map(lambda source: f"!({source})"),
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=300)
@given(expressions, st.sets(st.sampled_from(("a", "b"))), st.booleans())
def test_who_is_passed_over_is_in_no_such_audience(source: str, segments: set[str], minor: bool) -> None:
    audience = compile_audience(source)
    member = replace(MEMBER, segments=tuple(segments), minor=minor)
    if audience.segments and not audience.segments & segments:
        assert audience.admits(member, moment()) is not True


def test_a_campaign_for_other_segments_is_passed_over() -> None:
    shot = snapshot(replace(WELCOME, audience=compile_audience("'coats' in member.segments")))
    assert shot.fired_by(moment(), MEMBER) == ()
    assert shot.fired_by(moment(), replace(MEMBER, segments=("x", "coats", "coats")))
    assert shot.fired_by(moment()) == ()


def test_a_campaign_that_any_zone_fires_is_found_in_its_own_zones_only() -> None:
    shot = snapshot(replace(WELCOME, trigger=Trigger("zone_entered"), zones=frozenset({"door", "shoes"})))
    assert shot.fired_by(moment())
    assert shot.fired_by(moment(zone="coats")) == ()
    assert shot.fired_by(moment(zone=None)) == ()
