"""Packed token tables: the member whose token it is, and nobody for a token of two."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.token_table import ROW_BYTES, TokenTable, pack_tokens
from gateway.codecs.tokens import token

KEYS = st.lists(st.binary(min_size=16, max_size=16), max_size=30)


@given(KEYS, st.integers(0, 1 << 31))
def test_every_member_is_found_by_the_token_of_the_slot(keys: list[bytes], slot: int) -> None:
    rows = pack_tokens(enumerate(keys), slot)
    assert len(rows) == len(keys) * ROW_BYTES
    table = TokenTable(rows, str)
    for number, key in enumerate(keys):
        assert table.get(token(key, slot)) == (str(number) if keys.count(key) == 1 else None)
    assert table.get(token(b"another key 0123", slot)) is None
    assert table.get(bytes(8)) is None
    assert table.get(b"\xff" * 8) is None
