"""The player keeps every line until it is committed, and sends again what a dead gateway took with it."""

import asyncio
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.capture_player import CapturePlayer, PlaybackError, PlayerOptions
from tests.simulators.capture_socket import CaptureSocket

BEGUN_UTC_S = 1_767_603_600.0
FAST = PlayerOptions(speed=0, connect_s=5)


def lines(count: int, apart_s: float = 0.01) -> list[tuple[float, str]]:
    return [(number * apart_s, json.dumps({"t": round(number * apart_s, 3)})) for number in range(count)]


def texts(played: list[tuple[float, str]]) -> list[str]:
    return [text for _, text in played]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "capture.sock"


async def test_every_line_arrives_once_and_in_order(path: Path) -> None:
    played = lines(1_000)
    async with CaptureSocket(path) as gateway, CapturePlayer(path, BEGUN_UTC_S, played, FAST) as player:
        async with asyncio.timeout(60):
            await player.done()
        assert gateway.kept == texts(played)
        assert gateway.headers == [
            {"format": "proximity-capture", "version": 1, "started_at": "2026-01-05T09:00:00.000Z"}
        ]
        assert (player.sent, player.committed, player.connections) == (1_000, 1_000, 1)


async def test_a_gateway_that_dies_gets_what_it_had_not_committed(path: Path) -> None:
    played = lines(500)
    gateway = CaptureSocket(path, commit_every=30, die_after=205)
    async with gateway, CapturePlayer(path, BEGUN_UTC_S, played, FAST) as player:
        async with asyncio.timeout(60):
            await gateway.died.wait()
            assert len(gateway.kept) == 180
            await gateway.start()
            await gateway_commits_all(gateway, player)
        assert gateway.kept == texts(played)
        assert player.connections == 2


async def gateway_commits_all(gateway: CaptureSocket, player: CapturePlayer) -> None:
    """A gateway commits what it has at the latest after a while, not only when a batch is full."""
    done = asyncio.ensure_future(player.done())
    while not done.done():
        await asyncio.wait({done}, timeout=0.05)
        await gateway.commit()
    await done


async def test_a_player_that_comes_first_waits_for_the_gateway(path: Path) -> None:
    gateway = CaptureSocket(path, commit_every=5)
    async with CapturePlayer(path, BEGUN_UTC_S, lines(20), FAST) as player:
        await asyncio.sleep(0.3)
        assert player.sent == 0
        async with gateway, asyncio.timeout(60):
            await player.done()
        assert player.committed == 20


async def test_a_gateway_that_has_some_lines_is_not_sent_them_again(path: Path) -> None:
    played = lines(40)
    async with CaptureSocket(path, commit_every=5) as gateway:
        gateway.kept = texts(played[:15])
        async with CapturePlayer(path, BEGUN_UTC_S, played, FAST) as player, asyncio.timeout(60):
            await player.done()
        assert gateway.kept == texts(played)


async def test_the_window_bounds_what_is_not_committed(path: Path) -> None:
    async with CaptureSocket(path, commit_every=10**9) as gateway:
        options = PlayerOptions(speed=0, window=50)
        async with CapturePlayer(path, BEGUN_UTC_S, lines(200), options) as player:
            async with asyncio.timeout(60):
                while len(gateway.heard) < 50:
                    await asyncio.sleep(0.01)
                await asyncio.sleep(0.3)
                assert player.sent == len(gateway.heard) == 50
                await gateway_commits_all(gateway, player)
            assert len(gateway.kept) == 200


async def test_time_is_kept(path: Path) -> None:
    async with CaptureSocket(path, commit_every=1):
        options = PlayerOptions(speed=400.0)
        begin_s = asyncio.get_running_loop().time()
        async with (
            CapturePlayer(path, BEGUN_UTC_S, lines(21, apart_s=10.0), options) as player,
            asyncio.timeout(60),
        ):
            await player.done()
        assert 0.45 < asyncio.get_running_loop().time() - begin_s < 60.0


async def test_lines_are_held_until_told(path: Path) -> None:
    async with CaptureSocket(path, commit_every=5) as gateway:
        options = PlayerOptions(hold=True, speed=0)
        async with CapturePlayer(path, BEGUN_UTC_S, lines(10), options) as player:
            await asyncio.sleep(0.3)
            assert (len(gateway.headers), player.sent, gateway.heard) == (1, 0, [])
            player.begin()
            async with asyncio.timeout(60):
                await player.done()


async def test_what_is_left_is_sent_at_once_when_told(path: Path) -> None:
    lines = ((number * 60.0, json.dumps({"t": number})) for number in range(30))
    async with CaptureSocket(path) as gateway, CapturePlayer(path, BEGUN_UTC_S, lines) as player, asyncio.timeout(60):
        await asyncio.sleep(0.1)
        assert player.sent == 1
        player.hurry()
        await gateway_commits_all(gateway, player)
    assert player.committed == 30


async def test_an_endless_capture_ends_when_told(path: Path) -> None:
    def endless() -> Iterator[tuple[float, str]]:
        for number in itertools.count():
            yield number * 0.01, json.dumps({"t": number})

    async with CaptureSocket(path, commit_every=7) as gateway:
        async with CapturePlayer(path, BEGUN_UTC_S, endless()) as player, asyncio.timeout(60):
            await asyncio.sleep(0.3)
            player.finish()
            await gateway_commits_all(gateway, player)
        assert 10 < player.sent == player.committed == len(gateway.kept) < 60


async def test_no_gateway_is_an_error_that_says_so(path: Path) -> None:
    options = PlayerOptions(connect_s=0.2)
    async with CapturePlayer(path, BEGUN_UTC_S, lines(3), options) as player:
        with pytest.raises(PlaybackError, match=r"no gateway took the capture up .* is it running\?"):
            await player.done()


async def test_a_gateway_that_lost_committed_lines_is_an_error(path: Path) -> None:
    gateway = CaptureSocket(path, commit_every=10, die_after=25)
    async with gateway, CapturePlayer(path, BEGUN_UTC_S, lines(100), FAST) as player:
        await gateway.died.wait()
        gateway.kept = []
        await gateway.start()
        with pytest.raises(PlaybackError, match="its state was replaced"):
            async with asyncio.timeout(60):
                await player.done()


async def test_a_refusal_is_passed_on(path: Path) -> None:
    gateway = CaptureSocket(path)
    gateway.report = lambda count: b'{"problem": "another capture is being played"}\n'
    async with gateway, CapturePlayer(path, BEGUN_UTC_S, lines(3), FAST) as player:
        with pytest.raises(PlaybackError, match="another capture is being played"):
            async with asyncio.timeout(60):
                await player.done()
