"""The gateway's side of the capture socket, as a fake that commits when it is told to and forgets what it did not."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self


class CaptureSocket:
    """Takes lines on a Unix socket; `start` after `die` is a gateway restarted with its committed state.

    Attributes:
        kept: The lines whose commit was reported, over all lives.
        heard: The lines heard in this life, committed or not.
        headers: The header of each connection.
    """

    def __init__(self, path: Path, commit_every: int = 10, die_after: int | None = None) -> None:
        self.path = path
        self.commit_every = commit_every
        self.die_after = die_after
        self.kept: list[str] = []
        self.heard: list[str] = []
        self.headers: list[dict[str, object]] = []
        self.report: Callable[[int], bytes] = lambda count: json.dumps({"committed": count}).encode() + b"\n"
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.died = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.die()

    async def start(self) -> None:
        self.heard = []
        self.died.clear()
        self._server = await asyncio.start_unix_server(self._serve, self.path)

    async def die(self) -> None:
        self.died.set()
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        self.path.unlink(missing_ok=True)

    async def commit(self) -> None:
        """Commit all that was heard, and tell every player."""
        self.kept += self.heard
        self.heard = []
        for writer in tuple(self._writers):
            writer.write(self.report(len(self.kept)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(OSError):
            self.headers.append(json.loads(await reader.readline()))
            writer.write(self.report(len(self.kept)))
            while line := await reader.readline():
                await self._hear(line.decode().removesuffix("\n"))
            await self.commit()
        self._writers.discard(writer)
        writer.close()

    async def _hear(self, line: str) -> None:
        if self.died.is_set():
            return
        self.heard.append(line)
        if self.die_after is not None and len(self.kept) + len(self.heard) >= self.die_after:
            self.die_after = None
            await self.die()
        elif len(self.heard) >= self.commit_every:
            await self.commit()
