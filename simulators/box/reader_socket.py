"""The wire of cameras and NFC readers: the gateway's input socket."""

import asyncio
import json
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from gateway.codecs.captures import sighting_line
from gateway.model.sighting import Sighting
from simulators.box.happenings import Presented

_WAITING: Final = 1_000
_RETRY_S: Final = 0.2


class ReaderSocket:
    """Writes what is held to readers into a source of kind `input`: capture lines without their `t`.

    While the gateway is away lines wait, up to 1,000; more than that are refused and counted.

    Attributes:
        sent: Lines written.
        refused: Lines that found no room.
    """

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._waiting: asyncio.Queue[str] = asyncio.Queue(_WAITING)
        self._task: asyncio.Task[None] | None = None
        self.sent = 0
        self.refused = 0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._write_all(), name="reader-socket")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def hold(self, presented: Presented) -> None:
        """Hold a code or tag to its reader."""
        fields = json.loads(sighting_line(0.0, Sighting(presented.medium, presented.receiver, presented.token)))
        del fields["t"]
        try:
            self._waiting.put_nowait(json.dumps(fields, separators=(",", ":")))
        except asyncio.QueueFull:
            self.refused += 1

    async def _write_all(self) -> None:
        line: str | None = None
        while True:
            try:
                _, writer = await asyncio.open_unix_connection(self._socket)
            except OSError:
                await asyncio.sleep(_RETRY_S)
                continue
            try:
                while True:
                    line = line or await self._waiting.get()
                    writer.write(line.encode() + b"\n")
                    await writer.drain()
                    self.sent += 1
                    line = None
            except OSError:
                await asyncio.sleep(_RETRY_S)
            finally:
                writer.close()
