"""A TCP proxy that can be cut: the internet between a gateway and its broker."""

import asyncio
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

_CHUNK_BYTES: Final = 65_536


class FaultProxy:
    """Passes bytes between a loopback port of its own and `port` on the loopback, until it is cut.

    A cut resets every connection through it; until it is mended new ones are refused.

    Attributes:
        port: Where it listens, the same for its whole life.
    """

    def __init__(self, port: int) -> None:
        self.port = 0
        self._far_port = port
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None], tuple[StreamWriter, ...]] = {}

    async def __aenter__(self) -> Self:
        await self.mend()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()
        await asyncio.gather(*self._open, return_exceptions=True)

    @property
    def connections(self) -> int:
        """How many connections pass now."""
        return sum(len(writers) == 2 for writers in self._open.values())

    def cut(self) -> None:
        """Reset every connection, and refuse those to come."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writers in list(self._open.values()):
            for writer in writers:
                writer.transport.abort()

    async def mend(self) -> None:
        """Take connections, at the port there was; nothing happens while it does."""
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.create_task(self._pass(reader, writer), name="fault-proxy")
        self._open[task] = (writer,)
        task.add_done_callback(self._open.pop)

    async def _pass(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Both ways, until either end closes or the proxy is cut."""
        task = asyncio.current_task()
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._far_port)
        except OSError:
            writer.transport.abort()
            return
        if task is not None:
            self._open[task] = (writer, far_writer)
        if self._server is None:
            far_writer.transport.abort()
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))


async def _pump(reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(_CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    writer.close()
