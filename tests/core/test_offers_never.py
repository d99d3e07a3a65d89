"""What is never broken, whatever happens: every limit judged anew from a log of what was offered."""

import os
from random import Random
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.histories import Counted, history
from tests.core.judge import Judge

HISTORIES: Final = 1_000_000 if os.environ.get("PROXIMITY_TEST_COUNTS") == "full" else 20_000
TOGETHER: Final = 20
"""Histories an example: each is one of the `HISTORIES`, and to draw each by itself would cost as much again."""


def judged(seed: str) -> int:
    """Play a history, judge it, play it again from what is known of it, its campaigns in another order; its offers."""
    happened, live, judge = history(Random(seed)), Counted(), Judge()
    told = []
    for happening in happened:
        told.append(live.meet(happening))
        judge.look(happening, told[-1])
    replayed = Counted(order=Random(f"{seed} again"))
    assert [replayed.meet(happening) for happening in happened] == told
    return judge.offers


@pytest.mark.slow
@settings(deadline=None, max_examples=HISTORIES // TOGETHER)
@given(st.integers(0, (1 << 64) - 1))
def test_no_history_breaks_a_limit_nor_depends_on_the_order_of_campaigns_nor_on_being_replayed(seed: int) -> None:
    offers = 0
    for number in range(TOGETHER):
        offers += judged(f"{seed}/{number}")
    assert offers
