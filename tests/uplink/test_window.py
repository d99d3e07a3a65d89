"""The window: wide for a head office that keeps pace, narrow for one that does not."""

from gateway.uplink.window import FIRST, PROMPT_S, Window


def after(window: Window, delays_s: list[float]) -> int:
    """Its size after acks that came so long after the sending."""
    for sequence, delay_s in enumerate(delays_s, 1):
        window.sent(sequence, 0.0)
        window.acked(sequence, delay_s)
    return window.size


def test_acks_in_time_widen_it_up_to_its_most() -> None:
    assert after(Window(10_000), [0.1]) == FIRST + FIRST // 8
    assert after(Window(10_000), [0.1] * 100) == 10_000
    assert after(Window(16), [0.1] * 100) == 16


def test_a_slow_head_office_gets_no_more_than_at_first() -> None:
    assert after(Window(10_000), [PROMPT_S * 1.1] * 100) == FIRST


def test_only_the_ack_of_what_is_timed_counts() -> None:
    window = Window(10_000)
    window.sent(5, 0.0)
    window.sent(6, 10.0)
    window.acked(4, 0.1)
    window.acked(6, 10.1)
    assert window.size == FIRST


def test_a_reset_makes_it_narrow_and_forgets_what_was_timed() -> None:
    window = Window(10_000)
    after(window, [0.1] * 100)
    window.sent(200, 0.0)
    window.reset()
    window.acked(200, 0.1)
    assert window.size == FIRST
