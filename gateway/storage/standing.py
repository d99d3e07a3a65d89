"""Where each event stream stands: how much waits, since when, and how fast it grows. Needs no secret."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Final

import aiosqlite

from gateway.model.event import STREAMS
from gateway.storage.connection import read_rows
from gateway.storage.pace import Pace
from gateway.storage.stream_ref import StreamRef
from gateway.storage.tally import Tally, read_tallies

_OLDEST: Final = "SELECT last, events, recorded_ms FROM outbox WHERE stream = ? ORDER BY last LIMIT 1"


@dataclass(frozen=True, slots=True)
class StreamStanding:
    """One stream: `depth` events of `bytes` in all wait, the oldest recorded at `oldest_utc_s` (None: nothing waits).

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

    def bytes_needed(self, hours: float, now_utc_s: float) -> int:
        """Room for what waits and for `hours` more, if this stream goes on as in the last 60 minutes unacknowledged."""
        an_hour = self.pace.bytes_an_hour(now_utc_s) if self.pace else 0.0
        return self.bytes + ceil(an_hour * hours)


async def read_standing(connection: aiosqlite.Connection) -> list[StreamStanding]:
    """Every stream of the current incarnation in falling priority, then those of earlier ones that have something left.

    Costs a few look-ups, however much waits.
    """
    ((current,),) = await read_rows(connection, "SELECT value FROM meta WHERE name = 'incarnation'")
    tallies = await read_tallies(connection)
    own = {ref.name: ref for ref in tallies if ref.incarnation == current}
    earlier = [ref for ref in tallies if ref.incarnation != current]
    refs = [own.get(name, StreamRef(current, name, 0)) for name in STREAMS]
    refs += sorted(earlier, key=lambda ref: (ref.incarnation, _priority(ref.name)))
    return [await _standing(connection, ref, tallies.get(ref, Tally())) for ref in refs]


def by_class(standings: Iterable[StreamStanding]) -> list[StreamStanding]:
    """The current incarnation's streams, with what earlier ones have left added to the same class's."""
    classes: dict[str, StreamStanding] = {}
    for each in standings:
        first = classes.setdefault(each.stream, each)
        if first is not each:
            known = [when for when in (first.oldest_utc_s, each.oldest_utc_s) if when is not None]
            depth, size = first.depth + each.depth, first.bytes + each.bytes
            classes[each.stream] = replace(first, depth=depth, bytes=size, oldest_utc_s=min(known, default=None))
    return list(classes.values())


async def read_room(connection: aiosqlite.Connection, directory: Path) -> int:
    """Bytes that events can still take: free on the disk for this user, and free inside the database's file."""
    disk = os.statvfs(directory)
    ((free_pages,),) = await read_rows(connection, "PRAGMA freelist_count")
    ((page_bytes,),) = await read_rows(connection, "PRAGMA page_size")
    return int(disk.f_bavail * disk.f_frsize + free_pages * page_bytes)


async def _standing(connection: aiosqlite.Connection, ref: StreamRef, tally: Tally) -> StreamStanding:
    acked_in_run, oldest_utc_s = 0, None
    for last, events, recorded_ms in await read_rows(connection, _OLDEST, (ref.number,)) if tally.events else ():
        acked_in_run, oldest_utc_s = max(0, tally.acked - (last - events)), recorded_ms / 1000
    return StreamStanding(
        *ref.key,
        depth=tally.events - acked_in_run,
        oldest_utc_s=oldest_utc_s,
        next_sequence=tally.next_sequence,
        acked=tally.acked,
        bytes=tally.bytes,
        pace=tally.pace,
    )


def _priority(stream: str) -> int:
    return STREAMS.index(stream) if stream in STREAMS else len(STREAMS)
