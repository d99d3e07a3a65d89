"""The input socket: lines become inputs in live time, none is lost, what is wrong is answered and skipped."""

import asyncio
import json
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.model.inputs import DocumentReady
from gateway.model.sighting import CodeText, NfcTag, Sighting
from gateway.runtime.health import Health
from gateway.sensing.line_socket import MOST_WRITERS, WAITING, InputOptions, LineSocket, problems
from gateway.sensing.source import Sensed, Surroundings

CODE = {"medium": "code", "receiver": "cam-1", "symbology": "qr_code", "text": "A7"}
TAG = {"medium": "nfc", "receiver": "nfc-1", "ndef": ""}


def no_document(path: Path, name: str) -> DocumentReady:
    raise AssertionError(path, name)


def source(directory: Path) -> LineSocket:
    return LineSocket(InputOptions(), Surroundings(directory, Health(), no_document))


async def connect(directory: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_unix_connection(directory / "input.sock")


def line(fields: object) -> bytes:
    return json.dumps(fields).encode() + b"\n"


async def test_lines_become_inputs_stamped_by_the_inbox_and_never_lossy(tmp_path: Path) -> None:
    async with source(tmp_path) as listening:
        assert stat.S_IMODE((tmp_path / "input.sock").stat().st_mode) == 0o600
        _, writer = await connect(tmp_path)
        writer.write(line(CODE) + line(TAG))
        heard = aiter(listening)
        assert await anext(heard) == Sensed(Sighting("code", "cam-1", CodeText("qr_code", "A7")))
        assert await anext(heard) == Sensed(Sighting("nfc", "nfc-1", NfcTag(b"")))
        writer.close()
    assert not (tmp_path / "input.sock").exists()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"no json\n", "not JSON"),
        (b"\xff\xfe\n", "not UTF-8"),
        (b"[" * 60_000 + b"\n", "nested too deep"),
        (line(CODE | {"t": 3.0}), "t is not known here"),
        (line(CODE | {"text": 7}), "text is wrong"),
        (line({"health": "down", "receiver": "gw-1"}), "medium is missing"),
    ],
)
async def test_a_wrong_line_is_answered_and_skipped(tmp_path: Path, written: bytes, said: str) -> None:
    async with source(tmp_path) as listening:
        reader, writer = await connect(tmp_path)
        writer.write(written + line(CODE))
        assert said in json.loads(await reader.readline())["problem"]
        assert (await anext(aiter(listening))).input is not None
        writer.close()


async def test_a_line_too_long_ends_only_its_connection(tmp_path: Path) -> None:
    async with source(tmp_path) as listening:
        reader, writer = await connect(tmp_path)
        writer.write(b"x" * 600_000)
        with suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()
        _, other = await connect(tmp_path)
        other.write(line(CODE))
        assert (await anext(aiter(listening))).input is not None
        other.close()


async def test_a_writer_waits_while_nobody_takes_and_nothing_is_lost(tmp_path: Path) -> None:
    async with source(tmp_path) as listening:
        _, writer = await connect(tmp_path)
        for number in range(3 * WAITING):
            writer.write(line(CODE | {"text": str(number)}))
        heard = aiter(listening)
        texts = [(await anext(heard)).input.token.text for _ in range(3 * WAITING)]  # type: ignore[union-attr]
        assert texts == [str(number) for number in range(3 * WAITING)]
        writer.close()


async def test_one_program_too_many_is_told_so(tmp_path: Path) -> None:
    async with source(tmp_path):
        writers = [(await connect(tmp_path))[1] for _ in range(MOST_WRITERS)]
        await asyncio.sleep(0.01)
        reader, writer = await connect(tmp_path)
        assert "connected already" in json.loads(await reader.readline())["problem"]
        for each in [*writers, writer]:
            each.close()


def test_the_socket_is_a_name() -> None:
    assert problems(InputOptions()) == []
    assert [key for key, _, _ in problems(InputOptions("../x.sock"))] == ["socket"]
