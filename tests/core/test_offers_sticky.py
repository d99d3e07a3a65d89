"""Sticky chance: where a member falls does not move, and shares are what they say."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.offers.sticky import bucket
from gateway.model.decision import Offered
from gateway.model.documents import Member, Variant
from tests.core.offers import MEMBER, WELCOME, decided, snapshot, the_offer

CROWD = 4000


def test_known_places() -> None:
    """Computed from what sha256sum prints, so that no later version moves anybody."""
    places = [bucket("2026q4", "4711"), bucket("2026q4", "m.q3lzt7"), bucket("welcome:control", "4711")]
    assert places == [7451, 574, 3701]


@settings(deadline=None)
@given(st.text(), st.text(), st.integers(1, 1 << 31))
def test_a_place_is_always_within(salt: str, unit: str, buckets: int) -> None:
    assert 0 <= bucket(salt, unit, buckets) < buckets


def test_a_share_is_what_it_says() -> None:
    held = sum(bucket("2026q4", str(unit)) < 500 for unit in range(CROWD))
    assert 0.04 < held / CROWD < 0.06


def test_a_share_that_grows_keeps_everybody_it_had() -> None:
    def controlled(per_10000: int) -> set[int]:
        campaign = snapshot(replace(WELCOME, control_per_10000=per_10000))
        members = {unit: replace(MEMBER, units={"brand": unit}) for unit in range(300)}
        return {
            unit for unit, member in members.items() if not isinstance(decided(campaign, member=member)[0], Offered)
        }

    assert controlled(0) == set()
    assert controlled(1000) < controlled(3000) < controlled(10_000) == set(range(300))


def test_the_brands_number_decides_not_the_stores_handle() -> None:
    half = replace(WELCOME, variants=(Variant("a", 1, "hello"), Variant("b", 1, "other")))
    for unit in range(50):
        in_one = the_offer(decided(half, member=Member("x1", purposes=MEMBER.purposes, units={"brand": unit})))
        in_other = the_offer(decided(half, member=Member("y2", purposes=MEMBER.purposes, units={"brand": unit})))
        assert in_one.variant == in_other.variant


def test_variants_share_by_weight_and_a_weight_of_nothing_is_nobody() -> None:
    arms = (Variant("a", 3, "hello"), Variant("off", 0, "hello"), Variant("b", 1, "other"))
    campaign = snapshot(replace(WELCOME, variants=arms))
    seen = [the_offer(decided(campaign, member=replace(MEMBER, units={"brand": n}))).variant for n in range(1000)]
    assert 0.70 < seen.count("a") / 1000 < 0.80
    assert seen.count("off") == 0
