"""A camera of the shop: MJPEG over HTTP, as network cameras give it, with whatever somebody holds up to it."""

import asyncio
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from functools import lru_cache
from types import TracebackType
from typing import Final, Self

import cv2
import numpy as np
from qrcode.main import QRCode

from gateway.model.sighting import CodeText
from simulators.box.happenings import Presented

FRAMES_PER_S: Final = 4
HELD_S: Final = 1.5
"""How long somebody holds a code up (seconds)."""
MOST_WAITING: Final = 20
"""Codes that wait for their turn in front of the camera; further ones are not held up."""
FRAME_PX: Final = (480, 640)
"""Rows and columns of a frame."""
_MODULE_PX: Final = 6
_HEAD: Final = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"


class HeldCamera:
    """Serves its frames to whoever asks, on a loopback port of its own; an empty shelf unless a code is held up.

    Attributes:
        held: Codes held up so far.
    """

    def __init__(self) -> None:
        self.held = 0
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._frame = _jpeg(None)
        self._server: asyncio.Server | None = None
        self._holding: asyncio.Task[None] | None = None
        self._watchers: set[StreamWriter] = set()
        self._stopped_until_s = 0.0

    @property
    def address(self) -> str:
        """Where it is watched."""
        if self._server is None:
            msg = "the camera is an async context manager: enter it first"
            raise RuntimeError(msg)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/camera"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._holding = asyncio.create_task(self._hold_up(), name="held-camera")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._holding is not None:
            self._holding.cancel()
            await asyncio.gather(self._holding, return_exceptions=True)
        if self._server is not None:
            self._server.close()
        for writer in self._watchers:
            writer.transport.abort()

    def hold(self, presented: Presented) -> None:
        """Hold a code up, once those before it were."""
        if isinstance(presented.token, CodeText):
            with suppress(asyncio.QueueFull):
                self._waiting.put_nowait(presented.token.text)

    def stop(self, seconds: float) -> None:
        """Give nobody a frame for so long: who watches is broken off, who comes is sent away."""
        self._stopped_until_s = asyncio.get_running_loop().time() + seconds
        for writer in self._watchers:
            writer.transport.abort()

    async def _hold_up(self) -> None:
        while True:
            self._frame = _jpeg(await self._waiting.get())
            self.held += 1
            await asyncio.sleep(HELD_S)
            self._frame = _jpeg(None)
            await asyncio.sleep(HELD_S)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        if asyncio.get_running_loop().time() < self._stopped_until_s:
            writer.transport.abort()
            return
        self._watchers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(_HEAD)
            while True:
                size = len(self._frame)
                writer.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % size)
                writer.write(self._frame + b"\r\n")
                await writer.drain()
                await asyncio.sleep(1 / FRAMES_PER_S)
        self._watchers.discard(writer)
        writer.close()


@lru_cache(maxsize=32)
def _jpeg(text: str | None) -> bytes:
    """A frame of an empty shelf, or of a QR code held in front of it."""
    frame = np.full(FRAME_PX, 120, np.uint8)
    frame[300:316, :] = 70
    if text is not None:
        code = QRCode(border=4)
        code.add_data(text)
        picture = np.kron(~np.array(code.get_matrix()), np.ones((_MODULE_PX, _MODULE_PX))).astype(np.uint8) * 255
        rows, columns = picture.shape
        frame[60 : 60 + rows, 150 : 150 + columns] = picture
    return cv2.imencode(".jpg", frame)[1].tobytes()
