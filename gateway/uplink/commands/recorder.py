"""The recorder: a bounded capture of what the engine hears, written beside the loop."""

import asyncio
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from gateway.codecs.captures import header_line
from gateway.core.recording import Recording
from gateway.model.inputs import Input, Stopping
from gateway.model.time import Now, rfc3339
from gateway.runtime.files import make_directory, sync_directory
from gateway.uplink.commands.tape import Tape

FOLDER: Final = "captures"
"""Below the state directory."""
MOST_S: Final = 3_600.0
MOST_BYTES: Final = 32 << 20
KEPT: Final = 4
"""Captures that lie there, the one to come included; the oldest makes room."""
ROOM_LEFT: Final = 128 << 20
"""A recording leaves this much free on the disk for what the shop must not lose (bytes)."""
WRITTEN_EVERY_S: Final = 0.5
MOST_WAITING_BYTES: Final = 4 << 20
"""Lines that wait for a slow disk; more are left out and counted."""

Ending = Literal["time", "size", "room", "stopped"]


@dataclass(frozen=True, slots=True)
class Limits:
    """A recording ends after so long (seconds), or before it is larger than that (bytes)."""

    seconds: float
    max_bytes: int


def check_room(directory: Path) -> str | None:
    """Why there is no room to record, or None."""
    free = _free_bytes(directory)
    if free >= ROOM_LEFT:
        return None
    return f"{free >> 20} MiB are free on the disk, and a recording leaves {ROOM_LEFT >> 20} MiB. Free some."


class Recorder:
    """One recording. It is a draft until it ends, and lies whole under its name then."""

    def __init__(self, directory: Path, limits: Limits) -> None:
        self._folder = directory / FOLDER
        self._limits = limits
        self._lines: list[str] = []
        self._waiting_bytes = 0
        self._bytes = 0
        self._count = 0
        self._left_out = 0
        self._ended: Ending | None = None
        self._end = asyncio.Event()

    async def run(self, tape: Tape, began: Now) -> Mapping[str, object]:
        """Record until a limit is met; gives the file's name below the state directory and what is in it.

        Raises:
            OSError: the disk did not take it; nothing is left of it.
        """
        name = f"{rfc3339(began.utc_s).replace(':', '').replace('.', '')}.ndjson"
        draft = self._folder / f".{name}.draft"
        recording = Recording(tape.floorplan, secrets.token_bytes(32), began)
        self._take(header_line(round(began.utc_s, 3)))
        await asyncio.to_thread(_prepare, self._folder)
        try:
            with tape.overheard(lambda input, now: self._hear(recording, input, now)):
                await self._follow(draft)
            await asyncio.to_thread(_finish, draft, self._folder / name)
        finally:
            draft.unlink(missing_ok=True)
        facts = {"lines": self._count - 1, "bytes": self._bytes, "left_out": self._left_out, "ended": self._ended}
        return {"file": f"{FOLDER}/{name}", **facts}

    async def _follow(self, draft: Path) -> None:
        """Write what comes, every so often, until the end."""
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + self._limits.seconds
        while self._ended is None:
            try:
                async with asyncio.timeout_at(min(ends_s, loop.time() + WRITTEN_EVERY_S)):
                    await self._end.wait()
            except TimeoutError:
                if loop.time() >= ends_s:
                    self._stop("time")
            lines, self._lines, self._waiting_bytes = self._lines, [], 0
            free = await asyncio.to_thread(_append, draft, "".join(lines))
            if free < ROOM_LEFT:
                self._stop("room")

    def _hear(self, recording: Recording, input: Input, now: Now) -> None:
        if self._ended is not None:
            return
        if isinstance(input, Stopping):
            self._stop("stopped")
            return
        line = recording.line(input, now)
        if line is None:
            self._left_out += 1
        else:
            self._take(line)

    def _take(self, line: str) -> None:
        size = len(line.encode()) + 1
        if self._bytes + size > self._limits.max_bytes:
            self._stop("size")
        elif self._waiting_bytes + size > MOST_WAITING_BYTES:
            self._left_out += 1
        else:
            self._lines.append(line + "\n")
            self._waiting_bytes += size
            self._bytes += size
            self._count += 1

    def _stop(self, ended: Ending) -> None:
        self._ended = self._ended or ended
        self._end.set()


def _prepare(folder: Path) -> None:
    """Make the folder and room in it; a draft that a kill left goes too."""
    make_directory(folder)
    for draft in folder.glob(".*.draft"):
        draft.unlink()
    for old in sorted(folder.glob("*.ndjson"))[: -(KEPT - 1)]:
        old.unlink()


def _append(draft: Path, text: str) -> int:
    """Add to the draft (mode 0600); the bytes that are free on its disk."""
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return _free_bytes(draft.parent)


def _finish(draft: Path, path: Path) -> None:
    descriptor = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    draft.replace(path)
    sync_directory(path.parent)


def _free_bytes(directory: Path) -> int:
    disk = os.statvfs(directory)
    return disk.f_bavail * disk.f_frsize
