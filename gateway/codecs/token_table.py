"""The tokens of one slot, packed: rows of token and member's number in rising order, 12 bytes a member."""

import struct
from collections.abc import Callable, Iterable
from typing import Final

from gateway.codecs.tokens import TOKEN_BYTES, token

ROW_BYTES: Final = TOKEN_BYTES + 4

_NUMBER: Final = struct.Struct(">I")


def pack_tokens(keys: Iterable[tuple[int, bytes]], slot: int) -> bytes:
    """The table of `slot`, given each member's number (of 32 bits) and key of the slot's day."""
    return b"".join(sorted(token(key, slot) + _NUMBER.pack(number) for number, key in keys))


class TokenTable:
    """Finds whose token one is, in a packed table; `handle_of` gives the handle of a member's number."""

    def __init__(self, rows: bytes, handle_of: Callable[[int], str]) -> None:
        self._rows = rows
        self._handle_of = handle_of

    def get(self, value: bytes) -> str | None:
        """The handle of the member who sends this token; None for nobody's, and for one of two members."""
        low, high = 0, len(self._rows) // ROW_BYTES
        while low < high:
            middle = (low + high) // 2
            if self._token(middle) < value:
                low = middle + 1
            else:
                high = middle
        if self._token(low) != value or self._token(low + 1) == value:
            return None
        return self._handle_of(_NUMBER.unpack_from(self._rows, low * ROW_BYTES + TOKEN_BYTES)[0])

    def _token(self, place: int) -> bytes:
        return self._rows[place * ROW_BYTES : place * ROW_BYTES + TOKEN_BYTES]
