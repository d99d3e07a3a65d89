"""Day keys on disk: a file for each day, sealed under a key that stands in its first bytes and goes with the day.

Rows are pieces of at most `PIECE_ROWS`: the numbers of the members (4 bytes each, little-endian), then their day keys
(16 bytes each). A piece is sealed under the file's key, its own place in the file being the nonce.
"""

import os
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from mmap import PROT_READ, mmap
from pathlib import Path
from typing import IO, Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.codecs.tokens import DAY_KEY_BYTES
from gateway.documents.mapped import MapDamaged
from gateway.documents.sealed import WRAPPED_BYTES, fresh_key, nonce_of, unwrapped
from gateway.runtime.files import sync_directory

PIECE_ROWS: Final = 4096
NUMBER_BYTES: Final = 4

_NUMBERS: Final = "I"
_ROW_BYTES: Final = NUMBER_BYTES + DAY_KEY_BYTES
_TAG_BYTES: Final = 16
_PIECE_BYTES: Final = PIECE_ROWS * _ROW_BYTES + _TAG_BYTES
_NAME: Final = re.compile(r"\.?[a-z][^.]*\.([0-9]{1,6})\.keys(\.draft)?")


@dataclass(frozen=True, slots=True)
class Rows:
    """Some members' keys of one day: as many numbers as keys, each packed."""

    numbers: bytes
    keys: bytes = field(repr=False)

    @classmethod
    def of(cls, rows: Sequence[tuple[int, bytes]]) -> "Rows":
        """These numbers with these keys."""
        numbers = array(_NUMBERS, [number for number, _ in rows])
        return cls(numbers.tobytes(), b"".join(key for _, key in rows))

    def each(self) -> Iterator[tuple[int, bytes]]:
        """Number and key of each row."""
        for place, number in enumerate(array(_NUMBERS, self.numbers)):
            yield number, self.keys[place * DAY_KEY_BYTES : (place + 1) * DAY_KEY_BYTES]


def keys_path(map_path: Path, day: int) -> Path:
    """Where the keys of `day` (since 1970) lie, of the members in the map at `map_path`."""
    return map_path.with_suffix(f".{day}.keys")


class DayKeysWriter:
    """Writes the files of every day: `with DayKeysWriter(map_path, device_key) as made: made.add(…); made.end()`."""

    def __init__(self, map_path: Path, device_key: bytes) -> None:
        self._map_path = map_path
        self._device_key = device_key
        self._days: dict[int, _DayWriter] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for day in self._days.values():
            day.close()

    def add(self, number: int, keys: Mapping[int, bytes]) -> None:
        """Add the keys, by day, of the member with this number."""
        for day, key in keys.items():
            writer = self._days.get(day)
            if writer is None:
                writer = self._days[day] = _DayWriter(keys_path(self._map_path, day), self._device_key)
            writer.add(number, key)

    def end(self) -> dict[int, int]:
        """Make all of them durable under their names; gives how many keys there are, by day.

        Raises:
            OSError: the disk did not take it.
        """
        for writer in self._days.values():
            writer.end()
        sync_directory(self._map_path.parent)
        return {day: self._days[day].rows for day in sorted(self._days)}


class _DayWriter:
    def __init__(self, path: Path, device_key: bytes) -> None:
        self._path = path
        self._draft = path.with_name(f".{path.name}.draft")
        key, wrapped = fresh_key(device_key, path.name.encode())
        self._cipher = AESGCM(key)
        self.rows = 0
        self._pieces = 0
        self._numbers, self._keys = bytearray(), bytearray()
        self._file: IO[bytes] = os.fdopen(os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        self._file.write(wrapped)

    def add(self, number: int, key: bytes) -> None:
        self._numbers += number.to_bytes(NUMBER_BYTES, "little")
        self._keys += key
        self.rows += 1
        if len(self._numbers) == PIECE_ROWS * NUMBER_BYTES:
            self._flush()

    def end(self) -> None:
        self._flush()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._draft.replace(self._path)

    def close(self) -> None:
        self._file.close()
        self._draft.unlink(missing_ok=True)

    def _flush(self) -> None:
        if self._numbers:
            self._file.write(self._cipher.encrypt(nonce_of(self._pieces), bytes(self._numbers + self._keys), None))
            self._pieces += 1
            self._numbers.clear()
            self._keys.clear()


class DayFile:
    """The keys of one day as they lie on disk, mapped: nothing of them is in memory until `pieces` is read."""

    def __init__(self, path: Path, rows: int) -> None:
        """`rows` is how many keys there have to be. A day that was erased has none, and that is no fault.

        Raises:
            MapDamaged: the file cannot be read.
        """
        self._path = path
        self._rows = rows
        self._mapped: mmap | None = None
        try:
            with path.open("rb") as file:
                self._mapped = mmap(file.fileno(), 0, prot=PROT_READ)
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            raise MapDamaged(path, "it cannot be mapped") from error

    def pieces(self, device_key: bytes) -> Iterator[Rows]:
        """All keys, a piece of the file at a time.

        Raises:
            MapDamaged: the file was changed or cut short, or is of another device.
        """
        if self._mapped is None or self._mapped[:WRAPPED_BYTES] == bytes(WRAPPED_BYTES):
            return
        rows = 0
        try:
            for piece in self._opened(self._mapped, device_key):
                rows += len(piece.numbers) // NUMBER_BYTES
                yield piece
        except (InvalidTag, ValueError) as error:
            raise MapDamaged(self._path, "it is not as it was written") from error
        if rows != self._rows:
            raise MapDamaged(self._path, f"it has {rows} of {self._rows} keys")

    def _opened(self, mapped: mmap, device_key: bytes) -> Iterator[Rows]:
        cipher = AESGCM(unwrapped(device_key, mapped[:WRAPPED_BYTES], self._path.name.encode()) or b"")
        for piece, at in enumerate(range(WRAPPED_BYTES, len(mapped), _PIECE_BYTES)):
            plain = cipher.decrypt(nonce_of(piece), mapped[at : at + _PIECE_BYTES], None)
            numbers = len(plain) // _ROW_BYTES * NUMBER_BYTES
            yield Rows(plain[:numbers], plain[numbers:])


def erase_days(directory: Path, before_day: int) -> int:
    """Erase the keys of every day before this one (since 1970), drafts too; how many files went.

    First the key that opens a file is overwritten in its place, durably; then the file is removed.

    Raises:
        OSError: the disk did not take it.
    """
    over = [
        path for path in directory.glob("*.keys*") if (day := _NAME.fullmatch(path.name)) and int(day[1]) < before_day
    ]
    for path in over:
        with path.open("r+b", buffering=0) as file:
            file.write(bytes(WRAPPED_BYTES))
            os.fsync(file.fileno())
        path.unlink()
    if over:
        sync_directory(directory)
    return len(over)
