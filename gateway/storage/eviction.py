"""Eviction: the oldest rows of a stream give way to one that says so.

Head office must be able to tell "given up" from "lost", so the rows `first`..`last` are replaced by one subject-free
`event.dropped` that stands at sequence `last` and covers the whole range: whoever had everything before `first` has,
with it, everything up to `last`. `first` is the sequence after the last one acked, so a range that was dropped
before, for whatever reason, is covered by the new one, and rows that are on their way are covered too: the event says
"do not wait for these", not "these never arrived".
"""

from collections import Counter
from dataclasses import replace
from typing import Final, cast
from uuid import UUID

import aiosqlite

from gateway.model.event import Event
from gateway.model.step import Stream
from gateway.storage.records import decode_record
from gateway.storage.rows import event_rows, open_event, record_key
from gateway.storage.sealing import Sealer

EVICTED_AT_ONCE: Final = 5000
"""Bound on one eviction's rows, so that the log it writes fits the reserve."""

_DEPTH = "SELECT count(*) FROM outbox WHERE incarnation = ? AND stream = ?"
_LAST = """SELECT sequence, day, body FROM outbox WHERE incarnation = ? AND stream = ?
    ORDER BY sequence LIMIT 1 OFFSET ?"""
_DELETE = "DELETE FROM outbox WHERE incarnation = ? AND stream = ? AND sequence <= ?"
_ADD = "INSERT INTO outbox (incarnation, stream, sequence, day, recorded_ms, body) VALUES (?, ?, ?, ?, ?, ?)"


async def evict_oldest(connection: aiosqlite.Connection, incarnation: str, stream: str, sealer: Sealer) -> int:
    """Replace the older half of a stream's rows, within the caller's transaction; how many rows were freed."""
    ((depth,),) = await connection.execute_fetchall(_DEPTH, (incarnation, stream))
    if depth < 2:
        return 0
    taken = min(max(2, depth // 2), EVICTED_AT_ONCE)
    ((last, day, body),) = await connection.execute_fetchall(_LAST, (incarnation, stream, taken - 1))
    newest = open_event(incarnation, stream, last, day, body, sealer)
    dropped = stand_in(newest, await _acked(connection, stream, sealer) + 1, "evicted", sealer)
    await connection.execute(_DELETE, (incarnation, stream, last))
    await connection.executemany(_ADD, event_rows([dropped], sealer, Counter()))
    return int(taken) - 1


def stand_in(event: Event, first: int, reason: str, sealer: Sealer) -> Event:
    """The `event.dropped` that takes the place of `event` and of all before it from sequence `first` on.

    Its id is another than the event's, made from it under the device's key: head office, which may have the event
    already, must not take the stand-in for a repetition.
    """
    return replace(
        event,
        id=_other_id(event.id, sealer),
        type="event.dropped",
        subject=None,
        data={"first": f"{first:020d}", "last": f"{event.sequence:020d}", "reason": reason},
    )


def _other_id(event_id: str, sealer: Sealer) -> str:
    """A UUIDv7 (RFC 9562 section 5.7) of the same millisecond."""
    millisecond = UUID(event_id).int >> 80
    noise = int.from_bytes(sealer.lookup("event.dropped", event_id))
    return str(UUID(int=millisecond << 80 | 7 << 76 | (noise >> 62 & 0xFFF) << 64 | 0b10 << 62 | noise & (1 << 62) - 1))


async def _acked(connection: aiosqlite.Connection, stream: str, sealer: Sealer) -> int:
    rows = await connection.execute_fetchall(
        "SELECT body FROM records WHERE kind = 'stream' AND key = ?", (record_key("stream", (stream,), sealer),)
    )
    return max((cast("Stream", decode_record("stream", body)).acked for (body,) in rows), default=0)
