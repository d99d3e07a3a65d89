"""Documents that are mapped, not held: what is known of the bytes of one, and how a kind of them is made and read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from gateway.documents.mapped import MapFile, MapWriter
from gateway.model.devices import Devices
from gateway.model.documents import Members, Products

MAX_CHANGES: Final = 32
"""Changes of the members kept after the last whole document; the next one is refused, so that it comes whole."""
FEW: Final = 250
"""So many members' tokens of a slot are computed on the timeline in some 10 ms; those of more in a child, ahead."""


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of a document on disk, and what its manifest says of them."""

    path: Path
    serial: int
    digest: str
    size: int


def source_of(facts: Mapping[str, Any]) -> Source:
    """A source as a question names it."""
    return Source(Path(facts["path"]), facts["serial"], facts["digest"], facts["size"])


def source_facts(source: Source) -> Mapping[str, Any]:
    """How a question names a source."""
    return {"path": str(source.path), "serial": source.serial, "digest": source.digest, "size": source.size}


@dataclass(frozen=True, slots=True)
class Compiling:
    """One document to be made into a file at `path`.

    `before` are the sources of those in use, which it may change, the whole one first, and `maps` what they were made
    into: the whole, then all changes. `device_key` is this device's key for documents (32 bytes).
    """

    new: Source
    before: tuple[Source, ...]
    maps: tuple[Path, ...]
    path: Path
    device_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mapped:
    """One kind of document: `pack` writes its records, `view` is what the engine and the pages are given.

    `pack` gives what the file is about. `view` takes the whole file and, where there are any, its changes, and the
    device's key. `spent`: once it is compiled its own bytes are of no use any more, and they are not kept.
    """

    pack: Callable[[Compiling, MapWriter], Mapping[str, Any]]
    view: Callable[[Sequence[MapFile], bytes], Members | Products | Devices]
    spent: bool = False
