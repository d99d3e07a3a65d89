"""The tokens of one slot, as one flat piece of memory: found by their first bits in two or three reads.

| at | what |
|---|---|
| 0 | how many rows there are, and how many bits of a token choose its bucket (4 bytes each) |
| 8 | the tokens (8 bytes each), in rising order as little-endian numbers |
| | where each bucket of them begins, and at last where they end (4 bytes each): 2^bits + 1 places |
| | each token's member, as a number (4 bytes) |

All numbers are little-endian. There are one to two buckets a row, so that a bucket holds one token or none: 16 bytes a
member, and a look into it costs the same for a thousand members and for a million.
"""

import struct
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Final

from gateway.codecs.tokens import TOKEN_BYTES, token

HEADER: Final = struct.Struct("<II")
TOKEN_BITS: Final = 8 * TOKEN_BYTES

if sys.byteorder != "little":
    msg = "token tables are read where they lie, which takes a little-endian machine"
    raise ImportError(msg)


def bucket_bits(rows: int) -> int:
    """How many bits choose the bucket in a table of so many rows."""
    return rows.bit_length()


def pack_tokens(keys: Iterable[tuple[int, bytes]], slot: int) -> bytes:
    """The table of `slot`, given each member's number (of 32 bits) and key of the slot's day."""
    rows = sorted((int.from_bytes(token(key, slot), "little"), number) for number, key in keys)
    bits = bucket_bits(len(rows))
    tokens = [each for each, _ in rows]
    starts = (bisect_left(tokens, bucket << TOKEN_BITS - bits) for bucket in range((1 << bits) + 1))
    numbers = (number for _, number in rows)
    body = struct.pack(f"<{len(rows)}Q{(1 << bits) + 1}I{len(rows)}I", *chain(tokens, starts, numbers))
    return HEADER.pack(len(rows), bits) + body


class TokenTable:
    """Finds who sends a token, in a packed table; `handle_of` gives the handle of a member's number."""

    def __init__(self, packed: memoryview, handle_of: Callable[[int], str]) -> None:
        """Raises ValueError where `packed` is no table, or not a whole one."""
        rows, bits = HEADER.unpack_from(packed)
        starts_at = HEADER.size + TOKEN_BYTES * rows
        numbers_at = starts_at + 4 * ((1 << bits) + 1)
        if len(packed) != numbers_at + 4 * rows:
            msg = f"a table of {rows} tokens has {numbers_at + 4 * rows} bytes, and here are {len(packed)}"
            raise ValueError(msg)
        self._shift = TOKEN_BITS - bits
        self._tokens = packed[HEADER.size : starts_at].cast("Q")
        self._starts = packed[starts_at:numbers_at].cast("I")
        self._numbers = packed[numbers_at:].cast("I")
        self._handle_of = handle_of

    def __len__(self) -> int:
        return len(self._tokens)

    def holders(self, value: bytes) -> Sequence[str]:
        """The handles of the members who send this token: one, none, or more where chance gave several the same."""
        wanted = int.from_bytes(value, "little")
        bucket = wanted >> self._shift
        start, end = self._starts[bucket], self._starts[bucket + 1]
        tokens = self._tokens
        for place in range(start, end):
            if tokens[place] == wanted:
                if place + 1 < end and tokens[place + 1] == wanted:
                    return self._several(wanted, place, end)
                return (self._handle_of(self._numbers[place]),)
        return ()

    def _several(self, wanted: int, first: int, end: int) -> Sequence[str]:
        places = (place for place in range(first, end) if self._tokens[place] == wanted)
        return [self._handle_of(self._numbers[place]) for place in places]
