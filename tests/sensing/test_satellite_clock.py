"""When a satellite heard what it tells, by its own clock: slow messages, wrapped counters, restarts, drift."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.satellites import Packet, Report
from gateway.sensing.satellites.receivers import LATE_S, Receivers
from gateway.sensing.satellites.uptime import Uptime

ENDS_MS = 1 << 32


def age_s(uptime: Uptime, heard_ms: int, sent_ms: int, arrived_s: float) -> float:
    uptime.note(sent_ms % ENDS_MS, arrived_s)
    return uptime.age_s(heard_ms % ENDS_MS, sent_ms % ENDS_MS, arrived_s)


def test_a_packet_is_as_old_as_it_waited_in_its_satellite() -> None:
    uptime = Uptime()
    age_s(uptime, 0, 1_000, 50.0)
    assert age_s(uptime, 1_100, 1_250, 50.25) == pytest.approx(0.15)


def test_and_as_the_network_held_its_message_up() -> None:
    uptime = Uptime()
    age_s(uptime, 0, 1_000, 50.0)
    assert age_s(uptime, 1_100, 1_250, 53.25) == pytest.approx(3.15)
    assert age_s(uptime, 1_500, 1_500, 50.5) == pytest.approx(0.0)


def test_the_counter_of_32_bits_begins_again_without_a_trace() -> None:
    uptime = Uptime()
    age_s(uptime, 0, ENDS_MS - 100, 50.0)
    assert age_s(uptime, ENDS_MS - 50, ENDS_MS + 150, 50.25) == pytest.approx(0.2)


@pytest.mark.parametrize("before_ms", [10_000_000, 3_000_000_000], ids=["three hours", "five weeks"])
def test_a_satellite_that_was_restarted_is_measured_anew(before_ms: int) -> None:
    uptime = Uptime()
    age_s(uptime, 0, before_ms, 50.0)
    assert age_s(uptime, 3_900, 4_000, 60.0) == pytest.approx(0.1)
    assert age_s(uptime, 4_900, 5_000, 63.0) == pytest.approx(2.1)


@given(st.floats(-100e-6, 100e-6), st.integers(0, ENDS_MS - 1))
def test_a_clock_that_drifts_is_followed(drift: float, began_ms: int) -> None:
    """A hundred millionths, three times what an ESP32 may: an hour of it would be 360 ms, and is never over 15."""
    uptime = Uptime()
    for second in range(0, 3600, 5):
        sent_ms = began_ms + round(second * 1000 * (1 + drift))
        assert age_s(uptime, sent_ms, sent_ms, 100.0 + second) < 0.015


def test_what_comes_too_late_is_dropped_and_counted() -> None:
    receivers = Receivers(["sat-1"], {}, 15.0, 0.0)
    packets = tuple(Packet((), -60.0, None, heard_ms) for heard_ms in (0, 50_000))
    assert receivers.take("sat-1", Report("sat-1", "up", packets, sent_ms=50_100), 10.0) == [(packets[1], 0.1)]
    assert receivers.late == 1
    assert LATE_S < 50


def test_without_a_time_of_its_own_a_packet_is_of_now() -> None:
    receivers = Receivers(["sat-1"], {"kitchen": "sat-1"}, 15.0, 0.0)
    assert receivers.known("kitchen") == "sat-1"
    assert receivers.take("sat-1", Report("kitchen", "up", (Packet((), -60.0),)), 10.0) == [(Packet((), -60.0), 0.0)]
