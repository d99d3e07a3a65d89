"""Where each event stream stands, kept up to date commit by commit so that nobody has to count."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import aiosqlite

from gateway.storage.connection import read_rows
from gateway.storage.pace import Pace
from gateway.storage.records import decode_pace, encode_pace

StreamKey = tuple[str, str]
"""An incarnation and the name of one of its streams."""

SAVE_TALLY = """INSERT INTO streams (incarnation, name, next_sequence, acked, events, bytes, pace)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (incarnation, name) DO UPDATE SET next_sequence = excluded.next_sequence,
    acked = excluded.acked, events = excluded.events, bytes = excluded.bytes, pace = excluded.pace"""
_TALLIES = "SELECT incarnation, name, next_sequence, acked, events, bytes, pace FROM streams"


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


def tally_rows(tallies: Mapping[StreamKey, Tally]) -> Iterable[tuple[Any, ...]]:
    """Rows to save."""
    for key, each in tallies.items():
        pace = None if each.pace is None else encode_pace(each.pace)
        yield *key, each.next_sequence, each.acked, each.events, each.bytes, pace


def open_tally(row: tuple[Any, ...]) -> tuple[StreamKey, Tally]:
    """The stream and the tally of a row.

    Raises:
        Corrupted: its pace is not as it was written.
    """
    incarnation, name, next_sequence, acked, events, size, pace = row
    paced = None if pace is None else decode_pace(pace)
    return (incarnation, name), Tally(next_sequence, acked, events, size, paced)


async def read_tallies(connection: aiosqlite.Connection) -> dict[StreamKey, Tally]:
    """Every stream that ever carried something, of every incarnation that is remembered."""
    return dict(map(open_tally, await read_rows(connection, _TALLIES)))
