"""A TCP proxy that can be cut, stopped, slowed and made to forget: the internet between a gateway and its broker."""

import asyncio
import socket
import struct
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

_CHUNK_BYTES: Final = 65_536
_SLOW_CHUNKS_A_SECOND: Final = 10
_CHUNKS_ON_THE_WAY: Final = 1_024
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """How bytes travel, either way.

    Attributes:
        delay_s: Each byte takes so long (seconds).
        bytes_per_s: No more than this leave in a second; None: as many as come.
        stopped: A black hole: nothing travels and nobody is told. What was under way waits, as TCP would hold it.
    """

    delay_s: float = 0.0
    bytes_per_s: int | None = None
    stopped: bool = False


class FaultProxy:
    """Passes bytes between a loopback port of its own and `port` on the loopback, as well as its line allows.

    A cut resets every connection through it; until it is mended new ones are refused.

    Attributes:
        port: Where it listens, the same for its whole life.
    """

    def __init__(self, port: int) -> None:
        self.port = 0
        self._far_port = port
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None], list[StreamWriter]] = {}
        self._line = Line()
        self._travels = asyncio.Event()
        self._travels.set()

    async def __aenter__(self) -> Self:
        await self.mend()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()
        self.line = Line()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    @property
    def connections(self) -> int:
        """How many connections pass now."""
        return sum(len(writers) == 2 for writers in self._open.values())

    @property
    def line(self) -> Line:
        """How bytes travel now, in connections that stand and in those to come."""
        return self._line

    @line.setter
    def line(self, line: Line) -> None:
        self._line = line
        if line.stopped:
            self._travels.clear()
        else:
            self._travels.set()

    def cut(self) -> None:
        """Reset every connection, and refuse those to come."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.reset()

    def reset(self) -> None:
        """Reset every connection; new ones are welcome."""
        for writers in list(self._open.values()):
            for writer in writers:
                _reset(writer)

    def forget(self) -> None:
        """Leave every connection half open: the far side sees it reset, the near side hears nothing ever again."""
        for writers in self._open.values():
            if len(writers) == 2:
                _reset(writers.pop())

    async def mend(self) -> None:
        """Take connections, at the port there was; nothing happens while it does."""
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        writers = [writer]
        task = asyncio.create_task(self._pass(reader, writers), name="fault-proxy")
        self._open[task] = writers
        task.add_done_callback(self._open.pop)

    async def _pass(self, reader: StreamReader, writers: list[StreamWriter]) -> None:
        """Both ways, until either end closes or the proxy is cut; `writers` begins with the near end's."""
        (near,) = writers
        try:
            far_reader, far = await asyncio.open_connection("127.0.0.1", self._far_port)
        except OSError:
            _reset(near)
            return
        writers.append(far)
        if self._server is None:
            _reset(far)
        try:
            await asyncio.gather(self._travel(reader, far, writers), self._travel(far_reader, near, writers))
        finally:
            far.close()
            near.close()

    async def _travel(self, reader: StreamReader, writer: StreamWriter, writers: list[StreamWriter]) -> None:
        """One way, to its end; then the other end is closed, unless it was forgotten."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_CHUNKS_ON_THE_WAY)
        arriving = asyncio.create_task(self._arrive(under_way, writer), name="fault-proxy-arrivals")
        try:
            ended = False
            while not ended:
                chunk = await self._leave(reader)
                await under_way.put((asyncio.get_running_loop().time() + self._line.delay_s, chunk))
                ended = not chunk
            await arriving
        finally:
            arriving.cancel()
        if len(writers) == 2:
            writer.close()

    async def _leave(self, reader: StreamReader) -> bytes:
        """The next bytes to be under way, empty at the end."""
        chunk = b""
        with suppress(OSError):
            chunk = await reader.read(self._chunk_bytes)
        if self._line.bytes_per_s is not None:
            await asyncio.sleep(len(chunk) / self._line.bytes_per_s)
        return chunk

    async def _arrive(self, under_way: "asyncio.Queue[tuple[float, bytes]]", writer: StreamWriter) -> None:
        while True:
            due_s, chunk = await under_way.get()
            await asyncio.sleep(max(0.0, due_s - asyncio.get_running_loop().time()))
            await self._travels.wait()
            if not chunk:
                return
            if not writer.is_closing():  # else what is left on the way is for nobody
                with suppress(OSError):
                    writer.write(chunk)
                    await writer.drain()

    @property
    def _chunk_bytes(self) -> int:
        rate = self._line.bytes_per_s
        return _CHUNK_BYTES if rate is None else max(1, rate // _SLOW_CHUNKS_A_SECOND)


def _reset(writer: StreamWriter) -> None:
    near: socket.socket | None = writer.get_extra_info("socket")
    if near is not None and not writer.is_closing():
        with suppress(OSError):
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()
