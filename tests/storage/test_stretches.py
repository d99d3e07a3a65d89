"""Stretches against a set of numbers."""

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from gateway.storage.stretches import Stretches

spans = st.tuples(st.integers(1, 60), st.integers(0, 9)).map(lambda span: (span[0], span[0] + span[1]))


@given(st.lists(spans, max_size=20))
def test_whatever_the_order_they_are_the_numbers_that_were_added(added: list[tuple[int, int]]) -> None:
    stretches, numbers = Stretches(), set[int]()
    for first, last in added:
        stretches.add(first, last, 1000 * first)
        numbers |= set(range(first, last + 1))
        assert {number for number in range(80) if number in stretches} == numbers
    runs = [[number for _, number in run] for _, run in groupby(enumerate(sorted(numbers)), lambda at: at[1] - at[0])]
    assert list(stretches) == [(run[0], run[-1], 1000 * run[0]) for run in runs]
