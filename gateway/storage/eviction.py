"""Eviction: what is given up is replaced by one event that says so.

Head office must be able to tell "given up" from "lost", so the events `first`..`last` are replaced by one subject-free
`event.dropped` that stands at sequence `last` and covers the whole range: whoever had everything before `first` has,
with it, everything up to `last`. `first` is the sequence after what stands before in the outbox, or after the last one
acked, so a range that was dropped before, for whatever reason, is covered by the new one, and events that are on their
way are covered too: the event says "do not wait for these", not "these never arrived".
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

import aiosqlite

from gateway.model.event import Event
from gateway.storage.runs import ADD_RUN, ROW_BYTES, run_rows
from gateway.storage.sealing import Sealer
from gateway.storage.stream_ref import StreamKey, StreamRef

DropReason = Literal["evicted", "expired", "damaged", "erased", "withdrawn"]

RUNS_AT_ONCE: Final = 2000
"""Bound on the rows that one eviction takes, so that the log it writes fits the reserve."""

_OLDEST: Final = "SELECT last, events FROM outbox WHERE stream = ? ORDER BY last LIMIT ?"
_OLDER: Final = """SELECT max(last) FROM (SELECT last, recorded_ms FROM outbox WHERE stream = ?
    ORDER BY last LIMIT ?) WHERE recorded_ms < ?"""
_BEFORE: Final = "SELECT max(last) FROM outbox WHERE stream = ? AND last < ?"
_TAKE: Final = """DELETE FROM outbox WHERE stream = ? AND last BETWEEN ? AND ?
    RETURNING last, events, length(body), recorded_ms"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What left the outbox on balance: `events` and `bytes` of rows; `lost` are events that no row stands for any more.

    `last` is the sequence of the last of them (0: there was nothing).
    """

    events: int = 0
    bytes: int = 0
    lost: int = 0
    last: int = 0


async def take(connection: aiosqlite.Connection, ref: StreamRef, until: int) -> Taken:
    """Delete the runs of a stream up to sequence `until`, within the caller's transaction."""
    rows = list(await connection.execute_fetchall(_TAKE, (ref.number, 0, until)))
    return Taken(sum(row[1] for row in rows), sum(row[2] + ROW_BYTES for row in rows))


async def replace_runs(
    connection: aiosqlite.Connection,
    ref: StreamRef,
    runs: tuple[int, int],
    reason: DropReason,
    *,
    acked: int,
    now_utc_s: float,
    sealer: Sealer,
) -> Taken:
    """Replace the runs whose last sequence lies in `runs` (both included), within the caller's transaction."""
    rows = sorted(await connection.execute_fetchall(_TAKE, (ref.number, *runs)))
    if not rows:
        return Taken()
    ((before,),) = await connection.execute_fetchall(_BEFORE, (ref.number, rows[0][0]))
    first, last = max(before or 0, acked) + 1, rows[-1][0]
    dropped = stand_in(ref.key, first, last, reason, rows[-1][3] / 1000, now_utc_s, sealer)
    weight: Counter[StreamRef] = Counter()
    await connection.executemany(ADD_RUN, run_rows([(ref, [dropped])], sealer, weight))
    events = sum(row[1] for row in rows)
    dropped_before = rows[0][0] - rows[0][1] >= first
    size = sum(row[2] + ROW_BYTES for row in rows) - weight[ref]
    return Taken(events - 1, size, events - dropped_before, last)


async def oldest(connection: aiosqlite.Connection, ref: StreamRef, events: int) -> int:
    """The last sequence of the oldest runs that hold `events` together, or as many as may go at once; 0: too few."""
    held = reached = 0
    for last, size in await connection.execute_fetchall(_OLDEST, (ref.number, RUNS_AT_ONCE)):
        held, reached = held + size, last
        if held >= events:
            break
    return reached if held > 1 else 0


async def older(connection: aiosqlite.Connection, ref: StreamRef, before_utc_s: float) -> int:
    """The last sequence of the runs at the head of a stream that were recorded before then; 0: none was."""
    ((last,),) = await connection.execute_fetchall(_OLDER, (ref.number, RUNS_AT_ONCE, round(before_utc_s * 1000)))
    return last or 0


def stand_in(
    key: StreamKey, first: int, last: int, reason: DropReason, time_utc_s: float, now_utc_s: float, sealer: Sealer
) -> Event:
    """The `event.dropped` that covers `first` to `last`; `time_utc_s` is when the last of them was recorded.

    Its id is made under the device's key from what it says and when: head office, which may have some of the events
    already, must not take it for a repetition.
    """
    incarnation, stream = key
    return Event(
        id=_id(now_utc_s, sealer.lookup("event.dropped", incarnation, stream, str(first), str(last), reason)),
        incarnation=incarnation,
        stream=stream,
        sequence=last,
        type="event.dropped",
        subject=None,
        time_utc_s=round(time_utc_s, 3),
        recorded_utc_s=round(now_utc_s, 3),
        data={"first": f"{first:020d}", "last": f"{last:020d}", "reason": reason},
    )


def _id(utc_s: float, noise: bytes) -> str:
    """A UUIDv7 (RFC 9562 section 5.7)."""
    millisecond, bits = max(0, round(utc_s * 1000)) & (1 << 48) - 1, int.from_bytes(noise)
    return str(UUID(int=millisecond << 80 | 7 << 76 | (bits >> 62 & 0xFFF) << 64 | 0b10 << 62 | bits & (1 << 62) - 1))
