"""A disk with a volatile write cache, for QEMU (an NBD server): a power cut takes much of what was not flushed."""

import asyncio
import os
import struct
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Final, Self

SECTOR: Final = 512
"""What a real disk writes whole (bytes)."""

# doc/proto.md of the NBD project, "Fixed newstyle negotiation" and "Transmission phase".
_GREETING: Final = b"NBDMAGICIHAVEOPT" + struct.pack(">H", 3)
_OPTION: Final = struct.Struct(">8sII")
_ANSWER: Final = struct.Struct(">QIII")
_ANSWER_MAGIC: Final = 0x3E889045565A9
_GO: Final = 7
_ACK, _EXPORT, _UNSUPPORTED = 1, 3, 2**31 + 1
_FLUSHES_AND_FUA: Final = 1 | 4 | 8
_REQUEST: Final = struct.Struct(">IHHQQI")
_REPLY: Final = struct.Struct(">IIQ")
_REPLY_MAGIC: Final = 0x67446698
_READ, _WRITE, _GOODBYE, _FLUSH = range(4)
_FUA: Final = 1
_INVALID: Final = 22


class ForgetfulDisk:
    """Serves `image` on the Unix socket `socket` to one virtual machine at a time.

    Attributes:
        flushes: How often the guest asked for what it wrote to be kept.
    """

    def __init__(self, image: Path, socket: Path) -> None:
        self.flushes = 0
        self._image = os.open(image, os.O_RDWR)
        self._bytes = image.stat().st_size
        self._socket = socket
        self._cache: dict[int, bytes] = {}
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_unix_server(self._take, self._socket)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        os.close(self._image)

    def lose_power(self, chance: Random) -> int:
        """Of the sectors that were not flushed, by chance, keep some and forget the others; how many are forgotten."""
        kept = {sector for sector in self._cache if chance.random() < 0.5}
        forgotten = len(self._cache) - len(kept)
        self._keep(kept)
        self._cache.clear()
        return forgotten

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer), name="disk")
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._negotiate(reader, writer)
            while await self._answer(reader, writer):
                pass
        except (EOFError, OSError):
            pass  # the machine was killed
        finally:
            writer.close()

    async def _negotiate(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(_GREETING)
        await reader.readexactly(4)
        while True:
            _, option, length = _OPTION.unpack(await reader.readexactly(_OPTION.size))
            await reader.readexactly(length)
            if option == _GO:
                export = struct.pack(">HQH", 0, self._bytes, _FLUSHES_AND_FUA)
                writer.write(_ANSWER.pack(_ANSWER_MAGIC, option, _EXPORT, len(export)) + export)
                writer.write(_ANSWER.pack(_ANSWER_MAGIC, option, _ACK, 0))
                return
            writer.write(_ANSWER.pack(_ANSWER_MAGIC, option, _UNSUPPORTED, 0))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; False at the goodbye."""
        _, flags, kind, handle, offset, length = _REQUEST.unpack(await reader.readexactly(_REQUEST.size))
        found, error = b"", 0
        if kind == _READ:
            found = self._read(offset, length)
        elif kind == _WRITE:
            written = self._write(offset, await reader.readexactly(length))
            if flags & _FUA:
                self._keep(written)
        elif kind == _FLUSH:
            self.flushes += 1
            self._keep(set(self._cache))
        else:
            error = _INVALID
        writer.write(_REPLY.pack(_REPLY_MAGIC, error, handle) + found)
        await writer.drain()
        return bool(kind != _GOODBYE)

    def _read(self, offset: int, length: int) -> bytes:
        found = bytearray(os.pread(self._image, length, offset))
        for at in range(0, length, SECTOR):
            cached = self._cache.get((offset + at) // SECTOR)
            if cached is not None:
                found[at : at + SECTOR] = cached
        return bytes(found)

    def _write(self, offset: int, content: bytes) -> set[int]:
        sectors = {(offset + at) // SECTOR: content[at : at + SECTOR] for at in range(0, len(content), SECTOR)}
        self._cache |= sectors
        return set(sectors)

    def _keep(self, sectors: set[int]) -> None:
        for sector in sectors:
            os.pwrite(self._image, self._cache.pop(sector), sector * SECTOR)
