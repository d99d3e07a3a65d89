"""The internet between two programs, as far as a proxy can be it."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator

import pytest

from simulators.fault_proxy import FaultProxy, Line


@pytest.fixture
async def echo() -> AsyncIterator[int]:
    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def exchange(reader: StreamReader, writer: StreamWriter, line: bytes) -> bytes:
    writer.write(line)
    async with asyncio.timeout(60):
        answer = await reader.readline()
    if not answer:
        raise EOFError
    return answer


async def test_what_goes_in_comes_out(echo: int) -> None:
    async with FaultProxy(echo) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        assert await exchange(reader, writer, b"hello\n") == b"hello\n"
        assert proxy.connections == 1
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()


async def test_a_cut_resets_what_stands_and_refuses_what_comes_until_it_is_mended(echo: int) -> None:
    async with FaultProxy(echo) as proxy:
        port = proxy.port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await exchange(reader, writer, b"before\n")
        proxy.cut()
        with pytest.raises((ConnectionError, EOFError)):
            await exchange(reader, writer, b"lost\n")
        writer.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        await proxy.mend()
        await proxy.mend()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await exchange(reader, writer, b"after\n") == b"after\n"
        writer.close()


async def test_where_nobody_listens_the_connection_ends(unused_tcp_port: int) -> None:
    async with FaultProxy(unused_tcp_port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        with pytest.raises((ConnectionError, EOFError)):
            await exchange(reader, writer, b"hello\n")
        writer.close()


async def test_after_a_reset_new_connections_are_welcome(echo: int) -> None:
    async with FaultProxy(echo) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        await exchange(reader, writer, b"before\n")
        proxy.reset()
        with pytest.raises(ConnectionResetError):
            await exchange(reader, writer, b"lost\n")
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        assert await exchange(reader, writer, b"after\n") == b"after\n"
        writer.close()


async def test_a_forgotten_connection_hears_nothing_and_is_told_nothing(echo: int) -> None:
    async with FaultProxy(echo) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        await exchange(reader, writer, b"before\n")
        proxy.forget()
        writer.write(b"lost\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readline(), 0.2)
        assert proxy.connections == 0
        writer.close()


async def test_a_stopped_line_holds_what_is_under_way(echo: int) -> None:
    async with FaultProxy(echo) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        proxy.line = Line(stopped=True)
        writer.write(b"later\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readline(), 0.2)
        proxy.line = Line()
        assert await exchange(reader, writer, b"") == b"later\n"
        writer.close()


async def test_a_slow_line_takes_its_time_both_ways(echo: int) -> None:
    now_s = asyncio.get_running_loop().time
    async with FaultProxy(echo) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        for line, least_s in ((Line(delay_s=0.1), 0.2), (Line(bytes_per_s=1_000), 0.4)):
            proxy.line = line
            began_s = now_s()
            answer = await exchange(reader, writer, b"x" * 199 + b"\n")
            assert len(answer) == 200
            assert least_s <= now_s() - began_s < least_s + 1.0
        writer.close()
