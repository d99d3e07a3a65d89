"""Day keys and tokens against the published vector."""

import pytest

from gateway.codecs.tokens import SLOTS_A_DAY, day_key, day_of, slot_of, token

MEMBER_KEY = bytes(range(32))
STORE = "store-0042"


def test_the_vector() -> None:
    key = day_key(MEMBER_KEY, STORE, 20_000)
    assert key.hex() == "616b81f3af7d435c90d33c28359ee7be"
    assert token(key, 1_920_040).hex() == "d7a8805435fac867"


def test_days_and_slots_are_of_utc() -> None:
    assert (day_of(86_399.999), day_of(86_400.0)) == (0, 1)
    assert (slot_of(899.999), slot_of(900.0)) == (0, 1)
    assert slot_of(20_000 * 86_400.0) == 20_000 * SLOTS_A_DAY


@pytest.mark.parametrize(
    ("store", "day"), [(STORE, 20_001), ("store-0043", 20_000), ("", 20_000)], ids=["day", "store", "empty"]
)
def test_another_store_or_day_has_another_key(store: str, day: int) -> None:
    assert day_key(MEMBER_KEY, store, day) != day_key(MEMBER_KEY, STORE, 20_000)


def test_a_store_that_its_length_byte_cannot_tell_is_refused() -> None:
    with pytest.raises(ValueError, match="store is 256 bytes long: give at most 255"):
        day_key(MEMBER_KEY, "é" * 128, 20_000)


def test_a_day_before_1970_is_refused() -> None:
    with pytest.raises(ValueError, match="day is -1"):
        day_key(MEMBER_KEY, STORE, -1)
