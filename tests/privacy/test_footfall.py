"""How many strangers came: told apart for five minutes, told of a quarter hour and of ten or more, or not at all."""

from dataclasses import replace

import pytest

from gateway.core.engine import Engine
from gateway.core.guests import ADDRESSES_A_WINDOW, COUNTS_A_QUARTER, SALT_S
from gateway.core.privacy_options import PrivacyOptions, problems
from gateway.model.event import Event
from gateway.model.inputs import FreshSalt, Started
from gateway.model.sighting import Sighting, Stranger
from tests.core.shops import COUNTING, INCARNATION, Hand, plan

QUARTER_S = 900.0


def opened(options: PrivacyOptions = COUNTING) -> Hand:
    hand = Hand(Engine(incarnation=INCARNATION, id_key=bytes(32), floorplan=plan(), privacy=options))
    hand.give(0.0, Started("test"))
    return hand


def salt(number: int) -> FreshSalt:
    return FreshSalt(bytes([number]) * 32, bytes([255 - number]) * 32)


def phone(number: int, receiver: str = "rx-shoes") -> Sighting:
    return Sighting("ble", receiver, Stranger(), rssi_dbm=-60.0, address=f"4{number % 10}:00:00:00:00:{number:02X}")


def quarter(hand: Hand, phones: int, *, receiver: str = "rx-shoes", start_s: float = 0.0) -> list[Event]:
    """So many phones in each of three windows, and what is told when the quarter hour is over."""
    for window in range(3):
        began_s = start_s + window * SALT_S
        hand.give(began_s + 1.0, salt(window))
        hand.give(began_s + 2.0, *(phone(number, receiver) for number in range(phones)))
    return hand.give(start_s + QUARTER_S + 0.5, salt(3))


def test_a_quarter_hour_of_ten_phones_or_more_is_told_once() -> None:
    (told,) = quarter(opened(), 12)
    assert (told.type, told.subject, told.data["windows"]) == ("footfall.counted", None, 3)
    assert told.data["zones"] == [{"zone": "shoes", "phones": 12}], "nobody counts thrice for staying"
    assert (told.data["from_at"], told.data["until_at"]) == ("2026-01-05T09:00:00.000Z", "2026-01-05T09:15:00.000Z")


def test_fewer_than_ten_are_nobody() -> None:
    (told,) = quarter(opened(), 9)
    assert told.data["zones"] == []


def test_without_a_legal_basis_nobody_is_counted() -> None:
    hand = opened(PrivacyOptions())
    assert quarter(hand, 30) == []
    assert hand.engine.guests(905.0) is None


def test_the_street_is_left_out_unless_it_is_asked_for() -> None:
    (told,) = quarter(opened(), 30, receiver="rx-street")
    assert told.data["zones"] == []
    (told,) = quarter(opened(replace(COUNTING, guests_street=True)), 30, receiver="rx-street")
    assert told.data["zones"] == [{"zone": "street", "phones": 30}]


def test_a_phone_that_changes_its_address_counts_twice_at_most_in_a_window() -> None:
    hand = opened()
    hand.give(1.0, salt(0))
    hand.give(2.0, *(phone(number) for number in range(20)))
    hand.give(200.0, *(phone(number + 100) for number in range(20)))
    (told,) = hand.give(QUARTER_S + 1.0, salt(1))
    assert told.data["zones"] == [{"zone": "shoes", "phones": 20 * ADDRESSES_A_WINDOW}]


def test_no_two_salts_know_a_phone_by_the_same_name_and_none_is_kept() -> None:
    hand = opened()
    hand.give(1.0, salt(0), phone(1))
    first = held(hand)
    hand.give(SALT_S, salt(1), phone(1))
    second = held(hand)
    assert (len(first), len(second), first & second) == (1, 1, set())
    assert not any("40:00" in repr(record) for record in hand.folded.values())
    hand.give(3 * SALT_S, phone(1))
    assert held(hand) == set(), "an old salt tells nobody apart, and what it told apart is gone"


def held(hand: Hand) -> set[bytes]:
    """What the engine knows phones by."""
    return set(hand.engine._guests._phones)


def test_with_no_clock_set_nothing_is_told() -> None:
    hand = opened()
    hand.clock = "unset"
    assert quarter(hand, 30) == []


def test_noise_is_drawn_anew_symmetric_and_of_the_size_that_the_budget_says() -> None:
    noisy = replace(COUNTING, guests_epsilon=1.0)
    figures = []
    for number in range(200):
        hand = opened(noisy)
        hand.give(1.0, salt(0), *(phone(each) for each in range(100)))
        fresh = FreshSalt(bytes(32), number.to_bytes(32))
        (told,) = hand.give(QUARTER_S + 1.0, fresh)
        zones = told.data["zones"]
        assert isinstance(zones, list)
        figures.append(zones[0]["phones"] - 100)
    mean, spread = sum(figures) / 200, (sum(each**2 for each in figures) / 200) ** 0.5
    assert abs(mean) < 2.0
    assert 4.0 < spread < 8.0, "two-sided geometric of rate 1/4: 5.6"


def test_one_phone_raises_as_many_figures_of_a_quarter_as_the_noise_allows_for() -> None:
    hand = opened(replace(COUNTING, guests_street=True))
    walk = (("street", 1.0), ("door", 2.0), ("shoes", SALT_S + 2.0), ("coats", 2 * SALT_S + 2.0))
    crowd = [[phone(number + 20 * place, f"rx-{zone}") for number in range(10)] for place, (zone, _) in enumerate(walk)]
    for window in range(3):
        hand.give(window * SALT_S + 0.5, salt(window), *(each for zone in crowd for each in zone))
        for number, (zone, at_s) in enumerate(walk):
            if at_s // SALT_S == window:
                hand.give(at_s, phone(200 + number, f"rx-{zone}"))
    (told,) = hand.give(QUARTER_S + 0.5, salt(3))
    zones = told.data["zones"]
    assert isinstance(zones, list)
    assert sum(each["phones"] - 10 for each in zones) == COUNTS_A_QUARTER


@pytest.mark.parametrize(
    ("options", "key"),
    [
        (PrivacyOptions(guests_basis="because"), "guests_basis"),
        (PrivacyOptions(guests_basis="consent"), "guests_basis"),
        (PrivacyOptions(guests_street=True), "guests_street"),
        (replace(COUNTING, guests_fewest=9), "guests_fewest"),
        (replace(COUNTING, guests_epsilon=2.0), "guests_epsilon"),
    ],
)
def test_settings_that_will_not_do_are_refused(options: PrivacyOptions, key: str) -> None:
    assert key in [each for each, _, _ in problems(options)]
