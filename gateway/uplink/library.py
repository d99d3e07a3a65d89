"""The documents on disk: brought here, compiled apart, opened, put into force; and found again at a start."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from gateway.codecs.signing import digest_of
from gateway.documents.apart import Apart
from gateway.documents.day_keys import erase_days
from gateway.documents.fetch import Wanted
from gateway.documents.kinds import MAPPED
from gateway.documents.mapped import MapDamaged, MapFile
from gateway.documents.mapping import MAX_CHANGES, Compiling, Source
from gateway.documents.refusal import DocumentRefused
from gateway.documents.registry import SLICED, compile_document, ready
from gateway.documents.verify import (
    Manifest,
    TrustOptions,
    check_content,
    inline_content,
    kept_manifest,
    read_manifest,
    verify_manifest,
)
from gateway.model.inputs import DocumentReady
from gateway.model.store import StoreRef
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.garbage import set_aside
from gateway.runtime.slices import in_slices
from gateway.uplink.judge import InUse

MAX_INLINE_BYTES: Final = 4 << 20
"""A larger document comes by url: taking one out of its manifest would keep the event loop waiting."""


class Kept(Protocol):
    """Where the files are: `gateway.storage.documents.KeptDocuments`, which says more, or a fake."""

    def content(self, name: str, digest: str) -> Path:
        """Where a document's bytes belong."""

    def compiled(self, name: str, digest: str) -> Path:
        """Where its indexed file belongs."""

    async def prepare(self) -> None:
        """Make the directory; raises `StorageUnavailable`."""

    async def write(self, name: str, digest: str, content: bytes) -> None:
        """Put bytes in their place; raises `StorageUnavailable`."""

    async def keep(self, name: str, manifest: bytes) -> None:
        """Put into force; raises `StorageUnavailable`."""

    async def manifest(self, name: str) -> bytes | None:
        """What is in force."""

    async def clear(self, name: str, changes: int, digests: Collection[str]) -> None:
        """Remove what is not."""


