"""The store: the one writer's side of the database, where state and messages are committed together."""

import os
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from secrets import token_hex
from typing import Any

import aiosqlite
import structlog

from gateway.model.event import Event
from gateway.model.step import Record, Stream
from gateway.storage.batch import Batch, Restored
from gateway.storage.connection import check_secret, check_soundness, open_reader, open_writer, read_rows
from gateway.storage.eviction import evict_oldest
from gateway.storage.files import make_directory, sync_directory
from gateway.storage.folding import Folded, fold
from gateway.storage.lock import sole_writer
from gateway.storage.migrations import migrate
from gateway.storage.pace import HOUR_S, Pace
from gateway.storage.records import STORED_KINDS
from gateway.storage.refusals import Unreadable, refusal_of, refusal_of_open
from gateway.storage.reserve import Reserve
from gateway.storage.rows import decision_rows, event_rows, forgotten_keys, open_record, pace_rows, record_rows
from gateway.storage.sealing import DayKeyGone, Sealer
from gateway.storage.secret import DATABASE_FILE
from gateway.storage.standing import read_paces

_log = structlog.get_logger(__name__)

POSITIONS_KEPT = 1000
"""Sources whose position is remembered; the one begun longest ago is forgotten first."""

DECISIONS_KEPT = 200_000
"""Decisions in the ledger (about 100 MB); the oldest is forgotten first. Caps count with exposures, not with these."""

_LOAD_RECORDS = "SELECT kind, key, day, body FROM records"
_SAVE_RECORD = """INSERT INTO records (kind, key, day, body) VALUES (?, ?, ?, ?)
    ON CONFLICT (kind, key) DO UPDATE SET day = excluded.day, body = excluded.body"""
_FORGET_RECORD = "DELETE FROM records WHERE kind = ? AND key = ?"
_ADD_EVENT = "INSERT INTO outbox (incarnation, stream, sequence, day, recorded_ms, body) VALUES (?, ?, ?, ?, ?, ?)"
_DELETE_ACKED = "DELETE FROM outbox WHERE incarnation = ? AND stream = ? AND sequence <= ?"
_ADD_DECISION = "INSERT INTO decisions (subject, campaign, at_ms, day, body) VALUES (?, ?, ?, ?, ?)"
_FORGET_OLD_DECISIONS = "DELETE FROM decisions WHERE ordinal <= (SELECT max(ordinal) FROM decisions) - ?"
_SAVE_POSITION = (
    "INSERT INTO positions (origin, line) VALUES (?, ?) ON CONFLICT (origin) DO UPDATE SET line = excluded.line"
)
_FORGET_OLD_POSITIONS = "DELETE FROM positions WHERE ordinal <= (SELECT max(ordinal) FROM positions) - ?"
_ADD_DAY_KEY = "INSERT OR IGNORE INTO day_keys (day, wrapped) VALUES (?, ?)"


@dataclass(frozen=True, slots=True)
class StateOptions:
    """Where the gateway keeps what must survive a restart."""

    directory: Path = Path("/var/lib/proximity-gateway")
    """The gateway's own directory (mode 0700): database, device secret, kept documents."""


