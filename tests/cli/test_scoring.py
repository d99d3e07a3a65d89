"""Scores worked out by hand."""

import pytest

from gateway.cli.scoring import Latencies, Placed, Score, figures, percentile, pool, score

HOURS = 20 / 3600


def placed(*pairs: tuple[float, str | None]) -> list[Placed]:
    return [Placed(t_s, zone) for t_s, zone in pairs]


TRUTH = placed((0, "a"), (10, "b"), (20, "b"))
"""Ten seconds in a, ten in b."""


def test_a_report_that_is_always_right() -> None:
    assert score(placed((0, "a"), (10, "b")), TRUTH) == Score(
        21, 21, 0, HOURS, Latencies((0.0,), 0), Latencies((0.0,), 0)
    )


def test_a_late_report_costs_seconds_and_latency() -> None:
    found = score(placed((0, "a"), (12.5, "b")), TRUTH)
    assert (found.seconds, found.right, found.flaps) == (21, 18, 0)
    assert (found.enter, found.exit) == (Latencies((2.5,), 0), Latencies((2.5,), 0))


def test_an_early_report_has_no_latency() -> None:
    found = score(placed((0, "a"), (8, "b")), TRUTH)
    assert found.right == 19
    assert (found.enter, found.exit) == (Latencies((0.0,), 0), Latencies((0.0,), 0))


def test_nothing_reported_misses_every_entry_and_no_exit() -> None:
    found = score((), TRUTH)
    assert (found.right, found.flaps) == (0, 0)
    assert (found.enter, found.exit) == (Latencies((), 1), Latencies((0.0,), 0))


def test_a_zone_never_left_misses_the_exit() -> None:
    assert score(placed((0, "a")), TRUTH).exit == Latencies((), 1)


def test_an_exit_is_missed_if_the_zone_comes_true_again_first() -> None:
    truth = placed((0, "a"), (5, "b"), (8, "a"), (20, "a"))
    found = score(placed((0, "a"), (9, "b")), truth)
    assert found.exit == Latencies((0.0,), 1)
    assert found.enter == Latencies((0.0,), 1)


def test_an_entry_is_missed_if_the_true_zone_ends_first() -> None:
    truth = placed((0, "a"), (5, "b"), (8, None), (20, None))
    assert score(placed((0, "a"), (8, "b")), truth).enter == Latencies((), 1)
    assert score(placed((0, "a"), (7.9, "b")), truth).enter.missed == 0


def test_moments_when_nobody_can_say_are_judged_for_nobody() -> None:
    truth = placed((0, "a"), (5, None), (15, "b"), (20, "b"))
    found = score(placed((0, "a"), (6, "c"), (15, "b")), truth)
    assert (found.seconds, found.right) == (11, 11)
    assert found.flaps == 1
    assert found.exit == Latencies((1.0,), 0)


def test_a_gap_with_the_same_zone_on_either_side_is_no_change() -> None:
    truth = placed((0, "a"), (5, None), (8, "a"), (20, "a"))
    found = score(placed((0, "a")), truth)
    assert (found.enter, found.exit, found.flaps) == (Latencies((), 0), Latencies((), 0), 0)


@pytest.mark.parametrize(
    ("reports", "flaps"),
    [
        (((0, "a"), (10, "b"), (11, "a"), (12, "b")), 2),
        (((0, "a"), (3, None), (4, "a"), (10, "b")), 1),
        (((0, "a"), (3, "a"), (10, "b")), 0),
        (((3, "b"),), 0),
        (((-5, "c"), (-3, "a"), (10, "b")), 0),
        (((0, "a"), (10, "b"), (25, "a"), (26, "b")), 0),
    ],
    ids=["back and forth", "left and entered again", "told twice", "too few", "before the walk", "after the walk"],
)
def test_flaps(reports: tuple[tuple[float, str | None], ...], flaps: int) -> None:
    assert score(placed(*reports), TRUTH).flaps == flaps


def test_only_whole_seconds_within_the_truth_are_judged() -> None:
    truth = placed((0.5, "a"), (3.5, "a"))
    assert score(placed((2, "a")), truth).seconds == 3
    assert score(placed((2, "a")), truth).right == 2


def test_walks_are_pooled_by_their_seconds_and_changes() -> None:
    late = score(placed((0, "a"), (12.5, "b")), TRUTH)
    flapping = score(placed((0, "a"), (5, "b"), (6, "a"), (10, "b")), TRUTH)
    assert pool([late, flapping]) == Score(42, 38, 2, 2 * HOURS, Latencies((2.5, 0.0), 0), Latencies((2.5, 0.0), 0))


def test_the_figures_of_a_score() -> None:
    assert figures(score(placed((0, "a"), (12.5, "b"), (13, "a"), (14, "b")), TRUTH)) == {
        "zone_accuracy": 0.81,
        "flaps_per_hour": 360.0,
        "enter": {"count": 1, "missed": 0, "median_s": 2.5, "p90_s": 2.5},
        "exit": {"count": 1, "missed": 0, "median_s": 2.5, "p90_s": 2.5},
        "seconds": 21,
    }


def test_what_cannot_be_said_is_none() -> None:
    nothing = {"count": 0, "missed": 0, "median_s": None, "p90_s": None}
    assert figures(score((), placed((0.5, None)))) == {
        "zone_accuracy": None,
        "flaps_per_hour": None,
        "enter": nothing,
        "exit": nothing,
        "seconds": 0,
    }


@pytest.mark.parametrize(
    ("count", "median", "p90"), [(1, 0, 0), (2, 1, 1), (4, 2, 3), (10, 5, 9), (11, 5, 9), (36, 18, 32)]
)
def test_percentiles_are_values_that_occurred(count: int, median: int, p90: int) -> None:
    values = [float(value) for value in reversed(range(count))]
    assert (percentile(values, 50), percentile(values, 90)) == (median, p90)
