"""The walk over AD structures never runs past the end and says where it would have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.adverts.ad_structures import structure, walk

EVERY_TYPE = range(256)


def test_structures_are_found_in_order() -> None:
    assert walk(bytes.fromhex("020106 0303aafe"), EVERY_TYPE) == ([(0x01, b"\x06"), (0x03, b"\xaa\xfe")], None)


def test_only_the_types_asked_for_are_given() -> None:
    assert walk(bytes.fromhex("020106 0303aafe"), {0x03}) == ([(0x03, b"\xaa\xfe")], None)


@pytest.mark.parametrize("payload", ["", "00", "0000000000", "00ff"])
def test_a_length_of_zero_ends_the_significant_part(payload: str) -> None:
    assert walk(bytes.fromhex(payload), EVERY_TYPE) == ([], None)


def test_a_structure_may_hold_nothing() -> None:
    assert walk(bytes.fromhex("0109 020106"), EVERY_TYPE) == ([(0x09, b""), (0x01, b"\x06")], None)


@pytest.mark.parametrize(
    ("payload", "at", "claimed", "excess"),
    [("0201060303", 3, 3, 2), ("020106e4", 3, 228, 228), ("1aff4c", 0, 26, 24), ("01", 0, 1, 1)],
)
def test_a_structure_past_the_end_is_told_by_place_and_length(payload: str, at: int, claimed: int, excess: int) -> None:
    structures, problem = walk(bytes.fromhex(payload), EVERY_TYPE)
    assert problem == (
        f"the AD structure at byte {at} claims {claimed} bytes, {excess} more than are left: cut short or corrupt"
    )
    assert all(ad_type == 0x01 for ad_type, _ in structures)


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=40))))
def test_what_is_written_is_found(structures: list[tuple[int, bytes]]) -> None:
    payload = b"".join(structure(ad_type, value) for ad_type, value in structures)
    assert walk(payload, EVERY_TYPE) == (structures, None)


def test_a_value_that_no_length_byte_can_tell_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 254 bytes, not 255"):
        structure(0xFF, bytes(255))