class Store:
    """The writer's side: `load` once, then `commit` batch after batch. One caller at a time."""

    def __init__(
        self,
        connection: aiosqlite.Connection,
        sealer: Sealer,
        incarnation: str,
        paces: dict[str, Pace],
        reserve: Reserve,
        clock: Callable[[], float],
        decisions_kept: int = DECISIONS_KEPT,
    ) -> None:
        self.incarnation = incarnation
        """This life of the event streams: 16 random hex digits, made with the database."""
        self._connection = connection
        self._sealer = sealer
        self._reserve = reserve
        self._clock = clock
        self._decisions_kept = decisions_kept
        self._paces = paces
        self._acked: dict[str, int] = {}

    async def load(self) -> Restored:
        """All that the last commit left; what was sealed on a day whose key is deleted is left out and logged.

        Raises:
            Corrupted: a row is not as it was written.
        """
        records: list[Record] = []
        unreadable = 0
        for row in await read_rows(self._connection, _LOAD_RECORDS):
            if row[0] not in STORED_KINDS:
                continue
            try:
                records.append(open_record(row, self._sealer))
            except DayKeyGone:
                unreadable += 1
        if unreadable:
            _log.warning("records_left_out", reason="day_key_deleted", records=unreadable)
        return Restored(records, dict(await read_rows(self._connection, "SELECT origin, line FROM positions")))

    async def commit(self, batch: Batch) -> None:
        """Write a batch in one transaction; on the disk when this returns.

        A saved `Stream` whose `acked` rose takes the events that head office has out of the outbox. Cancelled
        midway, the batch is there whole or not at all.

        Raises:
            StorageUnavailable: the disk did not take it; nothing of it was kept, and it may be tried again.
            Corrupted: the database is damaged, or a sequence was given twice.
        """
        folded = fold(batch.changes)
        acked = self._newly_acked(folded)
        weight: Counter[str] = Counter()
        async with self._transaction():
            await self._many(_ADD_EVENT, event_rows(batch.events, self._sealer, weight), bool(batch.events))
            paces = self._paces_after(batch.events, weight)
            rows = chain(record_rows(folded, self._sealer), pace_rows(paces))
            await self._many(_SAVE_RECORD, rows, bool(folded or paces))
            forgotten = list(forgotten_keys(folded, self._sealer))
            await self._many(_FORGET_RECORD, forgotten, bool(forgotten))
            await self._many(_ADD_DECISION, decision_rows(batch.decisions, self._sealer), bool(batch.decisions))
            await self._many(_FORGET_OLD_DECISIONS, [(self._decisions_kept,)], bool(batch.decisions))
            await self._many(_SAVE_POSITION, batch.positions.items(), bool(batch.positions))
            await self._many(_DELETE_ACKED, [(self.incarnation, *stream) for stream in acked.items()], bool(acked))
        self._acked |= acked
        self._paces |= paces

    async def evict_telemetry(self) -> int:
        """Make room on a full disk: give the older half of the telemetry up, and no other class.

        Returns how many rows were freed (0: there was nothing to give up); `eviction` says what stands in their place.

        Raises:
            StorageUnavailable: not even this could be written.
            Corrupted: the database is damaged.
        """
        self._reserve.release()
        async with self._transaction():
            evicted = await evict_oldest(self._connection, self.incarnation, "telemetry", self._sealer)
        with suppress(sqlite3.Error):
            await self._connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
        held = self._reserve.hold()
        if evicted:
            _log.warning("telemetry_evicted", rows=evicted, reserve_held=held)
        return evicted

    def _paces_after(self, events: tuple[Event, ...], weight: Counter[str]) -> dict[str, Pace]:
        """The pace of each stream that carried one of `events`, once they are written."""
        hour = int(self._clock() // HOUR_S)
        counts = Counter(event.stream for event in events)
        paces = {name: self._paces.get(name, Pace(hour)) for name in counts}
        return {name: pace.plus(hour, counts[name], weight[name]) for name, pace in paces.items()}

    def _newly_acked(self, folded: Folded) -> dict[str, int]:
        streams = [record for record in folded.values() if isinstance(record, Stream)]
        return {stream.name: stream.acked for stream in streams if stream.acked > self._acked.get(stream.name, 0)}

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[None]:
        """What is written inside, with the keys it was sealed under, is kept whole or not at all.

        The first write begins it (`BEGIN IMMEDIATE`), as `open_writer` tells the connection.
        """
        try:
            if self._connection.in_transaction:
                await self._connection.rollback()
            yield
            fresh = self._sealer.fresh()
            await self._many(_ADD_DAY_KEY, fresh, bool(fresh))
            await self._connection.commit()
        except BaseException as error:
            with suppress(sqlite3.Error):
                await self._connection.rollback()
            if isinstance(error, sqlite3.Error):
                raise refusal_of(error) from error
            raise
        self._sealer.kept()

    async def _many(self, statement: str, rows: Iterable[Iterable[Any]], needed: bool = True) -> None:
        if needed:
            await self._connection.executemany(statement, rows)


@asynccontextmanager
async def open_store(
    directory: Path, secret: bytes, *, clock: Callable[[], float] = time.time, decisions_kept: int = DECISIONS_KEPT
) -> AsyncIterator[Store]:
    """The store in `directory`, made at the first start, brought to this code's schema otherwise.

    `clock` (seconds since 1970) only dates how fast the outbox grows; the ledger keeps `decisions_kept`.

    Raises:
        Unreadable: damaged, not permitted, not a gateway's, or another gateway runs on it; nothing was changed.
        SchemaTooNew: it needs newer code; nothing was changed.
        SecretRefused: it is sealed with another secret; nothing was changed.
    """
    path = directory / DATABASE_FILE
    sealer = Sealer(secret)
    _make_room_for(directory)
    with sole_writer(directory):
        if _create(path):
            await _inspect(directory, sealer)
        async with open_writer(path) as connection:
            incarnation = await _prepare(connection, path, sealer)
            reserve = Reserve(directory / "reserve")
            reserve.hold()
            yield Store(connection, sealer, incarnation, await read_paces(connection), reserve, clock, decisions_kept)


async def _inspect(directory: Path, sealer: Sealer) -> None:
    """Refuse what cannot be used while it is only being read."""
    path = directory / DATABASE_FILE
    async with open_reader(directory) as connection:
        await check_soundness(connection, path)
        await check_secret(connection, directory, sealer)


async def _prepare(connection: aiosqlite.Connection, path: Path, sealer: Sealer) -> str:
    """Bring the schema up, show the sealer its keys; the incarnation."""
    born = [("proof", sealer.proof), ("incarnation", token_hex(8))]
    try:
        await migrate(connection, path)
        await connection.executemany("INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)", born)
        await connection.execute(_FORGET_OLD_POSITIONS, (POSITIONS_KEPT,))
        await connection.commit()
    except sqlite3.Error as error:
        raise refusal_of_open(path, error) from error
    sealer.learn(dict(await read_rows(connection, "SELECT day, wrapped FROM day_keys")))
    ((incarnation,),) = await read_rows(connection, "SELECT value FROM meta WHERE name = 'incarnation'")
    return str(incarnation)


def _make_room_for(directory: Path) -> None:
    try:
        make_directory(directory)
    except OSError as error:
        hint = "name a state directory in [state] of the settings that the gateway's user may write"
        raise Unreadable(directory, f"cannot be made ({error.strerror})", hint) from error


def _create(path: Path) -> bool:
    """Make the database's file, open to its owner alone; True if something was there already."""
    try:
        if path.exists() and path.stat().st_size:
            return True
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        sync_directory(path.parent)
    except OSError as error:
        raise Unreadable(
            path, f"cannot be made ({error.strerror})", "give its directory to the gateway's user"
        ) from error
    return False
