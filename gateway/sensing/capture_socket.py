"""A capture sent by a player over a Unix socket, which keeps each line until its commit is reported."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

import structlog

from gateway.codecs.captures import MAX_LINE_CHARS, CaptureError, parse_header
from gateway.model.health import Condition
from gateway.sensing.capture import PART, CaptureReading, CaptureTime
from gateway.sensing.source import Sensed, Surroundings
from gateway.sensing.unix_socket import bound

LINE_BYTES: Final = 4 * MAX_LINE_CHARS
"""The longest line that is read, in UTF-8."""
UNREAD_BYTES: Final = 65_536
"""Reports that a player leaves unread beyond this are left out: the next one says more."""
HEADER_S: Final = 10.0
"""How long a player may take to send its header (seconds)."""
LINES_A_TURN: Final = 50
"""Lines between two turns of the event loop, about 2 ms."""


class CaptureSocket:
    """Listens at a socket (mode 0600) for one player at a time.

    The player sends the capture's header; the answer `{"committed": N}` says how many of its lines are committed. It
    sends the lines after N, and hears a new number after every commit that covers more. What is wrong is told as
    `{"problem": …}`.
    """

    name = "capture"

    def __init__(self, name: str, surroundings: Surroundings) -> None:
        self.timekeeper = CaptureTime(surroundings.last)
        self._path = surroundings.directory / name
        self._surroundings = surroundings
        self._committed = dict(surroundings.positions)
        self._taken: dict[str, int] = {}
        self._readings: dict[str, CaptureReading] = {}
        self._players: asyncio.Queue[_Player] = asyncio.Queue(maxsize=1)
        self._player: _Player | None = None
        self._server: asyncio.Server | None = None
        self._log = structlog.get_logger("capture")

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_unix_server(self._welcome, sock=bound(self._path), limit=LINE_BYTES)
        self._waiting()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._player is not None:
            self._player.close()
        with suppress(FileNotFoundError):
            self._path.unlink()

    async def __aiter__(self) -> AsyncIterator[Sensed]:
        while True:
            player = await self._players.get()
            try:
                async for sensed in self._played(player):
                    yield sensed
                self._waiting()
            except CaptureError as error:
                player.say({"problem": str(error)})
                hint = f"{error}; mend the capture and play it again"
                self._surroundings.health.report(
                    Condition(PART, "capture_refused", "error", hint, {"said": str(error)})
                )
            except (OSError, ValueError) as error:
                self._log.info("player_lost", reason=str(error))
                self._waiting()
            finally:
                player.close()
                self._player = None

    def committed(self, positions: Mapping[str, int]) -> None:
        """Tell the player how far its capture is committed."""
        self._committed |= positions
        if self._player is not None and self._player.origin in positions:
            self._player.say({"committed": self._committed[self._player.origin]})

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read a header and answer it; lines are read when the source is iterated."""
        player = _Player(reader, writer)
        try:
            async with asyncio.timeout(HEADER_S):
                header = parse_header(await player.line())
            if self._player is not None:
                raise _Busy
        except (OSError, ValueError, _Busy) as error:
            player.say({"problem": str(error) or "no header came in time"})
            player.close()
            return
        self._player = player
        reading = CaptureReading(header, self._path.parent, self._surroundings, self.timekeeper)
        player.reading = self._readings.setdefault(reading.origin, reading)
        player.origin = reading.origin
        player.position = self._committed.get(reading.origin, 0)
        player.say({"committed": player.position})
        self._players.put_nowait(player)

    async def _played(self, player: "_Player") -> AsyncIterator[Sensed]:
        reading, origin = player.reading, player.origin
        if reading is None:
            return
        position = player.position
        self._surroundings.health.report(Condition(PART, "playing", "ok"))
        self._log.info("player_connected", after_line=position)
        while text := await player.line():
            position += 1
            if position > self._taken.get(origin, 0):
                for sensed in reading.sensed(text, position):
                    yield sensed
                self._taken[origin] = position
            if position % LINES_A_TURN == 0:
                await asyncio.sleep(0)

    def _waiting(self) -> None:
        self._surroundings.health.report(Condition(PART, "waiting_for_player", "ok"))


class _Busy(Exception):
    def __str__(self) -> str:
        return "another player is connected; play one capture at a time"


class _Player:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reading: CaptureReading | None = None
        self.origin = ""
        self.position = 0
        self._reader = reader
        self._writer = writer

    async def line(self) -> str:
        """The next whole line, empty at the end; a line cut off by the end is not one.

        Raises:
            OSError, ValueError: the connection broke, a line is too long or not UTF-8.
        """
        line = await self._reader.readline()
        return line.decode() if line.endswith(b"\n") else ""

    def say(self, message: Mapping[str, object]) -> None:
        if not self._writer.is_closing() and self._writer.transport.get_write_buffer_size() < UNREAD_BYTES:
            self._writer.write(json.dumps(message).encode() + b"\n")

    def close(self) -> None:
        self._writer.close()
