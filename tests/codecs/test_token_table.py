"""Packed token tables: the members whose token it is, in the same bytes however they were computed."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.token_table import TokenTable, pack_tokens
from gateway.codecs.tokens import token
from gateway.documents.day_keys import Rows
from gateway.documents.tabulation import tabulate

KEYS = st.lists(st.binary(min_size=16, max_size=16), max_size=30)
SLOTS = st.integers(0, 1 << 31)


@given(KEYS, SLOTS)
def test_every_member_is_found_by_the_token_of_the_slot(keys: list[bytes], slot: int) -> None:
    packed = pack_tokens(enumerate(keys), slot)
    assert len(packed) <= 20 * len(keys) + 20
    table = TokenTable(memoryview(packed), str)
    assert len(table) == len(keys)
    for key in keys:
        same = [str(number) for number, each in enumerate(keys) if each == key]
        assert list(table.holders(token(key, slot))) == same
    for stranger in (token(b"another key 0123", slot), bytes(8), b"\xff" * 8):
        assert not table.holders(stranger)


@given(KEYS, SLOTS, st.integers(1, 9))
def test_columns_make_the_same_table_as_rows(keys: list[bytes], slot: int, piece: int) -> None:
    rows = [(number * 7 + 1, key) for number, key in enumerate(keys)]
    pieces = [Rows.of(rows[at : at + piece]) for at in range(0, len(rows), piece)]
    into = BytesIO()
    assert tabulate(pieces, slot, into) == len(keys)
    assert into.getvalue() == pack_tokens(rows, slot)


def test_a_table_that_is_cut_short_is_none() -> None:
    packed = pack_tokens([(1, bytes(16)), (2, b"k" * 16)], 7)
    with pytest.raises(ValueError, match=f"has {len(packed)} bytes, and here are {len(packed) - 4}"):
        TokenTable(memoryview(packed)[:-4], str)


def test_the_table_of_a_million_members_fits() -> None:
    """16 bytes a member: tokens 8, numbers 4, places 4 at most."""
    rows, bits = 1_000_000, (1_000_000).bit_length()
    assert 8 + 12 * rows + 4 * ((1 << bits) + 1) <= 25_000_000
