"""Token tables of many members at once, column by column: `gateway.codecs.token_table` says what they are.

Only children import this, for numpy is large.
"""

import hmac
from collections.abc import Iterable
from typing import IO, Final

import numpy as np

from gateway.codecs.token_table import HEADER, TOKEN_BITS, bucket_bits
from gateway.codecs.tokens import DAY_KEY_BYTES, token_message
from gateway.documents.day_keys import Rows

DIGEST_WORDS: Final = 4
"""A SHA-256 in words of 8 bytes, of which the first is the token."""


def tabulate(pieces: Iterable[Rows], slot: int, into: IO[bytes]) -> int:
    """Write the table of `slot`, given the keys of its day; how many tokens it has. 60 bytes of memory a member."""
    tokens, numbers = _columns(pieces, token_message(slot))
    order = np.argsort(tokens, kind="stable")
    tokens, numbers = tokens[order], numbers[order]
    del order
    bits = bucket_bits(len(tokens))
    into.write(HEADER.pack(len(tokens), bits))
    into.write(tokens.data)
    edges = np.arange(1 << bits, dtype="<u8") << np.uint64(TOKEN_BITS - bits) if bits else np.zeros(1, "<u8")
    starts = np.searchsorted(tokens, edges).astype("<u4")
    into.write(starts.data)
    into.write(len(tokens).to_bytes(4, "little"))
    into.write(numbers.data)
    return len(tokens)


def _columns(pieces: Iterable[Rows], message: bytes) -> tuple["np.ndarray", "np.ndarray"]:
    tokens, numbers = [np.zeros(0, "<u8")], [np.zeros(0, "<u4")]
    digest = hmac.digest
    for piece in pieces:
        keys = piece.keys
        starts = range(0, len(keys), DAY_KEY_BYTES)
        digests = b"".join([digest(keys[at : at + DAY_KEY_BYTES], message, "sha256") for at in starts])
        tokens.append(np.frombuffer(digests, "<u8")[::DIGEST_WORDS].copy())
        numbers.append(np.frombuffer(piece.numbers, "<u4"))
    return np.concatenate(tokens), np.concatenate(numbers)
