"""A transmitter that is nobody's is handed on once in a while, and remembered within a bound."""

from gateway.sensing.ble.strangers import MOST_KNOWN, TOLD_EVERY_S, Strangers


def test_a_transmitter_is_told_of_once_in_a_while():
    strangers = Strangers()
    assert strangers.is_due("40:00:00:00:00:01", 10.0)
    assert not strangers.is_due("40:00:00:00:00:01", 10.0 + TOLD_EVERY_S - 0.1)
    assert strangers.is_due("40:00:00:00:00:02", 11.0)
    assert strangers.is_due("40:00:00:00:00:01", 10.0 + TOLD_EVERY_S)


def test_ten_thousand_addresses_a_minute_stay_within_the_bound():
    strangers = Strangers()
    assert all(strangers.is_due(f"{number:012X}", number * 0.006) for number in range(10_000))
    assert len(strangers._told_s) == MOST_KNOWN


def test_an_address_is_forgotten_when_it_may_be_told_of_again():
    strangers = Strangers()
    assert strangers.is_due("40:00:00:00:00:01", 10.0)
    assert strangers.is_due("40:00:00:00:00:02", 12.0)
    strangers.forget(10.0 + TOLD_EVERY_S)
    assert set(strangers._told_s) == {"40:00:00:00:00:02"}