@dataclass(frozen=True, slots=True)
class Library:
    """Every step from a manifest that may be taken to a document that decides; each can end the process harmlessly."""

    kept: Kept
    apart: Apart
    store: StoreRef
    trust: TrustOptions
    device_key: bytes = field(default=b"", repr=False)
    """This device's key for what belongs to members (32 bytes); without it no members are taken."""

    async def bring(self, name: str, manifest: Manifest, in_use: InUse | None) -> None:
        """Have the document's bytes in their place, not believed yet; what is left of other versions goes.

        Raises:
            DocumentRefused: as `Apart.fetch`; `bad_manifest`, `too_large` (for a manifest).
            Unreachable: the server gives no more of it for now.
            StorageUnavailable: the disk did not take it.
        """
        await self.kept.prepare()
        await self.clear(name, in_use, manifest.digest)
        content = await asyncio.to_thread(inline_content, name, manifest)
        if content is not None:
            if len(content) > MAX_INLINE_BYTES:
                problem = f"it has {len(content)} bytes; inline are at most {MAX_INLINE_BYTES}"
                raise DocumentRefused("too_large", problem, "Send it by url", document=name, key="inline")
            await self.kept.write(name, manifest.digest, content)
        elif manifest.url is None:
            problem = "it says neither where the document is (url) nor what is in it (inline)"
            raise DocumentRefused("bad_manifest", problem, "Send it with one of the two", document=name)
        elif not await asyncio.to_thread(self.kept.content(name, manifest.digest).exists):
            wanted = Wanted(name, manifest.url, manifest.size, manifest.digest, self.trust.ca)
            await self.apart.fetch(wanted, self.kept.content(name, manifest.digest))

    async def admit(self, name: str, manifest: Manifest, in_use: InUse | None) -> InUse:
        """Compile what was brought and put it into force on disk; it decides once the engine has it.

        Raises:
            DocumentRefused: as `Apart.compile`; nothing changed.
            StorageUnavailable: the disk did not take it; nothing changed.
        """
        before = () if in_use is None else in_use.sources
        new = self._source(name, manifest)
        changes = await self._compile(name, new, before)
        admitted = await self._opened(name, (*before, new) if changes else (new,))
        await self.kept.keep(_kept_name(name, changes), kept_manifest(manifest))
        return admitted

    async def clear(self, name: str, in_use: InUse | None, coming: str | None = None) -> None:
        """Remove the files of `name` that are neither in use nor of the digest that is `coming`."""
        sources = () if in_use is None else in_use.sources
        digests = {source.digest for source in sources} | ({coming} if coming else set())
        await self.kept.clear(name, max(0, len(sources) - 1), digests)

    async def adopt(self, name: str, file: Source) -> InUse:
        """A document that an operator brought as a file, verified before; held in memory where the disk takes no map.

        Raises:
            DocumentRefused: as `admit`.
        """
        try:
            await self.kept.prepare()
            return await self._revived(name, (file,))
        except StorageUnavailable:
            return InUse(await asyncio.to_thread(ready, name, file.path.read_bytes(), file.serial), (file,))

    async def restore(self, name: str, brought: InUse | None = None) -> InUse | None:
        """What was in force last, with the changes since, or `brought` where that is newer; None where neither is.

        An indexed file that is damaged is made again from the document's bytes.

        Raises:
            DocumentRefused: what is kept is trusted no more, or damaged for good.
            StorageUnavailable: the disk did not take what was made again.
            Unreadable: a manifest cannot be read.
        """
        whole = await self._kept_source(name, 0)
        if brought is not None and (whole is None or whole.serial <= brought.ready.serial):
            whole = next(iter(brought.sources), None)
        if whole is None:
            return brought
        sources = [whole]
        while len(sources) <= MAX_CHANGES and (change := await self._kept_source(name, len(sources))) is not None:
            if change.serial <= sources[-1].serial:
                break
            sources.append(change)
        for length in range(len(sources), 1, -1):
            try:
                return await self._revived(name, tuple(sources[:length]))
            except DocumentRefused:
                continue  # a change to members that were replaced since, or a damaged one
        return await self._revived(name, (whole,))

    async def _kept_source(self, name: str, number: int) -> Source | None:
        raw = await self.kept.manifest(_kept_name(name, number))
        if raw is None:
            return None
        manifest = read_manifest(raw, name)
        verify_manifest(name, manifest, tenant=self.store.tenant, store=self.store.store, trust=self.trust)
        return self._source(name, manifest)

    def _source(self, name: str, manifest: Manifest) -> Source:
        return Source(self.kept.content(name, manifest.digest), manifest.serial, manifest.digest, manifest.size)

    async def _revived(self, name: str, sources: tuple[Source, ...]) -> InUse:
        try:
            return await self._opened(name, sources)
        except MapDamaged:
            for length in {1, len(sources)}:
                *before, new = sources[:length]
                await self._compile(name, new, tuple(before))
            try:
                return await self._opened(name, sources)
            except MapDamaged as damaged:
                hint = "Look at the disk: what was just written cannot be read again"
                raise DocumentRefused("unreadable", damaged.problem, hint, document=name) from damaged

    async def _compile(self, name: str, new: Source, before: tuple[Source, ...]) -> int:
        maps, path = tuple(self._maps(name, before)), self.kept.compiled(name, new.digest)
        return await self.apart.compile(name, Compiling(new, before, maps, path, self.device_key))

    async def _opened(self, name: str, sources: tuple[Source, ...]) -> InUse:
        if name in SLICED:
            return await _built(name, sources)
        opened = await asyncio.to_thread(_open, name, sources, self._maps(name, sources), self.device_key)
        if name in MAPPED and MAPPED[name].spent:
            own = [source.path for source in sources if source.path == self.kept.content(name, source.digest)]
            await asyncio.to_thread(_remove, own)
        return opened

    async def erase_days(self, before_day: int) -> None:
        """Erase the members' keys of every day before this one (since 1970); raises OSError."""
        directory = self.kept.content("members", "sha256:" + "0" * 64).parent
        await asyncio.to_thread(erase_days, directory, before_day)

    def _maps(self, name: str, sources: tuple[Source, ...]) -> list[Path]:
        """Where these were compiled to: the whole, and then all changes in one."""
        return [self.kept.compiled(name, source.digest) for source in dict.fromkeys((*sources[:1], *sources[-1:]))]


async def _built(name: str, sources: tuple[Source, ...]) -> InUse:
    """A document that is held in memory, compiled in slices between which the loop has its turn."""
    newest = sources[-1]
    raw = await asyncio.to_thread(_signed_bytes, name, newest)
    with set_aside():
        content = await in_slices(SLICED[name](raw))
    return InUse(DocumentReady(name, newest.serial, newest.digest, content), sources)


def _open(name: str, sources: tuple[Source, ...], paths: list[Path], device_key: bytes) -> InUse:
    """A document ready to decide: the mapped ones from their indexed files, the others from their bytes."""
    newest = sources[-1]
    kind = MAPPED.get(name)
    if kind is None:
        with set_aside():
            content = compile_document(name, _signed_bytes(name, newest))
        return InUse(DocumentReady(name, newest.serial, newest.digest, content), sources)
    made_of = (sources[:1], sources)
    maps = [_map(name, of, path) for of, path in zip(made_of, paths, strict=False)]
    return InUse(DocumentReady(name, newest.serial, newest.digest, kind.view(maps, device_key)), sources)


def _remove(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _signed_bytes(name: str, source: Source) -> bytes:
    try:
        raw = source.path.read_bytes()
    except OSError as error:
        problem = f"its bytes cannot be read any more ({error.strerror})"
        raise DocumentRefused("missing", problem, "Send it again", document=name) from error
    check_content(name, source.size, source.digest, len(raw), digest_of(raw))
    return raw


def _map(name: str, sources: tuple[Source, ...], path: Path) -> MapFile:
    opened = MapFile.open(path)
    if (opened.about.get("document"), opened.about.get("of")) != (name, [source.digest for source in sources]):
        raise MapDamaged(path, "it was made of other documents")
    return opened


def _kept_name(name: str, changes: int) -> str:
    """Under which name a manifest is kept: `members` for the whole ones, `members_1` for the first change to them."""
    return f"{name}_{changes}" if changes else name
