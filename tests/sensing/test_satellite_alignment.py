"""Packets of several satellites, put together again."""

from gateway.model.sighting import Sighting, Stranger
from gateway.sensing.satellites.alignment import HELD_S, MOST_HELD, Alignment


def heard(receiver: str) -> Sighting:
    return Sighting("ble", receiver, Stranger(), -60.0)


def taken(alignment: Alignment, mono_s: float) -> list[tuple[str, float]]:
    given = []
    while (sighting := alignment.next(mono_s)) is not None:
        given.append((sighting.receiver, sighting.age_s))
    return given


def test_one_packet_of_three_satellites_goes_on_together_however_they_told_of_it() -> None:
    alignment = Alignment()
    alignment.hear(heard("late"), 10.02)
    alignment.hear(heard("next-packet"), 10.1)
    alignment.hear(heard("first"), 10.0)
    assert alignment.due_s() == 10.0 + HELD_S
    assert taken(alignment, 10.3) == []
    assert taken(alignment, 10.45) == [("first", 0.45), ("late", 0.43)]
    assert taken(alignment, 10.5) == [("next-packet", 0.4)]
    assert alignment.due_s() is None


def test_the_oldest_is_lost_when_too_many_are_held() -> None:
    alignment = Alignment()
    for number in range(MOST_HELD + 2):
        alignment.hear(heard(str(number)), float(number))
    assert alignment.lost == 2
    assert taken(alignment, 1e9)[0][0] == "2"
