"""Compiled documents as files that are mapped, never read whole: written durably, checked when opened, looked up."""

import hashlib
import json
import mmap
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final, Generic, Protocol, Self, TypeVar

from gateway.codecs.indexed import HEADER_BYTES, Indexed, Packing, seal_of
from gateway.runtime.files import sync_directory

RECENT: Final = 2_048
"""Values that a lookup keeps decoded, so that who is heard every second costs little."""

GONE: Final = b""
"""The value of a key that a change took away."""

_PIECE: Final = 1 << 20

Value = TypeVar("Value")


class MapDamaged(Exception):
    """A mapped file is missing, cut short, altered, or of another document; `problem` says which."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path.name}: {problem}")
        self.problem = problem


class MapWriter:
    """Writes one file, which is there whole or not at all: `with MapWriter(path) as made: made.add(…); made.end(…)`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_name(f".{path.name}.draft")
        self._packing = Packing()

    def __enter__(self) -> Self:
        descriptor = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(descriptor, "wb", buffering=_PIECE)
        self._file.write(bytes(HEADER_BYTES))
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()
        self._draft.unlink(missing_ok=True)

    @property
    def at(self) -> int:
        """Where in the file the next record will lie."""
        return self._packing.at

    def add(self, key: bytes, value: bytes) -> None:
        """Add a record; each key once."""
        self._file.write(self._packing.add(key, value))

    def sort(self) -> None:
        """Put the keys in order, before `end` does; raises `KeyTwice` where two records have the same."""
        self._packing.sort()

    def end(self, about: Mapping[str, object]) -> None:
        """Make it durable under its name.

        Raises:
            KeyTwice: two records have the same key.
            OSError: the disk did not take it; nothing is there under the name that was not before.
        """
        self._file.write(self._packing.end(json.dumps(about).encode()))
        self._file.seek(0)
        self._file.write(self._packing.header())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._draft.replace(self._path)
        sync_directory(self._path.parent)


class MapFile:
    """A mapped file: the kernel holds its pages and takes them back when memory is short.

    It stays readable after its name is gone from the disk, for as long as this object lives. Iterating
    gives the keys in rising order of their UTF-8.
    """

    def __init__(self, path: Path, indexed: Indexed) -> None:
        self.path = path
        self.indexed = indexed
        self.about: Mapping[str, object] = json.loads(indexed.about)

    @classmethod
    def open(cls, path: Path) -> "MapFile":
        """The file at `path`, read once in pieces to see that no bit of it changed; may take a second: not on a loop.

        Raises:
            MapDamaged: it is not there or not as it was written.
        """
        try:
            with path.open("rb", buffering=0) as file:
                header, body = file.read(HEADER_BYTES), hashlib.sha256()
                while piece := file.read(_PIECE):
                    body.update(piece)
                mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
            indexed = Indexed(mapped)
            if indexed.seal != seal_of(header, body.digest()):
                raise MapDamaged(path, "its bytes are not those that were written")
            mapped.madvise(mmap.MADV_RANDOM)
            return cls(path, indexed)
        except FileNotFoundError as error:
            raise MapDamaged(path, "there is no such file") from error
        except OSError as error:
            raise MapDamaged(path, f"it cannot be read ({error.strerror})") from error
        except ValueError as error:
            raise MapDamaged(path, str(error)) from error

    def __len__(self) -> int:
        return len(self.indexed)

    def get(self, key: str) -> bytes | None:
        """The value of `key`; `GONE` where a change took it away, None where nothing is said of it."""
        return self.indexed.get(key.encode())

    def __iter__(self) -> Iterator[str]:
        return (key.decode() for key in self.indexed)


class Layer(Protocol):
    """What a lookup is laid of: `MapFile`, or a file that is sealed besides."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[str]: ...

    def get(self, key: str, /) -> bytes | None:
        """The value of `key`; `GONE` where a change took it away, None where nothing is said of it."""


class Lookup(Mapping[str, Value], Generic[Value]):
    """The entries of a document, decoded one by one as they are asked for.

    `changes`, where given, is laid over `whole`: what it says of a key holds. Immutable, as the files are.
    """

    def __init__(self, decode: Callable[[str, bytes], Value], whole: Layer, changes: Layer | None = None) -> None:
        self.layers = (whole,) if changes is None else (changes, whole)
        self._decode = decode
        self._found = lru_cache(RECENT)(self._find)
        gone = () if changes is None else _overlap(changes, whole)
        self._length = len(whole) + sum(gone)

    def __getitem__(self, key: str) -> Value:
        found = self._found(key)
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        *changes, whole = self.layers
        for layer in changes:
            yield from (key for key in layer if layer.get(key) != GONE)
        yield from (key for key in whole if all(layer.get(key) is None for layer in changes))

    def __len__(self) -> int:
        return self._length

    def _find(self, key: str) -> Value | None:
        for layer in self.layers:
            value = layer.get(key)
            if value is not None:
                return None if value == GONE else self._decode(key, value)
        return None


def _overlap(changes: Layer, whole: Layer) -> Iterable[int]:
    """What each change does to the number of entries: 1 for one that joined, -1 for one that went."""
    for key in changes:
        here = whole.get(key) is not None
        goes = changes.get(key) == GONE
        yield (not goes) - here
