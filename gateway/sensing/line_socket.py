"""Scans, taps and app reports as lines at a Unix socket, in live time: for readers that are programs of their own."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import structlog

from gateway.codecs.captures import MAX_LINE_CHARS, parse_input
from gateway.codecs.json_fields import FieldError
from gateway.model.health import Condition
from gateway.model.sighting import Sighting
from gateway.sensing.source import Sensed, Surroundings
from gateway.sensing.unix_socket import bound

LINE_BYTES: Final = 4 * MAX_LINE_CHARS
"""The longest line that is read, in UTF-8; a longer one ends its connection."""
MOST_WRITERS: Final = 16
WAITING: Final = 100
"""Lines that may wait for the inbox; then nothing more is read, and the writers wait."""
UNREAD_BYTES: Final = 65_536
"""Answers that a writer leaves unread beyond this are left out."""


@dataclass(frozen=True, slots=True)
class InputOptions:
    """A `[[sources]]` table of kind `input`."""

    socket: str = "input.sock"
    """The name of a Unix socket in the state directory (mode 0600) where programs write what they read."""


def problems(options: InputOptions) -> list[tuple[str, str, str]]:
    """What is wrong with the options, as (key, problem, hint)."""
    if options.socket and "/" not in options.socket:
        return []
    return [("socket", f"{options.socket!r} is no file name", 'write a name alone, such as "input.sock"')]


class LineSocket:
    """Listens for writers; each line is one input as a capture writes it, without `t`. None is lost once it is read.

    A line that is wrong is answered with `{"problem": …}` and skipped.
    """

    timekeeper = None

    def __init__(self, options: InputOptions, surroundings: Surroundings) -> None:
        self.name = options.socket.removesuffix(".sock")
        self._path = surroundings.directory / options.socket
        self._health = surroundings.health
        self._heard: asyncio.Queue[Sighting] = asyncio.Queue(maxsize=WAITING)
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._log = structlog.get_logger("input")

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_unix_server(self._listen, sock=bound(self._path), limit=LINE_BYTES)
        self._health.report(Condition(f"source:{self.name}", "listening", "ok"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.close()
        with suppress(FileNotFoundError):
            self._path.unlink()

    async def __aiter__(self) -> AsyncIterator[Sensed]:
        while True:
            yield Sensed(await self._heard.get())

    def committed(self, positions: Mapping[str, int]) -> None:
        """Nothing to do: a writer does not resend."""

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._writers) >= MOST_WRITERS:
            _say(writer, f"{MOST_WRITERS} programs are connected already; close one")
            writer.close()
            return
        self._writers.add(writer)
        try:
            while (line := await reader.readline()).endswith(b"\n"):
                await self._take(line, writer)
        except (OSError, ValueError) as error:
            self._log.info("writer_lost", reason=type(error).__name__)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _take(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        try:
            sightings = parse_input(line.decode())
        except UnicodeDecodeError:
            _say(writer, "the line is not UTF-8: write one JSON object a line")
        except FieldError as error:
            _say(writer, str(error))
        else:
            for sighting in sightings:
                await self._heard.put(sighting)


def _say(writer: asyncio.StreamWriter, problem: str) -> None:
    if not writer.is_closing() and writer.transport.get_write_buffer_size() < UNREAD_BYTES:
        writer.write(json.dumps({"problem": problem}).encode() + b"\n")
