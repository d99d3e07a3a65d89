"""A recording as a source, with its own time: what its two forms, file and socket, have in common."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from gateway.codecs.captures import CaptureHeader, DocumentFile
from gateway.documents.refusal import DocumentRefused
from gateway.model.inputs import DocumentReady
from gateway.model.time import Now
from gateway.sensing.capture_lines import CaptureLines
from gateway.sensing.source import Sensed, Surroundings

PART: Final = "source:capture"


@dataclass(frozen=True, slots=True)
class CaptureOptions:
    """A `[[sources]]` table of kind `capture`: `path` or `socket`."""

    path: Path | None = None
    """The capture file to play (`*.ndjson`); after a restart it goes on behind the last line that was committed."""
    socket: str | None = None
    """The name of a Unix socket in the state directory, where a player connects and sends a capture."""
    speed: float = 1.0
    """How many times faster than life a file is played; 0 = as fast as it can be stepped."""
    loop: bool = False
    """Whether a file begins again when it ends, its time going on."""


def problems(options: CaptureOptions) -> list[tuple[str, str, str]]:
    """What is wrong with the options, as (key, problem, hint)."""
    found = []
    if (options.path is None) == (options.socket is None):
        found.append(("path", "a capture source plays a file or listens at a socket", "write path or socket, not both"))
    if options.socket is not None and (not options.socket or "/" in options.socket):
        found.append(("socket", f"{options.socket!r} is no file name", 'write a name alone, such as "capture.sock"'))
    if not 0 <= options.speed < float("inf"):
        found.append(("speed", f"{options.speed} is out of range", "write 1 for life, more for faster, 0 for no wait"))
    return found


class CaptureTime:
    """The time of the capture that is played: that of its latest line, from the last run's until there is one."""

    def __init__(self, last: Now | None) -> None:
        self._now = last if last is not None and last.boot_id.startswith("capture:") else None
        self._known = asyncio.Event()
        if self._now is not None:
            self._known.set()

    def __call__(self) -> Now:
        """The latest instant."""
        if self._now is None:
            msg = "no capture has begun: wait until its time is known"
            raise RuntimeError(msg)
        return self._now

    async def known(self) -> None:
        """Wait until a capture has begun."""
        await self._known.wait()

    def move(self, now: Now) -> None:
        """A line was read; an older one of the same capture moves nothing."""
        if self._now is None or self._now.boot_id != now.boot_id or now.mono_s > self._now.mono_s:
            self._now = now
        self._known.set()


class CaptureReading:
    """One capture being read line by line: lines to inputs, each line's last input carrying its position."""

    def __init__(self, header: CaptureHeader, folder: Path, surroundings: Surroundings, time: CaptureTime) -> None:
        self._folder = folder
        self._surroundings = surroundings
        self._time = time
        self._lines = CaptureLines(header, self._load)
        self.origin = self._lines.boot_id
        last = surroundings.last
        if last is not None and last.boot_id == self.origin:
            self._lines.resume(last)
        time.move(self._lines.now)

    def sensed(self, text: str, position: int, later_s: float = 0.0) -> Iterator[Sensed]:
        """The inputs of the line at `position` (1 = the first after the header), moved by `later_s`.

        Raises:
            CaptureError: it cannot be read.
        """
        try:
            inputs, now = self._lines.read(text, position + 1, later_s)
        except DocumentRefused as refused:
            condition = replace(refused.condition(PART), code=f"document_{refused.code}")
            self._surroundings.health.report(condition)
            inputs, now = (), self._lines.now
        self._time.move(now)
        for each in inputs[:-1]:
            yield Sensed(each, now)
        yield Sensed(inputs[-1] if inputs else None, now, (self.origin, position))

    def _load(self, file: DocumentFile) -> DocumentReady:
        document = self._surroundings.document(self._folder / file.path, file.name)
        if document.digest != file.digest:
            problem = f"its digest is {document.digest}, the capture names {file.digest}"
            raise DocumentRefused("wrong_digest", problem, "Put the file there that was recorded", document=file.name)
        return document
