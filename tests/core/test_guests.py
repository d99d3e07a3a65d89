"""Guests are a number of the last minute: strangers' phones by zone, in memory alone."""

from gateway.core import guests
from gateway.core.guests import Guests
from gateway.core.shop import Shop
from gateway.model.inputs import FreshSalt, Input
from gateway.model.sighting import Sighting, Stranger
from gateway.model.time import Now
from tests.core.shops import COUNTING, Hand, open_shop, plan

SHOP = Shop.of(plan())
NOON = Now(0.0, 1_767_603_600.0, "synced", "boot-1")
SALT = FreshSalt(bytes(32), bytes(range(32)))


def counting_shop() -> Hand:
    hand = open_shop()
    hand.give(0.5, SALT)
    return hand


def phone(number: int) -> str:
    return f"4{number % 16:X}:00:00:00:{number // 256 % 256:02X}:{number % 256:02X}"


def stranger(address: str, receiver: str = "rx-shoes", rssi_dbm: float = -60.0) -> Input:
    return Sighting("ble", receiver, Stranger(), rssi_dbm, address)


def test_a_phone_counts_once_in_the_zone_that_hears_it_best():
    hand = counting_shop()
    hand.give(1.0, stranger(phone(1)), stranger(phone(1), "rx-coats", -50.0), stranger(phone(2)))
    assert hand.engine.guests(2.0) == {"shoes": 1, "coats": 1}


def test_a_phone_that_fell_silent_is_forgotten_after_a_minute():
    hand = counting_shop()
    hand.give(1.0, stranger(phone(1)))
    hand.give(50.0, stranger(phone(2)))
    assert hand.engine.guests(60.0) == {"shoes": 2}
    assert hand.engine.guests(62.0) == {"shoes": 1}
    assert hand.engine.guests(200.0) == {}


def test_a_beacon_or_a_television_is_no_phone():
    hand = counting_shop()
    hand.give(1.0, stranger("C0:00:00:00:00:01"), stranger("00:11:22:33:44:55"), stranger("no address"))
    assert hand.engine.guests(2.0) == {}


def test_a_stranger_leaves_no_change_no_event_and_no_record():
    hand = counting_shop()
    before = dict(hand.engine.records())
    assert hand.give(1.0, stranger(phone(1))) == []
    assert hand.steps[-1].changes == ()
    assert dict(hand.engine.records()) == before


def test_ever_new_addresses_stay_within_the_bound():
    counted = Guests(COUNTING)
    counted.salt(SALT, SHOP, NOON)
    for number in range(guests.MOST_COUNTED + 500):
        counted.hear(f"5{number % 16:X}:{number:010X}", "rx-shoes", -60.0, 1.0)
    assert counted.counts(SHOP, 2.0) == {"shoes": guests.MOST_COUNTED}
