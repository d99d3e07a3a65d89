"""Numbers that are added side by side in one integer come out as if they had been added one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.estimation.lanes import SCALE, packed, unpacked

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
    assert apart == pytest.approx([each - expected[0] for each in expected], rel=0.0, abs=1e-8)
    assert sum(map(packed, reversed(rows))) == total


def test_no_lane_reaches_into_the_next():
    for extreme in (-65_000.0, 65_000.0):
        lanes = unpacked(sum(map(packed, [[extreme, 0.0, extreme]] * 1000)), 3)
        assert lanes[0] == lanes[2]
        assert (lanes[0] - lanes[1]) / SCALE == 1000 * extreme
