"""Requests that mean harm: each is answered with a problem document or cut off, and the next one is served."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.web.connection import MOST_CONNECTIONS, MOST_OF_ADDRESS, Connection
from gateway.web.intake import MOST_BODY_BYTES, MOST_HEAD_BYTES, MOST_LONG, Intake
from tests.web.shop import ADA, Shop, open_shop, served

PATIENCE_S = 30.0


@dataclass(frozen=True)
class Answer:
    status: int
    head: str
    body: bytes

    @property
    def code(self) -> str:
        assert "application/problem+json" in self.head
        return str(json.loads(self.body)["code"])


class Line(asyncio.Protocol):
    """A client's end: keeps what the server says until it closes, be that over bytes which it did not want."""

    def __init__(self) -> None:
        self.said = b""
        self.over = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self.said += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.over.set_result(None)

    def answer(self) -> Answer:
        head, _, body = self.said.partition(b"\r\n\r\n")
        return Answer(int(head.split()[1]), head.decode().lower(), body)


@asynccontextmanager
async def called(port: int, source: str = "127.0.0.1") -> AsyncIterator[tuple[asyncio.Transport, Line]]:
    loop = asyncio.get_running_loop()
    transport, line = await loop.create_connection(Line, "127.0.0.1", port, local_addr=(source, 0))
    try:
        yield transport, line
    finally:
        transport.close()


async def send(port: int, *parts: bytes, source: str = "127.0.0.1") -> Answer:
    """Whatever the server says to these bytes until it closes."""
    async with called(port, source) as (transport, line):
        for part in parts:
            transport.write(part)
            await asyncio.sleep(0)
        await asyncio.wait_for(line.over, PATIENCE_S)
        return line.answer()


async def drip(port: int, begun: bytes) -> Answer:
    """What the server says to a byte every few moments, which alone would never end."""
    async with asyncio.timeout(PATIENCE_S), called(port) as (transport, line):
        transport.write(begun)
        while not line.over.done():
            transport.write(b" ")
            await asyncio.sleep(0.02)
        return line.answer()


def post(path: str, body: bytes, *headers: str, length: int | None = None) -> bytes:
    said = len(body) if length is None else length
    lines = [f"POST {path} HTTP/1.1", "Host: shop", f"Authorization: Bearer {ADA}", f"Content-Length: {said}"]
    lines += ["Content-Type: application/json", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@asynccontextmanager
async def attacked(directory: Path) -> AsyncIterator[tuple[Shop, int]]:
    """A served shop that still answers its members afterwards."""
    async with open_shop(directory) as shop, served(shop.site) as port:
        yield shop, port
        answer = await send(port, post("/v1/checkins", b"{}"))
        assert answer.status == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{" * 60_000, 400, "malformed"),
        (b"[" * 60_000 + b"]" * 5, 400, "malformed"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400, "malformed"),
        (b'{"seen": "\xff\xfe"}', 400, "malformed"),
        (b"\x00", 400, "malformed"),
        (b'{"seen": [{"beacon": "b-7", "rssi_dbm": NaN}]}', 422, "invalid"),
        (b'{"seen": [{"beacon": "b-7", "rssi_dbm": 1e999}]}', 422, "invalid"),
        (b'{"seen": [{"beacon": "b-7", "rssi_dbm": ' + b"9" * 5_000 + b"}]}", 400, "malformed"),
        (b'{"seen": [{"beacon": "\\ud800", "rssi_dbm": -60}]}', 422, "invalid"),
        (b'"seen"', 422, "invalid"),
        (b"", 422, "invalid"),
        (b" " * (MOST_BODY_BYTES + 1), 413, "too_large"),
    ],
)
async def test_a_hostile_body_is_refused(tmp_path: Path, body: bytes, status: int, code: str) -> None:
    async with attacked(tmp_path) as (_, port):
        answer = await send(port, post("/v1/sightings", body))
        assert (answer.status, answer.code) == (status, code)


async def test_a_body_that_hides_its_size_is_refused(tmp_path: Path) -> None:
    head = post("/v1/sightings", b"").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    chunk = b"1000\r\n" + b" " * 0x1000 + b"\r\n"
    async with attacked(tmp_path) as (_, port):
        answer = await send(port, head, *([chunk] * 20))
        assert (answer.status, answer.code) == (413, "too_large")


async def test_a_length_of_many_gigabytes_is_refused_before_it_comes(tmp_path: Path) -> None:
    async with attacked(tmp_path) as (_, port):
        answer = await send(port, post("/v1/sightings", b"", length=10**12))
        assert (answer.status, answer.code) == (413, "too_large")


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/x\r\n\r\n",
        b"GET  /  x\r\n\r\n",
        b"\r\n\r\n\r\nnonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * (2 * MOST_HEAD_BYTES) + b"\r\n\r\n",
        b"GET /" + b"x" * (2 * MOST_HEAD_BYTES) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused(tmp_path: Path, sent: bytes) -> None:
    async with attacked(tmp_path) as (_, port):
        answer = await send(port, sent)
        assert (answer.status, answer.code) == (400, "bad_request")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "BREW"])
async def test_a_wrong_method_is_told_which_are_right(tmp_path: Path, method: str) -> None:
    request = f"{method} /v1/checkins HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n".encode()
    async with attacked(tmp_path) as (_, port):
        answer = await send(port, request)
        assert answer.status == 405
        assert "allow: post" in answer.head
        assert method == "HEAD" or answer.code == "method_not_allowed"


