"""A recording as a source: positions, time, going on where it was, and the player's side of the socket."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.codecs.captures import ClockSet, header_line, input_line
from gateway.documents.refusal import DocumentRefused
from gateway.model.inputs import ClockChanged, DocumentReady, ReceiverHealth
from gateway.model.time import Now
from gateway.runtime.health import Health
from gateway.sensing.capture_file import CaptureFile
from gateway.sensing.capture_socket import CaptureSocket
from gateway.sensing.source import Sensed, Surroundings

STARTED_S = 1_767_603_600.0
HEADER = header_line(STARTED_S)
ORIGIN = f"capture:{STARTED_S:.3f}"
UP, DOWN = ReceiverHealth("gw-1", "up"), ReceiverHealth("gw-1", "down")


def no_document(path: Path, name: str) -> DocumentReady:
    raise DocumentRefused("missing", f"there is no file {path.name}", "Put it there", document=name)


def around(directory: Path, taken: int = 0, last: Now | None = None) -> Surroundings:
    positions = {ORIGIN: taken} if taken else {}
    return Surroundings(directory, Health(), no_document, positions=positions, last=last)


def changes(count: int, first: int = 0) -> list[str]:
    return [input_line(float(n), UP if n % 2 else DOWN) for n in range(first, first + count)]


def write(directory: Path, lines: list[str]) -> Path:
    path = directory / "walk.ndjson"
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    return path


async def heard(source: AsyncIterator[Sensed], count: int) -> list[Sensed]:
    async with asyncio.timeout(60):
        return [await anext(source) for _ in range(count)]


async def test_a_file_gives_its_lines_with_their_time_and_place(tmp_path: Path) -> None:
    source = CaptureFile(write(tmp_path, changes(3)), 0, False, around(tmp_path))
    async with source:
        assert source.timekeeper() == Now(0.0, STARTED_S, "synced", ORIGIN)
        sensed = [each async for each in source]
    assert [each.input for each in sensed] == [DOWN, UP, DOWN]
    assert [each.now for each in sensed] == [Now(t, STARTED_S + t, "synced", ORIGIN) for t in (0.0, 1.0, 2.0)]
    assert [each.origin for each in sensed] == [(ORIGIN, 1), (ORIGIN, 2), (ORIGIN, 3)]
    assert source.timekeeper() == sensed[-1].now


async def test_a_file_goes_on_behind_what_is_committed(tmp_path: Path) -> None:
    clock = input_line(1.5, ClockSet("synced", STARTED_S + 61.5))
    path = write(tmp_path, [*changes(2), clock, *changes(2, 2)])
    last = Now(1.5, STARTED_S + 61.5, "synced", ORIGIN)
    source = CaptureFile(path, 0, False, around(tmp_path, 3, last))
    assert source.timekeeper() == last
    async with source:
        sensed = [each async for each in source]
    assert [each.origin for each in sensed] == [(ORIGIN, 4), (ORIGIN, 5)]
    assert [each.now.utc_s for each in sensed if each.now] == [STARTED_S + 62.0, STARTED_S + 63.0]


async def test_a_loop_goes_on_in_time_and_place(tmp_path: Path) -> None:
    async with CaptureFile(write(tmp_path, changes(2)), 0, True, around(tmp_path, 3)) as source:
        sensed = await heard(aiter(source), 3)
    assert [(each.now.mono_s, each.origin) for each in sensed if each.now] == [
        (3.0, (ORIGIN, 4)),
        (4.0, (ORIGIN, 5)),
        (5.0, (ORIGIN, 6)),
    ]


async def test_a_file_is_paced(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with CaptureFile(write(tmp_path, changes(3)), 20, False, around(tmp_path)) as source:
        began_s = loop.time()
        count = len([each async for each in source])
    assert count == 3
    assert 0.09 <= loop.time() - began_s < 1.0


async def test_a_line_that_means_nothing_still_has_its_place(tmp_path: Path) -> None:
    nobody = '{"t":0.5,"medium":"ble","receiver":"gw-1","rssi_dbm":-60,"payload":"020106"}'
    document = json.dumps({"t": 0.7, "document": "campaigns", "digest": "sha256:" + "0" * 64, "path": "c.json"})
    clock = input_line(0.9, ClockSet("synced", STARTED_S))
    surroundings = around(tmp_path)
    async with CaptureFile(write(tmp_path, [nobody, document, clock]), 0, False, surroundings) as source:
        sensed = [each async for each in source]
    assert [each.input for each in sensed] == [None, None, ClockChanged()]
    assert [each.origin for each in sensed] == [(ORIGIN, 1), (ORIGIN, 2), (ORIGIN, 3)]


class Player:
    """The other end of the socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, directory: Path, header: str = HEADER) -> "Player":
        player = cls(*await asyncio.open_unix_connection(directory / "capture.sock"))
        player.send([header])
        return player

    def send(self, lines: list[str]) -> None:
        self._writer.write("".join(f"{line}\n" for line in lines).encode())

    async def told(self) -> dict[str, object]:
        async with asyncio.timeout(60):
            line = await self._reader.readline()
        return dict(json.loads(line)) if line else {}

    async def leave(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


async def test_a_player_hears_what_is_committed_and_sends_the_rest(tmp_path: Path) -> None:
    async with CaptureSocket("capture.sock", around(tmp_path, 2)) as source:
        assert stat.S_IMODE((tmp_path / "capture.sock").stat().st_mode) == 0o600
        player = await Player.connect(tmp_path)
        assert await player.told() == {"committed": 2}
        await source.timekeeper.known()
        player.send(changes(3, 2))
        sensed = await heard(aiter(source), 3)
        assert [each.origin for each in sensed] == [(ORIGIN, 3), (ORIGIN, 4), (ORIGIN, 5)]
        source.committed({ORIGIN: 4})
        source.committed({"another": 9})
        source.committed({ORIGIN: 5})
        assert [await player.told(), await player.told()] == [{"committed": 4}, {"committed": 5}]
        await player.leave()
    assert not (tmp_path / "capture.sock").exists()


async def test_lines_sent_again_are_not_taken_twice(tmp_path: Path) -> None:
    async with CaptureSocket("capture.sock", around(tmp_path)) as source:
        stream = aiter(source)
        first = await Player.connect(tmp_path)
        await first.told()
        first.send(changes(4))
        await heard(stream, 4)
        source.committed({ORIGIN: 1})
        await first.leave()
        waiting = asyncio.ensure_future(anext(stream))
        again = await until_taken_up(tmp_path)
        again.send(changes(5, 1))
        sensed = await waiting
        assert (sensed.origin, sensed.now) == ((ORIGIN, 5), Now(4.0, STARTED_S + 4.0, "synced", ORIGIN))
        await again.leave()


async def until_taken_up(directory: Path) -> Player:
    for _ in range(200):
        player = await Player.connect(directory)
        if "committed" in await player.told():
            return player
        await player.leave()
        await asyncio.sleep(0.01)
    pytest.fail("the gateway never took the second player")


async def test_a_second_player_is_told_to_wait(tmp_path: Path) -> None:
    async with CaptureSocket("capture.sock", around(tmp_path)):
        first, second = await Player.connect(tmp_path), await Player.connect(tmp_path)
        assert await first.told() == {"committed": 0}
        assert await second.told() == {"problem": "another player is connected; play one capture at a time"}
        assert await second.told() == {}
        await first.leave()
        await second.leave()


async def test_what_is_no_capture_is_told_and_the_next_is_taken(tmp_path: Path) -> None:
    surroundings = around(tmp_path)
    async with CaptureSocket("capture.sock", surroundings) as source:
        wrong = await Player.connect(tmp_path, '{"format": "something"}')
        assert "line 1" in str((await wrong.told())["problem"])
        await wrong.leave()
        stream = aiter(source)
        waiting = asyncio.ensure_future(anext(stream))
        broken = await Player.connect(tmp_path)
        await broken.told()
        broken.send(['{"t": 0, "medium": "smell"}'])
        assert "line 2" in str((await broken.told())["problem"])
        await broken.leave()
        assert [condition.code for condition in surroundings.health.conditions()] == ["capture_refused"]
        right = await until_taken_up(tmp_path)
        right.send(changes(1))
        assert (await waiting).origin == (ORIGIN, 1)
        await right.leave()


async def test_time_is_unknown_until_a_capture_begins_and_then_goes_on_over_a_restart(tmp_path: Path) -> None:
    fresh = CaptureSocket("capture.sock", around(tmp_path))
    with pytest.raises(RuntimeError, match="no capture has begun"):
        fresh.timekeeper()
    last = Now(12.5, STARTED_S + 12.5, "synced", ORIGIN)
    restarted = CaptureSocket("capture.sock", around(tmp_path, 7, last))
    await restarted.timekeeper.known()
    assert restarted.timekeeper() == last
    live = CaptureSocket("capture.sock", around(tmp_path, 7, Now(5.0, STARTED_S, "synced", "a real boot")))
    with pytest.raises(RuntimeError):
        live.timekeeper()
