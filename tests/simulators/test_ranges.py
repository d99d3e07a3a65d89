"""Runs of sequences against a plain set of them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.ranges import Ranges

spans = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 8)), max_size=20)


@given(spans)
def test_it_holds_what_a_set_would(added: list[tuple[int, int]]) -> None:
    ranges, held = Ranges(), set[int]()
    for first, length in added:
        ranges.add(first, first + length)
        held |= set(range(first, first + length + 1))
    highest = max(held, default=0)
    missing = set(range(1, highest + 1)) - held
    assert {number for number in range(1, 80) if number in ranges} == held
    assert ranges.highest == highest
    assert ranges.contiguous == min(missing, default=highest + 1) - 1
    assert {number for first, last in ranges.holes for number in range(first, last + 1)} == missing


@given(spans)
def test_runs_never_touch(added: list[tuple[int, int]]) -> None:
    ranges = Ranges()
    for first, length in added:
        ranges.add(first, first + length)
    holes = ranges.holes
    assert all(first <= last for first, last in holes)
    assert all(before[1] + 1 < after[0] for before, after in pairwise(holes))


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(ValueError, match="no range of sequences"):
        Ranges().add(3, 2)
    with pytest.raises(ValueError, match="no range of sequences"):
        Ranges().add(0, 2)
