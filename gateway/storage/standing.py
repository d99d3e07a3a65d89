"""Where each event stream stands: how much waits, since when, and how fast it grows. Needs no secret."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import aiosqlite

from gateway.model.event import STREAMS
from gateway.model.step import Stream
from gateway.storage.connection import read_rows
from gateway.storage.pace import Pace
from gateway.storage.records import decode_record
from gateway.storage.rows import PACE_KIND, ROW_BYTES, open_pace

_DEPTHS: Final = """SELECT stream, count(*), min(recorded_ms), sum(length(body) + ?) FROM outbox
    WHERE incarnation = ? GROUP BY stream"""


@dataclass(frozen=True, slots=True)
class StreamStanding:
    """One stream: `depth` rows of `bytes` in all wait, the oldest recorded at `oldest_utc_s` (None: nothing waits).

    `next_sequence` is the next to be given, `acked` the last that head office has (0: none); `pace` is None for a
    stream that never carried anything.
    """

    incarnation: str
    stream: str
    depth: int
    oldest_utc_s: float | None
    next_sequence: int
    acked: int
    bytes: int
    pace: Pace | None = None

    def hours_left(self, room_bytes: int, now_utc_s: float) -> float | None:
        """Hours until `room_bytes` are used if this stream goes on as in the last 60 minutes and nothing is acked.

        `room_bytes / bytes written in the last 60 minutes`; None where nothing was written.
        """
        an_hour = self.pace.bytes_an_hour(now_utc_s) if self.pace else 0.0
        return room_bytes / an_hour if an_hour > 0 else None


async def read_standing(connection: aiosqlite.Connection) -> list[StreamStanding]:
    """Every stream of the current incarnation, empty ones too, in falling priority."""
    ((incarnation,),) = await read_rows(connection, "SELECT value FROM meta WHERE name = 'incarnation'")
    depths = _by_stream(await read_rows(connection, _DEPTHS, (ROW_BYTES, incarnation)))
    paces = await read_paces(connection)
    bodies = await read_rows(connection, "SELECT body FROM records WHERE kind = 'stream'")
    streams = {stream.name: stream for stream in (cast("Stream", decode_record("stream", body)) for (body,) in bodies)}
    return [
        _standing(incarnation, streams.get(name, Stream(name)), depths.get(name, (0, None, 0)), paces.get(name))
        for name in STREAMS
    ]


async def read_paces(connection: aiosqlite.Connection) -> dict[str, Pace]:
    """How fast each stream grows that ever carried anything, by name."""
    rows = await read_rows(connection, "SELECT key, body FROM records WHERE kind = ?", (PACE_KIND,))
    return dict(open_pace(key, body) for key, body in rows)


async def read_room(connection: aiosqlite.Connection, directory: Path) -> int:
    """Bytes that events can still take: free on the disk for this user, and free inside the database's file."""
    disk = os.statvfs(directory)
    ((free_pages,),) = await read_rows(connection, "PRAGMA freelist_count")
    ((page_bytes,),) = await read_rows(connection, "PRAGMA page_size")
    return int(disk.f_bavail * disk.f_frsize + free_pages * page_bytes)


def _standing(incarnation: str, stream: Stream, depth: tuple[Any, ...], pace: Pace | None) -> StreamStanding:
    rows, oldest_ms, size = depth
    return StreamStanding(
        incarnation=incarnation,
        stream=stream.name,
        depth=rows,
        oldest_utc_s=None if oldest_ms is None else oldest_ms / 1000,
        next_sequence=stream.next_sequence,
        acked=stream.acked,
        bytes=size,
        pace=pace,
    )


def _by_stream(rows: Any) -> dict[str, tuple[Any, ...]]:
    return {name: tuple(rest) for name, *rest in rows}
