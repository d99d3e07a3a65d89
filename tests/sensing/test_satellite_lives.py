"""Satellite gateways' births and wills: who is gone with whom, and which will is not true any more."""

from gateway.codecs.satellites.life import Life
from gateway.sensing.satellites.lives import MOST_LIVES, Lives

BIRTH = Life("up", "s1", ("rx-back", "cam-back"))
WILL = Life("down", "s1", ())


def test_a_will_takes_along_all_that_the_birth_named() -> None:
    lives = Lives()
    assert lives.hear("gw-2", Life("up", "s1", ())) == ()
    assert lives.hear("gw-2", BIRTH) == ()
    assert lives.hear("gw-2", WILL) == ("rx-back", "cam-back")


def test_a_will_that_comes_after_the_next_birth_is_not_true_any_more() -> None:
    lives = Lives()
    lives.hear("gw-2", BIRTH)
    lives.hear("gw-2", Life("up", "s2", ("rx-back",)))
    assert lives.hear("gw-2", WILL) == ()


def test_who_hears_of_the_end_alone_believes_what_it_names() -> None:
    assert Lives().hear("gw-2", Life("down", "s1", ("rx-back",))) == ("rx-back",)


def test_one_satellite_says_nothing_of_another() -> None:
    lives = Lives()
    lives.hear("gw-2", BIRTH)
    assert lives.hear("gw-3", WILL) == ()


def test_satellites_are_bounded() -> None:
    lives = Lives()
    for number in range(MOST_LIVES):
        lives.hear(f"gw-{number}", BIRTH)
    assert lives.hear("one-more", Life("down", "s1", ("rx-back",))) == ()
    assert lives.hear("x" * 65, Life("down", "s1", ("rx-back",))) == ()
    assert lives.hear("gw-0", WILL) == BIRTH.receivers
