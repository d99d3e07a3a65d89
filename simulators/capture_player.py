"""The player's side of the capture socket: sends lines into a running gateway, and keeps each until it is committed."""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from gateway.codecs.captures import header_line
from simulators.recorded_walk import TimedLine

_RETRY_S: Final = 0.1
_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class PlayerOptions:
    """How a capture is played.

    Attributes:
        hold: Send no line before `begin`; the header alone gives the gateway its time.
        speed: Times life; 0 is as fast as the gateway commits.
        window: At most this many lines are sent and not yet committed; the player waits, no line is lost.
        connect_s: How long the gateway may be away before playing fails (seconds).
    """

    hold: bool = False
    speed: float = 1.0
    window: int = 5_000
    connect_s: float = 60.0


class PlaybackError(RuntimeError):
    """The capture cannot be played on: the gateway stayed away, or wants lines that it had reported committed."""


class CapturePlayer:
    """Plays one capture, over as many connections as it takes.

    Lines that are due while the gateway is away are sent as soon as it is back. A gateway that has more of this capture
    than this player sent (the player was restarted) is not sent those lines again.

    Attributes:
        sent: Lines sent at least once, the last one's number.
        committed: Lines that the gateway has committed.
        connections: How often the gateway took the capture up.
    """

    def __init__(
        self, socket: Path, started_at_utc_s: float, lines: Iterable[TimedLine], options: PlayerOptions | None = None
    ) -> None:
        self._socket = socket
        self._header = header_line(started_at_utc_s)
        self._lines: Iterator[TimedLine] = iter(lines)
        self._upcoming: TimedLine | None = None
        self._kept: deque[str] = deque()
        self._options = options or PlayerOptions()
        self._began_s: float | None = None
        self._begun = not self._options.hold
        self._ended = False
        self._hurried = False
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.sent = 0
        self.committed = 0
        self.connections = 0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._play(), name="capture-player")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError, PlaybackError):
                await self._task

    def begin(self) -> None:
        """Send the lines that were held back until now; their time begins here."""
        self._begun = True
        self._moved.set()

    def hurry(self) -> None:
        """Send what is left as fast as it is committed."""
        self._hurried = True
        self._moved.set()

    def finish(self) -> None:
        """Send no further line; `done` returns when those sent are committed."""
        self._ended = True
        self._moved.set()

    async def done(self) -> None:
        """Return when every line is committed.

        Raises:
            PlaybackError: playing failed.
        """
        if self._task is None:
            msg = "the player is an async context manager: enter it first"
            raise RuntimeError(msg)
        await asyncio.shield(self._task)

    async def _play(self) -> None:
        away_since_s = asyncio.get_running_loop().time()
        while True:
            try:
                await self._one_connection(away_since_s + self._options.connect_s)
            except _GatewayAway:
                away_since_s = asyncio.get_running_loop().time()
            else:
                return

    async def _one_connection(self, deadline_s: float) -> None:
        """Connect and play on until all is committed.

        Raises:
            _GatewayAway: it took the capture up and then went away.
            PlaybackError: it did not take the capture up before `deadline_s` (loop time).
        """
        try:
            async with asyncio.timeout_at(deadline_s):
                reader, writer, committed = await self._taken_up()
        except TimeoutError:
            msg = f"no gateway took the capture up at {self._socket} for {self._options.connect_s:g} s: is it running?"
            raise PlaybackError(msg) from None
        try:
            self.connections += 1
            self._resume(committed)
            await self._converse(reader, writer)
        except (OSError, EOFError) as error:
            raise _GatewayAway from error
        finally:
            writer.close()

    async def _taken_up(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, int]:
        """A connection on which the gateway has answered the header, and how many lines it has committed."""
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(self._socket)
            except OSError:
                await asyncio.sleep(_RETRY_S)
                continue
            try:
                writer.write(self._header.encode() + b"\n")
                return reader, writer, await _report(reader)
            except (OSError, EOFError):
                writer.close()
                await asyncio.sleep(_RETRY_S)
            except BaseException:
                writer.close()
                raise

    def _resume(self, committed: int) -> None:
        if committed < self.committed:
            msg = (
                f"the gateway has {committed} lines of this capture and had reported {self.committed}: "
                "its state was replaced; play the capture again from its start"
            )
            raise PlaybackError(msg)
        self._commit(min(committed, self.sent))
        while self.sent < committed and self._peek() is not None:
            self._upcoming = None
            self.sent += 1
            self.committed += 1

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hearing = asyncio.create_task(self._hear(reader), name="capture-player-hears")
        sending = asyncio.create_task(self._send(writer), name="capture-player-sends")
        try:
            await asyncio.wait({hearing, sending}, return_when=asyncio.FIRST_COMPLETED)
            await (sending if sending.done() else hearing)
        finally:
            hearing.cancel()
            sending.cancel()
            await asyncio.gather(hearing, sending, return_exceptions=True)

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        while True:
            self._commit(await _report(reader))
            self._moved.set()

    async def _send(self, writer: asyncio.StreamWriter) -> None:
        for number, text in enumerate(tuple(self._kept)):
            await _write(writer, text, flush=number % _BATCH == 0)
        await self._until(lambda: self._begun or self._ended)
        while (line := self._peek()) is not None:
            await self._turn_of(line[0])
            if self._ended:
                break
            self._upcoming = None
            self._kept.append(line[1])
            self.sent += 1
            await _write(writer, line[1], flush=self.sent % _BATCH == 0)
        await writer.drain()
        await self._until(lambda: not self._kept)

    async def _turn_of(self, t_s: float) -> None:
        """Return when the line of this time is due and the window has room for it, or when there is nothing to send."""
        await self._until(lambda: self._ended or len(self._kept) < self._options.window)
        if self._hurried or not self._options.speed:
            return
        loop = asyncio.get_running_loop()
        due_s = t_s / self._options.speed
        if self._began_s is None:
            self._began_s = loop.time() - due_s
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._began_s + due_s):
                await self._until(lambda: self._ended or self._hurried)

    async def _until(self, holds: Callable[[], bool]) -> None:
        """Return when `holds()`: asked after every report, at `begin` and `finish`; only the sending task waits."""
        while not holds():
            self._moved.clear()
            await self._moved.wait()

    def _peek(self) -> TimedLine | None:
        if self._ended:
            return None
        if self._upcoming is None:
            self._upcoming = next(self._lines, None)
        return self._upcoming

    def _commit(self, committed: int) -> None:
        if committed > self.sent:
            msg = f"the gateway reports {committed} committed lines, {self.sent} were sent"
            raise PlaybackError(msg)
        while self.committed < committed:
            self._kept.popleft()
            self.committed += 1


class _GatewayAway(Exception):
    """The gateway closed the connection, or ended."""


async def _write(writer: asyncio.StreamWriter, text: str, *, flush: bool) -> None:
    writer.write(text.encode() + b"\n")
    if flush:
        await writer.drain()
        await asyncio.sleep(0)


async def _report(reader: asyncio.StreamReader) -> int:
    """The number in the gateway's next `{"committed": N}`.

    Raises:
        EOFError: the gateway closed the connection.
        PlaybackError: it said something else.
    """
    line = await reader.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    try:
        return int(json.loads(line)["committed"])
    except (ValueError, KeyError, TypeError) as error:
        msg = f"the gateway does not take the capture: {line.decode(errors='replace').strip()}"
        raise PlaybackError(msg) from error
