"""NFC over a real pcscd: tags are read whatever happens to tag, reader and daemon."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.codecs.ndef import OtherRecord, SmartPosterRecord, TextRecord, UriRecord, encode
from gateway.model.inputs import DocumentReady, Input, ReceiverHealth
from gateway.model.sighting import NfcTag, Sighting
from gateway.runtime.health import Health
from gateway.sensing.nfc.options import NfcOptions, problems
from gateway.sensing.nfc.source import NfcSource
from gateway.sensing.source import Surroundings
from simulators.nfc import Tag, Type2Tag, Type4Tag, held
from tests.pcscd import Daemon, needs_pcscd, pcscd

pytestmark = [needs_pcscd, pytest.mark.slow]

GONE_S = 0.8
"""The daemon looks at the reader every 0.4 s: a tag that is away for less was never away (seconds)."""
PATIENCE_S = 60.0
UP, DOWN = ReceiverHealth("nfc-1", "up"), ReceiverHealth("nfc-1", "down")
MESSAGE = encode(UriRecord("https://shop.example/m/A7"))
LONG = encode(TextRecord("en", "shoes " * 120))
POSTER = encode(SmartPosterRecord((UriRecord("https://shop.example/m/A7"), TextRecord("fr", "Chaussures"))))
EXTERNAL = encode(OtherRecord("urn:nfc:ext:shop.example:x", b"1"))


class Listening:
    """A source that is being iterated."""

    def __init__(self, daemon: Daemon, source: NfcSource, health: Health) -> None:
        self.daemon = daemon
        self.health = health
        self._heard = aiter(source)

    async def next(self) -> Input | None:
        async with asyncio.timeout(PATIENCE_S):
            return (await anext(self._heard)).input

    async def tapped(self, tag: Tag) -> Input | None:
        async with held(tag, self.daemon.port):
            seen = await self.next()
        await asyncio.sleep(GONE_S)
        return seen

    async def until(self, code: str) -> str:
        """The hint of the condition of this code, once there is one."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for each in self.health.conditions():
                    if each.code == code:
                        return each.hint
                await asyncio.sleep(0.02)


@asynccontextmanager
async def listening(
    directory: Path, monkeypatch: pytest.MonkeyPatch, cool_down_s: float = 0.0, *, reader: bool = True
) -> AsyncIterator[Listening]:
    def no_document(path: Path, name: str) -> DocumentReady:
        raise AssertionError(path, name)

    with pcscd(directory, monkeypatch, reader=reader) as daemon:
        health = Health()
        options = NfcOptions("nfc-1", cool_down_s=cool_down_s)
        async with NfcSource(options, Surroundings(directory, health, no_document)) as source:
            heard = Listening(daemon, source, health)
            first = await heard.next()
            if reader and first == DOWN:  # pcscd answers before it has found its reader
                first = await heard.next()
            assert first == (UP if reader else DOWN)
            yield heard


def sighting(message: bytes) -> Sighting:
    return Sighting("nfc", "nfc-1", NfcTag(message))


@pytest.mark.parametrize("tag", [Type2Tag, Type4Tag])
async def test_tags_of_both_types_are_read_with_every_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tag: Callable[[bytes], Tag]
) -> None:
    async with listening(tmp_path, monkeypatch) as heard:
        for message in (MESSAGE, POSTER, EXTERNAL, b""):
            assert await heard.tapped(tag(message)) == sighting(message)
        if tag is Type4Tag:
            assert await heard.tapped(tag(LONG)) == sighting(LONG)


async def test_a_tag_torn_away_in_mid_read_is_counted_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(tmp_path, monkeypatch) as heard:
        for commands in (1, 3, 5):
            async with held(Type4Tag(MESSAGE), heard.daemon.port, torn_after=commands) as tag:
                await asyncio.wait({tag}, timeout=10)
            await asyncio.sleep(GONE_S)
        assert (await heard.until("unread")).startswith("3 ")
        assert await heard.tapped(Type2Tag(MESSAGE)) == sighting(MESSAGE)


async def test_a_tag_held_again_at_once_is_one_sighting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(tmp_path, monkeypatch, cool_down_s=30.0) as heard:
        for _ in range(2):
            async with held(Type2Tag(MESSAGE), heard.daemon.port):
                await asyncio.sleep(1.0)
            await asyncio.sleep(GONE_S)
        other = Type2Tag(MESSAGE, uid=bytes.fromhex("04000000000001"))
        assert await heard.tapped(other) == sighting(MESSAGE)
        assert await heard.tapped(Type2Tag(POSTER)) == sighting(POSTER)


async def test_the_daemon_restarted_and_the_reader_unplugged_and_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(tmp_path, monkeypatch) as heard:
        heard.daemon.stop()
        assert await heard.next() == DOWN
        assert "pcscd" in await heard.until("no_pcscd")
        heard.daemon.start(reader=False)
        assert "plug it in" in await heard.until("no_reader")
        heard.daemon.stop()
        heard.daemon.start()
        assert await heard.next() == UP
        assert await heard.tapped(Type2Tag(MESSAGE)) == sighting(MESSAGE)


async def test_tags_with_malformed_blocks_and_tags_that_never_end_are_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    too_long = Type2Tag()
    too_long.memory[16:20] = b"\x03\xff\xff\xff"
    blank = Type2Tag()
    blank.memory[12:16] = bytes(4)

    class Endless(Type4Tag):
        """Answers whatever is read with as much as is asked, for ever, and says that there is more."""

        def answer(self, command: bytes) -> bytes:
            self.commands = getattr(self, "commands", 0) + 1
            answer = super().answer(command)
            return b"\xff" * (len(answer) - 2) + answer[-2:] if command[:4] == b"\x00\xb0\x00\x00" else answer

    async with listening(tmp_path, monkeypatch) as heard:
        for number, tag in enumerate((too_long, blank, Endless(MESSAGE)), 1):
            async with held(tag, heard.daemon.port):
                async with asyncio.timeout(PATIENCE_S):
                    while not (await heard.until("unread")).startswith(f"{number} "):
                        await asyncio.sleep(0.02)
            await asyncio.sleep(GONE_S)
        assert await heard.tapped(Type2Tag(MESSAGE)) == sighting(MESSAGE)


async def test_no_log_line_has_a_serial_number_or_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with listening(tmp_path, monkeypatch) as heard:
        assert await heard.tapped(Type2Tag(MESSAGE)) == sighting(MESSAGE)
        said = repr(heard.health.conditions())
    written = capsys.readouterr()
    for secret in ("04a1b2c3d4e5f6", "shop.example"):
        assert secret not in (said + written.out + written.err).lower()


def test_options_are_judged() -> None:
    assert problems(NfcOptions("nfc-1")) == []
    assert [key for key, _, _ in problems(NfcOptions("", cool_down_s=-1))] == ["receiver", "cool_down_s"]
