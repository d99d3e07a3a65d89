"""An indexed file: records by key, found by halving an index, not by reading on (`docs/documents-on-disk.md`)."""

import hashlib
import struct
from collections.abc import Iterator
from mmap import mmap
from typing import Final

MAGIC: Final = b"proximity-map 1\n"
HEADER_BYTES: Final = 80
MAX_KEY_BYTES: Final = 0xFFFF

_HEADER: Final = struct.Struct("<16s32sQQQQ")
_RECORD: Final = struct.Struct("<HI")
_OFFSET: Final = struct.Struct("<Q")


class Packing:
    """Makes an indexed file piece by piece; only the keys stay in memory.

    A file is `header()`, as long as `HEADER_BYTES` and known last, then what each `add` gave, then what `end` gave.
    """

    def __init__(self) -> None:
        self._at = HEADER_BYTES
        self._offsets: dict[bytes, int] = {}
        self._digest = hashlib.sha256()
        self._index_at = 0
        self._about_at = 0

    def __contains__(self, key: bytes) -> bool:
        return key in self._offsets

    def add(self, key: bytes, value: bytes) -> bytes:
        """The bytes of a record; keys come in any order.

        Raises:
            ValueError: the key was added before, or is longer than 65,535 bytes.
        """
        if key in self._offsets or len(key) > MAX_KEY_BYTES:
            msg = "a key may be there once and have 65,535 bytes at most"
            raise ValueError(msg)
        self._offsets[key] = self._at
        return self._written(_RECORD.pack(len(key), len(value)) + key + value)

    def end(self, about: bytes) -> bytes:
        """The bytes of the index and of `about`, which says what the file is; nothing is added after it."""
        self._index_at = self._at
        self._about_at = self._at + len(self._offsets) * _OFFSET.size
        index = b"".join(_OFFSET.pack(self._offsets[key]) for key in sorted(self._offsets))
        return self._written(index + about)

    def header(self) -> bytes:
        """The first `HEADER_BYTES` bytes, once `end` was called."""
        places = (len(self._offsets), self._index_at, self._about_at, self._at)
        digest = hashlib.sha256(self._digest.digest() + struct.pack("<QQQQ", *places)).digest()
        return _HEADER.pack(MAGIC, digest, *places)

    def _written(self, piece: bytes) -> bytes:
        self._digest.update(piece)
        self._at += len(piece)
        return piece


class Indexed:
    """An indexed file in memory, mapped or read whole. A lookup halves the keys; iterating gives them in rising order.

    What is read is trusted to be whole: `seal_of` tells whether it is.
    """

    def __init__(self, buffer: bytes | mmap) -> None:
        """Raises ValueError where `buffer` is no indexed file, or a shorter or longer one than was written."""
        if len(buffer) < HEADER_BYTES:
            msg = "it is too short to be an indexed file"
            raise ValueError(msg)
        magic, self.seal, self._count, self._index_at, self._about_at, size = _HEADER.unpack_from(buffer)
        if magic != MAGIC:
            msg = "it is no indexed file of this version"
            raise ValueError(msg)
        if size != len(buffer) or self._about_at != self._index_at + self._count * _OFFSET.size:
            msg = "it is not as long as it was written"
            raise ValueError(msg)
        self._buffer = buffer

    def __len__(self) -> int:
        return int(self._count)

    @property
    def about(self) -> bytes:
        """What the file says it is."""
        return bytes(self._buffer[self._about_at :])

    def get(self, key: bytes) -> bytes | None:
        """The value of `key`, None where there is none."""
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            found, value_at, value_bytes = self._record(middle)
            if found == key:
                return bytes(self._buffer[value_at : value_at + value_bytes])
            if found < key:
                low = middle + 1
            else:
                high = middle
        return None

    def __iter__(self) -> Iterator[bytes]:
        for place in range(self._count):
            yield self.key_at(place)

    def key_at(self, place: int) -> bytes:
        """The key at `place` in rising order, from 0."""
        return self._record(place)[0]

    def _record(self, place: int) -> tuple[bytes, int, int]:
        """Key, and where its value lies and how long it is, of the record at `place` in rising order."""
        (at,) = _OFFSET.unpack_from(self._buffer, self._index_at + place * _OFFSET.size)
        key_bytes, value_bytes = _RECORD.unpack_from(self._buffer, at)
        key_at = at + _RECORD.size
        return bytes(self._buffer[key_at : key_at + key_bytes]), key_at + key_bytes, value_bytes


def seal_of(header: bytes, body_digest: bytes) -> bytes:
    """The seal that a file with this header has, given SHA-256 of what follows the header; compare with `Indexed.seal`.

    The places in the header are sealed with it, so that no bit of a file can change unseen.
    """
    return hashlib.sha256(body_digest + header[48:HEADER_BYTES]).digest()
