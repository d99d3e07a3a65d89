"""When a receiver's silence is suspicious."""

import pytest

from gateway.sensing.ble.options import BleOptions, problems
from gateway.sensing.ble.silence import Silence


def heard(silence: Silence, packets: int, every_s: float, from_s: float = 0.0) -> float:
    """Packets at a steady pace; when the last was."""
    at_s = from_s
    for number in range(packets):
        at_s = from_s + number * every_s
        silence.hear(at_s)
    return at_s


def test_a_receiver_that_never_heard_anything_may_be_alone() -> None:
    silence = Silence(30.0)
    silence.begin(0.0)
    assert not silence.suspicious(1e6)
    assert not silence.heard_before


def test_the_limit_is_the_default_until_it_is_taught() -> None:
    silence = Silence(30.0)
    silence.begin(0.0)
    last_s = heard(silence, 50, 0.05)
    assert not silence.suspicious(last_s + 29.9)
    assert silence.suspicious(last_s + 30.1)


@pytest.mark.parametrize(("every_s", "limit_s"), [(0.05, 5.0), (1.0, 10.0), (8.0, 30.0)])
def test_the_limit_follows_the_usual_gap(every_s: float, limit_s: float) -> None:
    silence = Silence(30.0)
    silence.begin(0.0)
    heard(silence, 200, every_s)
    assert silence.limit_s == pytest.approx(limit_s)


def test_a_silence_over_two_scans_teaches_nothing_and_scans_in_vain_get_longer() -> None:
    silence = Silence(30.0)
    silence.begin(0.0)
    last_s = heard(silence, 200, 0.05)
    silence.begin(last_s + 10)
    assert (silence.heard_now, silence.heard_before) == (False, True)
    assert not silence.suspicious(last_s + 14.9)
    assert silence.suspicious(last_s + 15.1)
    limits_s = []
    for number in range(1, 9):
        silence.begin(last_s + 100 * number)
        limits_s.append(silence.limit_s)
    assert limits_s == [10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0, 300.0]
    silence.hear(last_s + 5000)
    assert (silence.heard_now, silence.limit_s) == (True, 5.0)


def test_wrong_options_are_told() -> None:
    assert problems(BleOptions("gw-1", "hci0", 30.0)) == []
    assert problems(BleOptions("gw-1", "00:1A:7D:DA:71:13")) == []
    wrong = problems(BleOptions("", "bluetooth", 0.5))
    assert [key for key, _, _ in wrong] == ["receiver", "adapter", "silence_s"]
