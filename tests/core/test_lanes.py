"""Numbers that are added side by side in one integer come out as if they had been added one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.estimation.lanes import SCALE, ZERO, packed, unpacked

NUMBERS = st.floats(-1000.0, 1000.0)


@given(
    st.integers(1, 40).flatmap(lambda count: st.lists(st.lists(NUMBERS, min_size=count, max_size=count), max_size=64))
)
def test_sums_are_those_of_the_numbers_and_the_same_in_any_order(rows):
    if not rows:
        return
    total = sum(map(packed, rows))
    lanes = unpacked(total, len(rows[0]))
    expected = [sum(column) for column in zip(*rows, strict=True)]
    apart = [(lane - lanes[0]) / SCALE for lane in lanes]
    assert apart == pytest.approx([each - expected[0] for each in expected], rel=0.0, abs=1e-5)
    assert sum(map(packed, reversed(rows))) == total


def test_a_product_weighs_every_lane() -> None:
    weighed = 3 * packed([0.25, 0.0, 1.0], 4.0, lift=0.0) + 5 * packed([1.0, 0.5, 0.0], 4.0, lift=0.0)
    assert [lane - ZERO for lane in unpacked(weighed, 3)] == [23.0, 10.0, 12.0]


def test_no_lane_reaches_into_the_next():
    for extreme in (-65_000.0, 65_000.0):
        lanes = unpacked(sum(map(packed, [[extreme, 0.0, extreme]] * 1000)), 3)
        assert lanes[0] == lanes[2]
        assert (lanes[0] - lanes[1]) / SCALE == 1000 * extreme
