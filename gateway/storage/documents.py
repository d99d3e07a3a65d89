"""The last known good documents on disk: their bytes, what they were compiled to, and the manifests that name them.

A manifest is what puts a document into force: it is written last, and what no manifest names is of no account.
"""

import asyncio
import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.files import make_directory, replace_file
from gateway.storage.refusals import Unreadable

_NAME: Final = re.compile(r"[a-z][a-z0-9]{0,63}(_[0-9]{1,3})?")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_DIGITS: Final = 32


class KeptDocuments:
    """Files under `documents/` of the state directory; knows no format. Every method that waits works in a thread.

    A document's bytes and what they were compiled to are named by their digest (`members-1f0c….content`, `.map`), so
    that a new version never touches the one in use; a manifest by the document (`members.manifest`, or
    `members_1.manifest` for the first change after it).
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory / "documents"

    def content(self, name: str, digest: str) -> Path:
        """Where the bytes of document `name` with this `sha256:` digest belong."""
        return self._file(name, digest, "content")

    def compiled(self, name: str, digest: str) -> Path:
        """Where what they were compiled to belongs."""
        return self._file(name, digest, "map")

    async def prepare(self) -> None:
        """Make the directory.

        Raises:
            StorageUnavailable: the disk did not take it.
        """
        await self._in_thread("the directory of documents", make_directory, self._directory)

    async def write(self, name: str, digest: str, content: bytes) -> None:
        """Put a document's bytes in their place, durably.

        Raises:
            StorageUnavailable: the disk did not take them.
        """
        await self._in_thread(f"the document {name}", replace_file, self.content(name, digest), content)

    async def keep(self, name: str, manifest: bytes) -> None:
        """Put into force what `manifest` names, durably; `name` says of what, or which change of it.

        Raises:
            StorageUnavailable: the disk did not take it; the one before holds.
        """
        await self._in_thread(f"the document {name}", replace_file, self._manifest(name), manifest)

    async def manifest(self, name: str) -> bytes | None:
        """The manifest last kept under `name`, or None.

        Raises:
            Unreadable: its file cannot be read.
        """
        path = self._manifest(name)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            return None
        except OSError as error:
            problem = f"cannot be read ({error.strerror})"
            raise Unreadable(path, problem, "give it to the gateway's user") from error

    async def clear(self, name: str, changes: int, digests: Collection[str]) -> None:
        """Remove all of document `name` but its manifest, those of its first `changes`, and what has these digests.

        What is mapped stays readable where it is mapped. A disk that will not is no harm: it is tried again.
        """
        manifests = {self._manifest(name if number == 0 else f"{name}_{number}").name for number in range(changes + 1)}
        kept = tuple(self._file(name, digest, "").name for digest in digests)
        await asyncio.to_thread(self._clear, name, manifests, kept)

    def _clear(self, name: str, manifests: Collection[str], kept: tuple[str, ...]) -> None:
        for path in self._directory.glob(f"*{name}*"):
            plain = path.name.removeprefix(".")
            if not re.match(rf"{name}(_[0-9]+)?[-.]", plain) or plain in manifests or plain.startswith(kept):
                continue
            try:
                path.unlink()
            except OSError:
                return

    def _file(self, name: str, digest: str, kind: str) -> Path:
        if not _NAME.fullmatch(name) or not _DIGEST.fullmatch(digest):
            msg = f"{name!r} with {digest!r} names no document's file"
            raise ValueError(msg)
        return self._directory / f"{name}-{digest.removeprefix('sha256:')[:_DIGITS]}.{kind}"

    def _manifest(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            msg = f"{name!r} is no document's name: lower-case letters, digits and a number after _ only"
            raise ValueError(msg)
        return self._directory / f"{name}.manifest"

    async def _in_thread(self, what: str, write: Callable[..., object], *arguments: object) -> None:
        try:
            await asyncio.to_thread(write, *arguments)
        except OSError as error:
            problem = f"{what} could not be kept ({error.strerror})"
            raise StorageUnavailable(problem, f"free room under {self._directory} or make it writable") from error
