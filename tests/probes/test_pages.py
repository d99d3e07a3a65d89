"""`/readyz` asked over real HTTP."""

import asyncio

import pytest

from gateway.probes.pages import ask_pages, judge_pages
from gateway.web.options import HttpOptions


@pytest.mark.parametrize(
    ("answer", "status", "says"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "ok", "the gateway answers"),
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "ok", "the gateway answers"),
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "warning", "not ready yet"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "problem", "is not this gateway"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "problem", "does not speak HTTP"),
    ],
)
async def test_what_answers(answer: bytes, status: str, says: str) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert (await reader.readline()).startswith(b"GET /readyz ")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(speak, "0.0.0.0", 0)  # noqa: S104 - what an operator may write; asked on loopback
    async with server:
        port = server.sockets[0].getsockname()[1]
        finding = judge_pages(await ask_pages(HttpOptions(listen=f"0.0.0.0:{port}")))
    assert finding.status == status
    assert says in finding.found
