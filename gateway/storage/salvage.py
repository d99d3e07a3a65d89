"""Salvage: a new database with what can be read of a damaged one.

What it holds begins a new incarnation, for nobody can say which sequences of the old one were given and lost. The old
one's events go on under their own streams, each gap filled by an `event.dropped` (`damaged`).
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any, Final, TypeVar

import aiosqlite
import structlog

from gateway.model.step import key_of, kind_of
from gateway.storage.connection import open_writer
from gateway.storage.eviction import stand_in
from gateway.storage.folding import Folded
from gateway.storage.journal import SAVE_RECORD, replay
from gateway.storage.migrations import migrate
from gateway.storage.records import STORED_KINDS
from gateway.storage.refusals import Corrupted, Damaged, Unreadable
from gateway.storage.restored import READ_RECORDS
from gateway.storage.rows import open_decision, open_record, record_rows
from gateway.storage.runs import ADD_RUN, ROW_BYTES, Run, RunRow, open_run, run_rows
from gateway.storage.sealing import DayKeyGone, Sealer
from gateway.storage.stream_ref import StreamRef
from gateway.storage.stretches import Stretches
from gateway.storage.swap import Swap
from gateway.storage.tally import ADD_STREAM, READ_STREAMS, READ_TALLIES, SAVE_TALLY, Tally, open_tally, tally_rows
from gateway.storage.wreck import Wreck, open_wreck

_LAST_CHANGES: Final = "SELECT max(ordinal) FROM journal"
_LAST_DECISION: Final = "SELECT max(ordinal) FROM decisions"
_JOURNAL: Final = "SELECT ordinal, day, body FROM journal WHERE ordinal BETWEEN ? AND ? ORDER BY ordinal LIMIT ?"
_LAST_RUN: Final = "SELECT max(ordinal) FROM outbox"
_RUNS: Final = """SELECT ordinal, stream, last, events, day, recorded_ms, body FROM outbox NOT INDEXED
    WHERE ordinal BETWEEN ? AND ? ORDER BY ordinal LIMIT ?"""
_DECISIONS: Final = """SELECT ordinal, subject, campaign, at_ms, day, body FROM decisions NOT INDEXED
    WHERE ordinal BETWEEN ? AND ? ORDER BY ordinal LIMIT ?"""

_KEEP_DECISION: Final = """INSERT INTO decisions (ordinal, subject, campaign, at_ms, day, body)
    VALUES (?, ?, ?, ?, ?, ?)"""

T = TypeVar("T")

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Found:
    """What was carried over, and how many events are known to be lost."""

    records: int = 0
    events: int = 0
    lost: int = 0


async def salvage(directory: Path, secret: bytes, damaged: Damaged, now_utc_s: float) -> None:
    """Put a new database in the damaged one's place, which is set aside; logs what was saved.

    Raises:
        Unreadable: the disk does not take the new one; the damaged one is where it was.
    """
    _log.error("database_damaged", verdict=damaged.verdict)
    swap = Swap(directory, now_utc_s)
    swap.clear()
    try:
        async with open_wreck(damaged.path) as wreck, open_writer(swap.draft) as connection:
            await migrate(connection, swap.draft)
            found = await _Salvage(wreck, connection, Sealer(secret), now_utc_s).run(await _usable_keys(wreck, secret))
    except (sqlite3.Error, OSError) as error:
        hint = "free room on the disk that holds the state directory, or replace the card"
        raise Unreadable(damaged.path, f"is damaged, and what can be read cannot be saved ({error})", hint) from error
    swap.commit()
    _log.warning(
        "database_set_aside", kept_as=swap.aside.name, records=found.records, events=found.events, lost=found.lost
    )


@dataclass(slots=True)
class _Stream:
    """A stream of the damaged database: which of its sequences are carried over, in how many events and bytes."""

    ref: StreamRef
    held: Stretches = field(default_factory=Stretches)
    events: int = 0
    bytes: int = 0


class _Salvage:
    def __init__(self, wreck: Wreck, connection: aiosqlite.Connection, sealer: Sealer, now_utc_s: float) -> None:
        self._wreck = wreck
        self._connection = connection
        self._sealer = sealer
        self._now_utc_s = now_utc_s
        self._found = Found()

    async def run(self, day_keys: dict[int, bytes]) -> Found:
        self._sealer.learn(day_keys)
        await self._records()
        await self._streams()
        await self._decisions()
        positions = await self._wreck.rows("SELECT ordinal, origin, line FROM positions", "ordinal")
        await self._connection.executemany("INSERT INTO positions (ordinal, origin, line) VALUES (?, ?, ?)", positions)
        await self._meta()
        keys = {**day_keys, **dict(self._sealer.fresh())}
        await self._connection.executemany("INSERT INTO day_keys (day, wrapped) VALUES (?, ?)", keys.items())
        await self._connection.commit()
        return self._found

    async def _records(self) -> None:
        kept: Folded = {}
        for row in await self._wreck.rows(READ_RECORDS, "kind, key"):
            record = self._opened(open_record, row) if row[0] in STORED_KINDS else None
            if record is not None:
                kept[kind_of(record), key_of(record)] = record
        async for rows in self._wreck.between(_JOURNAL, 0, await self._wreck.highest(_LAST_CHANGES)):
            for row in rows:
                kept |= self._opened(lambda row, sealer: replay([row], sealer), row) or {}
        kept = {place: record for place, record in kept.items() if record is not None}
        await self._connection.executemany(SAVE_RECORD, record_rows(kept, self._sealer))
        self._found.records = len(kept)

    async def _streams(self) -> None:
        tallies = dict(map(open_tally, await self._wreck.rows(READ_TALLIES, "stream")))
        streams = await self._wreck.rows(READ_STREAMS, "number")
        salvaged = {number: _Stream(StreamRef(incarnation, name, number)) for number, incarnation, name in streams}
        async for rows in self._wreck.between(_RUNS, 0, await self._wreck.highest(_LAST_RUN)):
            await self._connection.executemany(ADD_RUN, self._carried_over(rows, salvaged))
        for number, stream in salvaged.items():
            tally = await self._filled(stream, tallies.get(number))
            if tally.events:
                await self._connection.execute(ADD_STREAM, (number, *stream.ref.key))
                await self._connection.executemany(SAVE_TALLY, tally_rows({stream.ref: tally}))

    def _carried_over(self, rows: list[Any], streams: Mapping[int, "_Stream"]) -> list[RunRow]:
        """Those of some rows that open, each counted with its stream: whoever waits long has more than memory holds."""
        kept: list[RunRow] = []
        for _, number, *row in rows:
            stream = streams.get(number)
            run = None if stream is None else self._run(stream.ref, row)
            if stream is not None and run is not None and row[0] not in stream.held:
                stream.held.add(_first(run), row[0], row[3])
                stream.events += len(run)
                stream.bytes += len(row[4]) + ROW_BYTES
                kept.append((number, *row))
        self._found.events += sum(row[2] for row in kept)
        return kept

    async def _filled(self, stream: "_Stream", tally: Tally | None) -> Tally:
        """Fill a stream's gaps; where it stands then."""
        following = tally.acked + 1 if tally else min((first for first, _, _ in stream.held), default=1)
        acked, events, size = following - 1, stream.events, stream.bytes
        for first, last, recorded_ms in stream.held:
            if first > following:
                size += await self._fill(stream.ref, following, first - 1, recorded_ms / 1000)
                events += 1
            following = max(following, last + 1)
        if tally is not None and following < tally.next_sequence:
            size += await self._fill(stream.ref, following, tally.next_sequence - 1, self._now_utc_s)
            events, following = events + 1, tally.next_sequence
        return Tally(following, acked, events, size)

    async def _fill(self, ref: StreamRef, first: int, last: int, time_utc_s: float) -> int:
        """Put what says that `first` to `last` are lost in their place; its bytes."""
        dropped = stand_in(ref.key, first, last, "damaged", time_utc_s, self._now_utc_s, self._sealer)
        weight: Counter[StreamRef] = Counter()
        await self._connection.executemany(ADD_RUN, run_rows([(ref, [dropped])], self._sealer, weight))
        self._found.lost += last - first + 1
        return weight[ref]

    def _run(self, ref: StreamRef, row: Any) -> Run | None:
        last, events, day, _, body = row
        return self._opened(lambda _, sealer: open_run(ref.key, last, events, day, body, sealer), row)

    def _opened(self, open_row: Callable[[Any, Sealer], T], row: Any) -> T | None:
        try:
            return open_row(row, self._sealer)
        except (Corrupted, DayKeyGone):
            return None

    async def _decisions(self) -> None:
        async for rows in self._wreck.between(_DECISIONS, 0, await self._wreck.highest(_LAST_DECISION)):
            kept = [row for row in rows if self._opened(lambda row, sealer: open_decision(row[1:], sealer), row)]
            await self._connection.executemany(_KEEP_DECISION, kept)

    async def _meta(self) -> None:
        meta = dict(await self._wreck.rows("SELECT name, value FROM meta", "name"))
        incarnation, found = token_hex(8), self._found
        announcement = {
            "incarnation": incarnation,
            "previous": meta.get("incarnation"),
            "cause": "damaged",
            "records": found.records,
            "events": found.events,
            "lost": found.lost,
        }
        rows = {"proof": self._sealer.proof, "incarnation": incarnation, "announcement": json.dumps(announcement)}
        await self._connection.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", rows.items())


async def _usable_keys(wreck: Wreck, secret: bytes) -> dict[int, bytes]:
    """The day keys that open under the secret."""
    usable: dict[int, bytes] = {}
    for day, wrapped in await wreck.rows("SELECT day, wrapped FROM day_keys", "day"):
        sealer = Sealer(secret)
        sealer.learn({day: wrapped})
        with suppress(Corrupted):
            sealer.seal(day, b"", b"")
            usable[day] = wrapped
    return usable


def _first(run: Run) -> int:
    """The first sequence that a run answers for."""
    event = run[0]
    return int(str(event.data["first"])) if event.type == "event.dropped" else event.sequence
