"""The last known good documents on disk, each with its manifest in one file: there whole, or not at all."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.files import make_directory, replace_file
from gateway.storage.refusals import Unreadable

_MAGIC: Final = b"proximity-document 1"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document as it was accepted: the manifest's and the content's bytes, unchanged."""

    manifest: bytes
    content: bytes


class KeptDocuments:
    """The documents kept under `documents/` of the state directory; knows no format.

    A file is a line `proximity-document 1 MANIFEST_BYTES CONTENT_BYTES`, then both, so that a manifest can never
    stand beside the content of another. Both calls read or write files in a thread.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory / "documents"

    async def save(self, name: str, manifest: bytes, content: bytes) -> None:
        """Replace the document kept under `name`, durably.

        Raises:
            StorageUnavailable: the disk did not take it; the document kept before is still there.
        """
        try:
            await asyncio.to_thread(self._write, self._path(name), framed(manifest, content))
        except OSError as error:
            problem = f"the document {name} could not be kept ({error.strerror})"
            raise StorageUnavailable(problem, f"free room under {self._directory} or make it writable") from error

    async def load(self, name: str) -> KeptDocument | None:
        """The document last saved under `name`, or None.

        Raises:
            Unreadable: its file cannot be read or is not as it was written.
        """
        path = self._path(name)
        try:
            return parse(path, await asyncio.to_thread(path.read_bytes))
        except FileNotFoundError:
            return None
        except OSError as error:
            problem = f"cannot be read ({error.strerror})"
            raise Unreadable(path, problem, "give it to the gateway's user") from error

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            msg = f"{name!r} is no document's name: lower-case letters, digits and _ only"
            raise ValueError(msg)
        return self._directory / f"{name}.document"

    def _write(self, path: Path, content: bytes) -> None:
        make_directory(self._directory)
        replace_file(path, content)


def framed(manifest: bytes, content: bytes) -> bytes:
    """A document's file: the line with both lengths, then both."""
    return b"%s %d %d\n%s%s" % (_MAGIC, len(manifest), len(content), manifest, content)


def parse(path: Path, file: bytes) -> KeptDocument:
    """What was framed; `path` is where, for the message.

    Raises:
        Unreadable: it is not as it was written.
    """
    line, ended, rest = file.partition(b"\n")
    sizes = line.removeprefix(_MAGIC).split()
    if ended and line.startswith(_MAGIC) and len(sizes) == 2 and all(size.isdigit() for size in sizes):
        manifest_bytes, content_bytes = map(int, sizes)
        if len(rest) == manifest_bytes + content_bytes:
            return KeptDocument(rest[:manifest_bytes], rest[manifest_bytes:])
    raise Unreadable(path, "is damaged", "remove it: head office sends the document again")
