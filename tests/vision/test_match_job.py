"""How long recognising pauses between two frames."""

import pytest

from gateway.sensing.camera.film import HANG_S
from gateway.vision.match_job import LONGEST_REST_S, rest_s


@pytest.mark.parametrize(
    ("cost_s", "taken_s", "cpu", "rest"),
    [
        (0.1, 0.1, 1.0, 0.0),
        (0.1, 0.1, 0.25, 0.3),
        (0.1, 0.3, 0.5, 0.0),
        (1.0, 1.0, 0.05, LONGEST_REST_S),
    ],
)
def test_a_pause_keeps_to_the_share_of_a_processor(cost_s: float, taken_s: float, cpu: float, rest: float) -> None:
    assert rest_s(cost_s, taken_s, cpu) == pytest.approx(rest)


def test_no_pause_is_taken_for_a_child_that_hangs() -> None:
    assert rest_s(60.0, 60.0, 0.05) <= HANG_S / 2
