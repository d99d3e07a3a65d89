"""Receivers tell of one packet in any order within 200 ms: the shop tells the same of it."""

from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.event import Event
from tests.core.shops import Hand, heard, open_shop

ROOMS = ("street", "door", "shoes", "coats")
INSTANTS_S = (0.0, 0.07, 0.13, 0.19)
stays = st.lists(st.tuples(st.sampled_from(ROOMS), st.integers(5, 40)), min_size=1, max_size=5)
phases = st.floats(0.0, 0.999).map(lambda phase: round(phase, 3))


def walked(walk: list[tuple[str, int]], phase_s: float, every_s: float, chance: Random | None) -> list[Event]:
    """What is told of a fob that stays so many packets in each zone; `chance` says who tells of each packet when."""
    hand: Hand = open_shop()
    moment_s = 1.0 + phase_s
    for zone, packets in walk:
        for _ in range(packets):
            order = list(ROOMS)
            if chance is not None:
                chance.shuffle(order)
            for after_s, room in zip(INSTANTS_S, order, strict=True):
                hand.give(moment_s + after_s, heard(f"rx-{room}", -55.0 if room == zone else -80.0))
            moment_s = round(moment_s + every_s, 3)
    hand.give(moment_s + 1_000.0)
    return [event for event in hand.events if event.subject]


@settings(max_examples=60, deadline=None)
@given(stays, phases, st.sampled_from((0.5, 1.0, 10.0)), st.integers(0, 1 << 30))
def test_the_order_in_which_receivers_tell_of_a_packet_changes_nothing(walk, phase_s, every_s, seed) -> None:
    told = walked(walk, phase_s, every_s, None)
    assert walked(walk, phase_s, every_s, Random(seed)) == told


@settings(max_examples=30, deadline=None)
@given(phases)
def test_a_packet_is_judged_whole_wherever_it_falls_on_the_grid(phase_s) -> None:
    told = walked([("shoes", 20), ("coats", 20)], phase_s, 1.0, Random(7))
    assert [event.data["zone"] for event in told if event.type == "zone.entered"] == ["shoes", "coats"]


def test_receivers_that_tell_at_once_are_not_waited_for() -> None:
    hand = open_shop()
    for second in range(1, 20):
        hand.give(second + 0.2, *(heard(f"rx-{room}", -55.0 if room == "shoes" else -80.0) for room in ROOMS))
    assert hand.engine.deadline_s == 19.25


def test_a_slow_transmitter_heard_by_many_keeps_its_interval() -> None:
    hand = open_shop()
    for packet in range(10):
        for after_s, room in zip(INSTANTS_S, ROOMS, strict=True):
            hand.give(10.0 * packet + 1.0 + after_s, heard(f"rx-{room}", -55.0 if room == "shoes" else -80.0))
    (last,) = [event for event in hand.give(1_000.0) if event.type == "zone.left"]
    assert 59.0 < last.recorded_utc_s - last.time_utc_s < 61.0
    assert all(one.time_utc_s <= other.time_utc_s for one, other in pairwise(hand.events) if one.type == "zone.entered")
