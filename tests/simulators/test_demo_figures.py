"""What a demo must show before it may end well."""

from dataclasses import replace

import pytest

from simulators.demo_figures import DemoFigures

GOOD = DemoFigures(
    sightings=900, visits=4, offers=5, created=60, received=60, acked=60, gaps=0, duplicates_before_dedup=0
)


def test_everything_that_was_made_arrived() -> None:
    assert GOOD.shortfalls() == []
    assert replace(GOOD, duplicates_before_dedup=7).shortfalls() == []


@pytest.mark.parametrize(
    ("figures", "says"),
    [
        (replace(GOOD, sightings=0), "there were no sightings"),
        (replace(GOOD, offers=0), "there were no offers"),
        (replace(GOOD, received=0), "no event was received"),
        (replace(GOOD, acked=59), "60 events were created, but 59 were acknowledged"),
        (replace(GOOD, gaps=2), "2 events are missing at head office"),
    ],
)
def test_each_shortfall_is_told(figures: DemoFigures, says: str) -> None:
    assert figures.shortfalls() == [says]


def test_a_demo_without_a_gateway_is_short_of_everything() -> None:
    assert len(DemoFigures(0, 0, 0, 0, 0, 0, 0, 0).shortfalls()) == 6
