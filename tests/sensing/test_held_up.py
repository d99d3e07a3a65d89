"""One code held up is one sighting."""

from gateway.codecs.camera_link import CodeSeen
from gateway.sensing.camera.held_up import MOST_HELD, HeldUp


def seen(text: str = "A7", x: float = 0.5, y: float = 0.5) -> CodeSeen:
    return CodeSeen("qr_code", text, x, y)


def test_held_for_a_minute_by_a_hand_that_moves() -> None:
    held = HeldUp(5.0)
    news = [held.is_new(seen(x=0.1 + 0.8 * tenth / 600), tenth / 10) for tenth in range(600)]
    assert news == [True] + [False] * 599


def test_out_of_sight_for_long_enough_it_counts_again() -> None:
    held = HeldUp(5.0)
    assert [held.is_new(seen(), at_s) for at_s in (0.0, 4.9, 9.8, 14.9)] == [True, False, False, True]


def test_another_place_or_another_text_is_another_code() -> None:
    held = HeldUp(5.0)
    assert held.is_new(seen(x=0.2), 0.0)
    assert held.is_new(seen(x=0.8), 0.0)
    assert held.is_new(seen("A8", x=0.2), 0.0)
    assert held.is_new(CodeSeen("ean_8", "A7", 0.2, 0.5), 0.0)
    assert not held.is_new(seen(x=0.25), 1.0)
    assert not held.is_new(seen(x=0.75), 1.0)


def test_a_wall_of_codes_takes_no_memory() -> None:
    held = HeldUp(5.0)
    assert all(held.is_new(seen(str(number)), 0.0) for number in range(10 * MOST_HELD))
    assert len(held._held) == MOST_HELD
    assert held.is_new(seen("0"), 1.0)
