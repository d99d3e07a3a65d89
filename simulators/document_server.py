"""Head office's HTTPS server of documents: ranges, entity tags, and what goes wrong with servers, on request."""

import asyncio
import hashlib
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from simulators.authority import Certificate

_PIECE: Final = 16_384
_HEAD_BYTES: Final = 16_384


@dataclass
class Trouble:
    """What the server does wrong from now on; nothing, unless told.

    Attributes:
        cuts: After so many bytes of each of the next answers the connection breaks off.
        pause_s: Before each piece of 16 KiB (seconds).
        status: Answer every request with this status and nothing else.
        location: Answer every request with a redirect to there.
        extra: Bytes sent beyond the document.
        tagless: Send no ETag.
    """

    cuts: list[int] = field(default_factory=list)
    pause_s: float = 0.0
    status: int | None = None
    location: str | None = None
    extra: bytes = b""
    tagless: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came: its path, where it wanted to go on (bytes; 0 = from the start), and what went out."""

    path: str
    start: int
    status: int
    sent: int


class DocumentServer:
    """Serves documents by path at `url` while it is entered.

    Attributes:
        trouble: What it does wrong.
        asked: Every request, in the order they ended.
    """

    def __init__(self, certificate: Certificate, host: str = "localhost") -> None:
        self.trouble = Trouble()
        self.asked: list[Asked] = []
        self._documents: dict[str, bytes] = {}
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate.certificate, certificate.key)
        self._host = host
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", ssl=self._context, limit=_HEAD_BYTES)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    @property
    def url(self) -> str:
        """`https://HOST:PORT`, without a slash at the end."""
        if self._server is None:
            msg = "the server is an async context manager: enter it first"
            raise RuntimeError(msg)
        return f"https://{self._host}:{self._server.sockets[0].getsockname()[1]}"

    def put(self, path: str, content: bytes) -> str:
        """Serve `content` at `path` (which begins with a slash) from now on; gives its url."""
        self._documents[path] = content
        return self.url + path

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer), name="document-server-connection")
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, TimeoutError):
                line, headers = _read_head(await reader.readuntil(b"\r\n\r\n"))
                await self._answer(writer, line.split()[1], headers)
                writer.close()
                await writer.wait_closed()
        finally:
            writer.transport.abort()
            with suppress(ConnectionError, ssl.SSLError, TimeoutError):
                await writer.wait_closed()

    async def _answer(self, writer: StreamWriter, path: str, headers: Mapping[str, str]) -> None:
        content = self._documents.get(path)
        tag = "" if content is None else f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if self.trouble.location is not None:
            head = [f"HTTP/1.1 302 Found\r\nLocation: {self.trouble.location}"]
            status, start, body = 302, 0, b""
        elif content is None or self.trouble.status is not None:
            status, start, body = self.trouble.status or 404, 0, b""
            head = [f"HTTP/1.1 {status} No"]
        elif headers.get("if-none-match") == tag:
            status, start, body, head = 304, 0, b"", ["HTTP/1.1 304 Not Modified"]
        else:
            start = _start(headers, tag, len(content))
            status, body = 206 if start else 200, content[start:] + self.trouble.extra
            head = [f"HTTP/1.1 {status} OK"]
            head += [f"Content-Range: bytes {start}-{len(content) - 1}/{len(content)}"] if start else []
        head += [f"ETag: {tag}"] if tag and not self.trouble.tagless else []
        head += [f"Content-Length: {len(body)}", "Accept-Ranges: bytes", "Connection: close"]
        writer.write("\r\n".join([*head, "", ""]).encode())
        sent = 0
        try:
            sent = await self._send(writer, body)
        finally:
            self.asked.append(Asked(path, start, status, sent))

    async def _send(self, writer: StreamWriter, body: bytes) -> int:
        """Send it, or as much as trouble lets through; gives how much."""
        cut = self.trouble.cuts.pop(0) if body and self.trouble.cuts else len(body)
        for at in range(0, min(cut, len(body)), _PIECE):
            await asyncio.sleep(self.trouble.pause_s)
            writer.write(body[at : min(at + _PIECE, cut)])
            await writer.drain()
        if cut < len(body):
            writer.transport.abort() if cut == 0 else writer.close()
        return min(cut, len(body))


def _read_head(raw: bytes) -> tuple[str, dict[str, str]]:
    line, *rest = raw.decode("latin-1").split("\r\n")
    pairs = (each.partition(":") for each in rest if each)
    return line, {name.strip().lower(): value.strip() for name, _, value in pairs}


def _start(headers: Mapping[str, str], tag: str, size: int) -> int:
    """Where an answer begins: at the range asked for, if it is still of this version; else at the start."""
    asked = headers.get("range", "")
    if not asked.startswith("bytes=") or headers.get("if-range", tag) != tag:
        return 0
    start = int(asked.removeprefix("bytes=").partition("-")[0] or 0)
    return start if start < size else 0


def write_documents(server: DocumentServer, folder: Path) -> None:
    """Serve every file of `folder` under its name."""
    for path in sorted(folder.iterdir()):
        server.put(f"/{path.name}", path.read_bytes())