STRANGE = ("/v1/markers/%00", "/v1/markers/%ff%fe", "/v1/markers/" + "x" * 9_000, "/%2e%2e/etc", "*")


@pytest.mark.parametrize("path", STRANGE)
async def test_a_strange_address_is_nowhere(tmp_path: Path, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n".encode()
    async with attacked(tmp_path) as (_, port):
        answer = await send(port, request)
        assert answer.status in {404, 422}
        assert answer.code in {"not_found", "invalid"}


async def test_an_upgrade_is_ignored(tmp_path: Path) -> None:
    request = b"GET /v1/markers/A7 HTTP/1.1\r\nHost: a\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n\r\n"
    async with attacked(tmp_path) as (_, port):
        assert (await send(port, request)).status == 200


async def test_a_request_that_crawls_is_cut_off(tmp_path: Path) -> None:
    class Impatient(Connection):
        head_s = 0.4

    async with open_shop(tmp_path) as shop, served(shop.site, Impatient) as port:
        for answer in (await send(port), await send(port, b"GET / HT"), await drip(port, b"GET / HTTP/1.1\r\nX:")):
            assert (answer.status, answer.code) == (408, "slow_request")
        async with asyncio.timeout(PATIENCE_S), called(port) as (transport, line):
            transport.write(b"GET /v1/markers/A7 HTTP/1.1\r\nHost: a\r\n\r\n")
            while not line.said.endswith(b"}"):
                await asyncio.sleep(0.01)
            assert json.loads(line.answer().body)["marker"] == "A7"
            transport.write(b"GET /v1/mark")
            await line.over
            assert b"}HTTP/1.1 408" in line.said


async def test_a_body_that_crawls_is_cut_off(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        for each in shop.site.app.user_middleware:
            if each.cls is Intake:
                each.kwargs["body_s"] = 0.2
        async with served(shop.site) as port:
            answer = await drip(port, post("/v1/sightings", b"{", length=60_000))
            assert (answer.status, answer.code) == (408, "slow_request")


async def test_one_connection_too_many_is_refused_until_another_ends(tmp_path: Path) -> None:
    class Narrow(Connection):
        most_connections = 3

    assert MOST_CONNECTIONS > 3
    async with open_shop(tmp_path) as shop, served(shop.site, Narrow) as port, AsyncExitStack() as idle:
        for _ in range(3):
            await idle.enter_async_context(called(port))
        answer = await send(port)
        assert (answer.status, answer.code) == (503, "too_many_connections")
        await idle.aclose()
        async with asyncio.timeout(PATIENCE_S):
            while (await send(port, post("/v1/checkins", b"{}"))).status != 200:
                await asyncio.sleep(0.02)


async def test_one_address_cannot_take_every_connection(tmp_path: Path) -> None:
    class Narrow(Connection):
        most_of_address = 3

    assert MOST_CONNECTIONS > MOST_OF_ADDRESS > 3
    async with open_shop(tmp_path) as shop, served(shop.site, Narrow) as port, AsyncExitStack() as greedy:
        for _ in range(3):
            await greedy.enter_async_context(called(port, "127.0.0.2"))
        answer = await send(port, source="127.0.0.2")
        assert (answer.status, answer.code) == (503, "too_many_connections")
        for _ in range(4):
            await greedy.enter_async_context(called(port))
        for another in ("127.0.0.1", "127.0.0.3"):
            assert (await send(port, post("/v1/checkins", b"{}"), source=another)).status == 200
        await greedy.aclose()
        async with asyncio.timeout(PATIENCE_S):
            while (await send(port, post("/v1/checkins", b"{}"), source="127.0.0.2")).status != 200:
                await asyncio.sleep(0.02)


async def test_a_fault_in_a_route_is_a_problem_too_and_tells_nothing(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        shop.store.broken = RuntimeError("secret of m.ada")
        async with shop.client(ADA) as client:
            answer = await client.get("/v1/offers")
        assert (answer.status_code, answer.json()["code"]) == (500, "internal")
        assert "secret" not in answer.text


async def test_who_goes_away_in_the_middle_leaves_nothing_behind(tmp_path: Path) -> None:
    async with attacked(tmp_path) as (shop, port):
        for sent in (b"", b"GET ", post("/v1/sightings", b"{", length=50), b"GET /v1/live HTTP/1.1\r\nHost: a\r\n"):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            await writer.drain()
            writer.transport.abort()
        assert len(shop.site.live) == 0


async def test_however_many_send_long_bodies_without_a_credential_few_are_in_memory_at_a_time(tmp_path: Path) -> None:
    begun = post("/v1/pictures", b"x" * (MOST_BODY_BYTES + 1), length=262_144).replace(ADA.encode(), b"nobody")
    async with attacked(tmp_path) as (_, port), AsyncExitStack() as lines:
        opened = [
            await lines.enter_async_context(called(port, f"127.0.0.{2 + number}")) for number in range(MOST_LONG + 1)
        ]
        for transport, _ in opened:
            transport.write(begun)
        over = {line.over: line for _, line in opened}
        done, _ = await asyncio.wait(over, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        (refused,) = [over[each].answer() for each in done]
        assert (refused.status, refused.code) == (503, "busy")
        whole = await send(port, post("/v1/pictures", b"x" * 262_144), source="127.0.0.99")
        assert (whole.status, whole.code) == (503, "busy"), "who sends it all reads why it is not taken"
        assert (await send(port, b"GET /v1/pictures HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).status == 200
