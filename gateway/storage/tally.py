"""Where each event stream stands, kept up to date commit by commit so that nobody has to count."""

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Any, Final

import aiosqlite

from gateway.storage.connection import read_rows
from gateway.storage.pace import Pace
from gateway.storage.stream_ref import StreamRef

_READ: Final = """SELECT number, incarnation, name, next_sequence, acked, events, bytes,
    hour, hour_events, hour_bytes, before_events, before_bytes FROM streams JOIN tallies ON stream = number"""
READ_STREAMS: Final = "SELECT number, incarnation, name FROM streams"
READ_TALLIES: Final = "SELECT * FROM tallies"
ADD_STREAM: Final = "INSERT OR IGNORE INTO streams (number, incarnation, name) VALUES (?, ?, ?)"
SAVE_TALLY: Final = "INSERT OR REPLACE INTO tallies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
FORGET_STREAM: Final = ("DELETE FROM streams WHERE number = ?", "DELETE FROM tallies WHERE stream = ?")
_NO_PACE: Final = (None, None, None, None, None)


@dataclass(frozen=True, slots=True)
class Tally:
    """One stream: the next sequence to be given, the last that head office has (0: none), and what is in the outbox.

    `events` and `bytes` count whole runs, so that they include the acknowledged part of the first; `pace` is None for
    a stream that never carried anything.
    """

    next_sequence: int = 1
    acked: int = 0
    events: int = 0
    bytes: int = 0
    pace: Pace | None = None


def tally_rows(tallies: Mapping[StreamRef, Tally]) -> Iterator[tuple[int | None, ...]]:
    """Rows to save."""
    for ref, each in tallies.items():
        pace = _NO_PACE if each.pace is None else astuple(each.pace)
        yield ref.number, each.next_sequence, each.acked, each.events, each.bytes, *pace


def open_tally(row: tuple[Any, ...]) -> tuple[int, Tally]:
    """The number and the tally of a stream."""
    number, next_sequence, acked, events, size, *pace = row
    return number, Tally(next_sequence, acked, events, size, None if pace[0] is None else Pace(*pace))


async def read_tallies(connection: aiosqlite.Connection) -> dict[StreamRef, Tally]:
    """Every stream that ever carried something, of every incarnation that is remembered."""
    rows = await read_rows(connection, _READ)
    return {
        StreamRef(incarnation, name, number): open_tally((number, *row))[1] for number, incarnation, name, *row in rows
    }
