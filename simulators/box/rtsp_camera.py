"""A network camera that speaks RTSP (RFC 2326): JPEG over RTP, interleaved on the connection, and its bad days."""

import asyncio
import struct
from asyncio import StreamReader, StreamWriter
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from simulators.box.rtp_jpeg import packets

FRAMES_PER_S: Final = 10
_CLOCK_HZ: Final = 90_000
_SDP: Final = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 26\r\na=control:video\r\n"
_REASONS: Final = {200: "OK", 401: "Unauthorized", 404: "Not Found", 501: "Not Implemented"}


class RtspCamera:
    """Serves what `frame` gives (JPEG, 4:2:0) at `/camera` of a loopback port, to who shows `credentials` if any.

    Attributes:
        asked: Every method that was asked for, with the answer's status.
    """

    def __init__(self, frame: Callable[[], bytes], credentials: str | None = None) -> None:
        """`credentials` are `NAME:PASSWORD` (Basic, RFC 7617)."""
        self.asked: list[tuple[str, int]] = []
        self._frame = frame
        self._wanted = None if credentials is None else f"Basic {b64encode(credentials.encode()).decode()}"
        self._server: asyncio.Server | None = None
        self._port = 0
        self._writers: set[StreamWriter] = set()
        self._hangs = False

    def address(self, path: str = "/camera", credentials: str = "") -> str:
        """Where it is watched; `credentials` end with `@`."""
        return f"rtsp://{credentials}127.0.0.1:{self._port}{path}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.die()

    async def start(self) -> None:
        """Serve, on the same port as before, and let nothing hang."""
        self._hangs = False
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    def die(self) -> None:
        """Break everybody off and serve nobody."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def hang(self) -> None:
        """Stop in the middle of the next frame, and keep every connection open; until it is started again."""
        self._hangs = True

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._writers.add(writer)
        playing: asyncio.Task[None] | None = None
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while True:
                method = await self._answer(reader, writer)
                if method == "TEARDOWN":
                    break
                if method == "PLAY" and playing is None:
                    playing = asyncio.create_task(self._play(writer), name="rtsp-camera")
        if playing is not None:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
        self._writers.discard(writer)
        writer.close()

    async def _answer(self, reader: StreamReader, writer: StreamWriter) -> str | None:
        """Answer the next request; its method, None where it was refused."""
        head = await _request(reader)
        method, url, _ = head.split("\r\n", 1)[0].split(" ", 2)
        fields = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:])
        }
        status, more, body = self._judged(method, url, fields)
        self.asked.append((method, status))
        lines = [f"RTSP/1.0 {status} {_REASONS[status]}", f"CSeq: {fields.get('cseq', '0')}", *more]
        lines.append(f"Content-Length: {len(body)}")
        writer.write("\r\n".join([*lines, "", body]).encode())
        await writer.drain()
        return method if status == 200 else None

    def _judged(self, method: str, url: str, fields: dict[str, str]) -> tuple[int, list[str], str]:
        """Status, further header lines and body of the answer."""
        if method == "OPTIONS":
            return 200, ["Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"], ""
        if self._wanted is not None and fields.get("authorization") != self._wanted:
            return 401, ['WWW-Authenticate: Basic realm="camera"'], ""
        if urlsplit(url).path.removesuffix("/").removesuffix("/video") != "/camera":
            return 404, [], ""
        answers = {
            "DESCRIBE": (["Content-Type: application/sdp", f"Content-Base: {url.rstrip('/')}/"], _SDP),
            "SETUP": (["Transport: RTP/AVP/TCP;unicast;interleaved=0-1", "Session: 1;timeout=60"], ""),
            **dict.fromkeys(("PLAY", "GET_PARAMETER", "TEARDOWN"), (["Session: 1"], "")),
        }
        return (200, *answers[method]) if method in answers else (501, [], "")

    async def _play(self, writer: StreamWriter) -> None:
        sequence = 0
        with suppress(ConnectionError):
            for number in count():
                sent = packets(self._frame(), sequence, number * _CLOCK_HZ // FRAMES_PER_S)
                sequence += len(sent)
                framed = b"".join(struct.pack(">cBH", b"$", 0, len(each)) + each for each in sent)
                if self._hangs:
                    writer.write(framed[: len(framed) // 2])
                    return
                writer.write(framed)
                await writer.drain()
                await asyncio.sleep(1 / FRAMES_PER_S)


async def _request(reader: StreamReader) -> str:
    """The head of the next request; what the watcher reports between two (RTCP, interleaved) is skipped."""
    while (first := await reader.readexactly(1)) == b"$":
        _, length = struct.unpack(">BH", await reader.readexactly(3))
        await reader.readexactly(length)
    return (first + await reader.readuntil(b"\r\n\r\n")).decode("ascii", "replace").rstrip()
