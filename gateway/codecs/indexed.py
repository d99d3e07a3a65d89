"""An indexed file: records by key, found by halving an index, not by reading on (`docs/documents-on-disk.md`)."""

import hashlib
import struct
from array import array
from collections.abc import Iterator
from itertools import pairwise
from mmap import mmap
from typing import Final

MAGIC: Final = b"proximity-map 1\n"
HEADER_BYTES: Final = 80
MAX_KEY_BYTES: Final = 0xFFFF

_HEADER: Final = struct.Struct("<16s32sQQQQ")
_RECORD: Final = struct.Struct("<HI")
_OFFSET: Final = struct.Struct("<Q")
_ROW: Final = struct.Struct("<HI")


class KeyTwice(ValueError):
    """A key was added twice: `ordinal` is the later record's, counted from 0."""

    def __init__(self, ordinal: int) -> None:
        super().__init__("a key may be there once")
        self.ordinal = ordinal


class Packing:
    """Makes an indexed file piece by piece; of each record 24 bytes and its key stay in memory, as bytes.

    A file is `header()`, as long as `HEADER_BYTES` and known last, then what each `add` gave, then what `end` gave.
    """

    def __init__(self) -> None:
        self.at: int = HEADER_BYTES
        """Where the next record will lie."""
        self._places = array("Q")
        self._rows: dict[bytes, bytearray] = {}
        self._index = bytearray()
        self._digest = hashlib.sha256()
        self._index_at = 0
        self._about_at = 0

    def add(self, key: bytes, value: bytes) -> bytes:
        """The bytes of a record; keys come in any order, each once.

        Raises:
            ValueError: the key is longer than 65,535 bytes.
        """
        if len(key) > MAX_KEY_BYTES:
            msg = "a key has 65,535 bytes at most"
            raise ValueError(msg)
        rows = self._rows.setdefault(key[:1], bytearray())
        rows += _ROW.pack(len(key), len(self._places)) + key
        self._places.append(self.at)
        return self._written(_RECORD.pack(len(key), len(value)) + key + value)

    def sort(self) -> None:
        """Put the keys in order; nothing is added after it.

        Raises:
            KeyTwice: two records have the same key.
        """
        for first in sorted(self._rows):
            self._index += self._sorted(self._rows.pop(first))

    def end(self, about: bytes) -> bytes:
        """The bytes of the index and of `about`, which says what the file is; nothing is added after it.

        Raises:
            KeyTwice: as `sort`, which is done first where it was not.
        """
        self.sort()
        self._index_at = self.at
        self._about_at = self.at + len(self._index)
        return self._written(bytes(self._index) + about)

    def header(self) -> bytes:
        """The first `HEADER_BYTES` bytes, once `end` was called."""
        places = (len(self._places), self._index_at, self._about_at, self.at)
        digest = hashlib.sha256(self._digest.digest() + struct.pack("<QQQQ", *places)).digest()
        return _HEADER.pack(MAGIC, digest, *places)

    def _sorted(self, rows: bytearray) -> bytes:
        """The index of the keys that begin with one byte: they alone are objects at a time."""
        keys: list[tuple[bytes, int]] = []
        at = 0
        while at < len(rows):
            key_bytes, ordinal = _ROW.unpack_from(rows, at)
            key_at = at + _ROW.size
            at = key_at + key_bytes
            keys.append((bytes(rows[key_at:at]), ordinal))
        keys.sort()
        for (key, _), (following, ordinal) in pairwise(keys):
            if key == following:
                raise KeyTwice(ordinal)
        return b"".join(_OFFSET.pack(self._places[ordinal]) for _, ordinal in keys)

    def _written(self, piece: bytes) -> bytes:
        self._digest.update(piece)
        self.at += len(piece)
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
        at = self.place_of(key)
        return None if at is None else self.record_at(at)[1]

    def place_of(self, key: bytes) -> int | None:
        """Where the record of `key` begins, for `record_at`; None where there is none."""
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            at = self._place(middle)
            found = self._key(at)
            if found == key:
                return at
            if found < key:
                low = middle + 1
            else:
                high = middle
        return None

    def record_at(self, at: int) -> tuple[bytes, bytes]:
        """Key and value of the record that begins at `at`."""
        key_bytes, value_bytes = _RECORD.unpack_from(self._buffer, at)
        value_at = at + _RECORD.size + key_bytes
        return self._key(at), bytes(self._buffer[value_at : value_at + value_bytes])

    def places(self) -> Iterator[int]:
        """Where each record begins, in rising order of the keys."""
        return map(self._place, range(self._count))

    def __iter__(self) -> Iterator[bytes]:
        return map(self._key, self.places())

    def _place(self, number: int) -> int:
        (at,) = _OFFSET.unpack_from(self._buffer, self._index_at + number * _OFFSET.size)
        return int(at)

    def _key(self, at: int) -> bytes:
        key_bytes, _ = _RECORD.unpack_from(self._buffer, at)
        key_at = at + _RECORD.size
        return bytes(self._buffer[key_at : key_at + key_bytes])


def seal_of(header: bytes, body_digest: bytes) -> bytes:
    """The seal that a file with this header has, given SHA-256 of what follows the header; compare with `Indexed.seal`.

    The places in the header are sealed with it, so that no bit of a file can change unseen.
    """
    return hashlib.sha256(body_digest + header[48:HEADER_BYTES]).digest()
