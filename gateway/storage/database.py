"""The store: the one writer's side of the database, where state and messages are committed together."""

import json
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any, cast

import aiosqlite
import structlog

from gateway.core.purposes import rests_on
from gateway.model.event import Event
from gateway.model.health import Condition
from gateway.model.step import Purge, Stream, Withdraw
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.files import make_directory, sync_directory
from gateway.storage.batch import Batch, Restored
from gateway.storage.bounds import OutboxOptions
from gateway.storage.connection import check_secret, check_soundness, open_reader, open_writer, read_rows
from gateway.storage.erasure import ErasedRows, Erasures, Taking, forget_decided
from gateway.storage.folding import fold
from gateway.storage.journal import Journal, read_journal
from gateway.storage.lock import sole_writer
from gateway.storage.migrations import migrate
from gateway.storage.outgoing import Outgoing
from gateway.storage.refusals import Corrupted, Damaged, Unreadable, hint_to_write, refusal_of, refusal_of_open
from gateway.storage.renewal import renew_if_asked
from gateway.storage.restored import read_records
from gateway.storage.retention import LedgerOptions, forget_decisions, unneeded_days
from gateway.storage.room import Room
from gateway.storage.rows import decision_rows
from gateway.storage.salvage import salvage
from gateway.storage.sealing import DAY_S, Sealer, day_of
from gateway.storage.secret import DATABASE_FILE
from gateway.storage.suspicion import suspected
from gateway.storage.swap import finish_swap
from gateway.storage.tally import read_tallies

ANNOUNCEMENT = "incarnation.started"
"""The event whose commit shows that the announcement is on its way."""

_log = structlog.get_logger(__name__)

POSITIONS_KEPT = 1000
"""Sources whose position is remembered; the one begun longest ago is forgotten first."""

_ADD_DECISION = "INSERT INTO decisions (subject, campaign, at_ms, day, body) VALUES (?, ?, ?, ?, ?)"
_FORGET_OLD_DECISIONS = "DELETE FROM decisions WHERE ordinal <= (SELECT max(ordinal) FROM decisions) - ?"
_SAVE_POSITION = (
    "INSERT INTO positions (origin, line) VALUES (?, ?) ON CONFLICT (origin) DO UPDATE SET line = excluded.line"
)
_FORGET_OLD_POSITIONS = "DELETE FROM positions WHERE ordinal <= (SELECT max(ordinal) FROM positions) - ?"
_FORGET_ANNOUNCEMENT = "DELETE FROM meta WHERE name = 'announcement'"
_FORGET_DAY = (
    "DELETE FROM decisions WHERE day = ?",
    "DELETE FROM records WHERE day = ?",
    "DELETE FROM day_keys WHERE day = ?",
)
_ADD_DAY_KEY = "INSERT OR IGNORE INTO day_keys (day, wrapped) VALUES (?, ?)"


@dataclass(frozen=True, slots=True)
class StateOptions:
    """Where the gateway keeps what must survive a restart."""

    directory: Path = Path("/var/lib/proximity-gateway")
    """The gateway's own directory (mode 0700): database, device secret, kept documents."""


@dataclass(frozen=True, slots=True)
class Birth:
    """How an incarnation began: its name, and what head office must be told of it (None: nothing)."""

    incarnation: str
    announcement: Mapping[str, object] | None


class Store:
    """The writer's side: `load` once, then `commit` batch after batch. One caller at a time."""

    def __init__(
        self,
        connection: aiosqlite.Connection,
        sealer: Sealer,
        birth: Birth,
        outgoing: Outgoing,
        journal: Journal,
        room: Room,
        ledger: LedgerOptions,
        key_days: int,
        clock: Callable[[], float],
    ) -> None:
        """`open_store` makes it; a day's key is kept for `key_days` at least."""
        self.incarnation = birth.incarnation
        """This life of the event streams: 16 random hex digits, made with the database."""
        self.announcement = birth.announcement
        """What head office must be told of how this incarnation began, as `incarnation.started`; None: nothing."""
        self.erasures = Erasures()
        """What was searched for erasures to come, and what went with those that are done."""
        self._connection = connection
        self._sealer = sealer
        self._outgoing = outgoing
        self._journal = journal
        self._room = room
        self._ledger = ledger
        self._key_days = key_days
        self._clock = clock
        self._regained = False

    async def load(self) -> Restored:
        """All that the last commit left; what was sealed on a day whose key is deleted is left out and logged.

        Raises:
            Corrupted: a row is not as it was written.
        """
        records, unreadable = await read_records(self._connection, self._sealer)
        records |= self._journal.unfolded
        if unreadable:
            _log.warning("records_left_out", reason="day_key_deleted", records=unreadable)
        left = [record for record in records.values() if record is not None]
        positions = dict(await read_rows(self._connection, "SELECT origin, line FROM positions"))
        return Restored([*left, *self._outgoing.streams()], positions)

    async def commit(self, batch: Batch) -> None:
        """Write a batch in one transaction; on the disk when this returns.

        A saved `Stream` whose `acked` rose takes the events that head office has out of the outbox. Cancelled
        midway, the batch is there whole or not at all. A `Purge` takes what else is stored of its subject, up to and
        with this batch.

        Raises:
            StorageUnavailable: the disk did not take it; nothing of it was kept, and it may be tried again.
            Corrupted: the database is damaged, or a sequence was given twice.
        """
        folded = fold(batch.changes)
        streams = {key[0]: cast("Stream | None", folded[kind, key]) for kind, key in folded if kind == "stream"}
        records = {place: record for place, record in folded.items() if place[0] != "stream"}
        purged = {change.subject for change in batch.changes if isinstance(change, Purge)}
        announced = any(event.type == ANNOUNCEMENT for event in batch.events)
        async with self._transaction():
            await self._outgoing.add(batch.events, self._clock())
            await self._outgoing.follow(streams, batch.acks)
            if purged:
                await self._journal.fold(records)
            else:
                await self._journal.add(records, day_of(self._clock()))
            await self._many(_ADD_DECISION, decision_rows(batch.decisions, self._sealer), bool(batch.decisions))
            await self._many(_FORGET_OLD_DECISIONS, [(self._ledger.decisions,)], bool(batch.decisions))
            await self._many(_SAVE_POSITION, batch.positions.items(), bool(batch.positions))
            await self._many(_FORGET_ANNOUNCEMENT, [()], announced)
            gone = {each.subject: await self._withdraw(each) for each in batch.changes if isinstance(each, Withdraw)}
            gone |= {subject: await self._purge(subject) for subject in purged}
            await self._outgoing.save()
        self.erasures.done(gone)
        self._regained = False
        if announced:
            self.announcement = None

    async def _purge(self, subject: str) -> ErasedRows:
        decisions = await forget_decided(self._connection, self._sealer, subject)
        events = await self._outgoing.erase(Taking(subject), self.erasures.found(subject), self._clock())
        return ErasedRows(decisions, events)

    async def _withdraw(self, change: Withdraw) -> ErasedRows:
        def goes(event: Event) -> bool:
            return not rests_on(event, change.purposes_of) <= change.agreed

        taking, found = Taking(change.subject, "withdrawn", goes), self.erasures.found(change.subject)
        return ErasedRows(0, await self._outgoing.erase(taking, found, self._clock()))

    async def make_room(self, now_utc_s: float) -> int:
        """Make room on a full disk: empty the log, and where that is not enough give up events.

        The older half goes of the least important class that has something to give; `eviction` says what stands in
        its place. Returns how many events went (0: the log was enough, or there is nothing left but redemptions and
        consents, which are never given up).

        Raises:
            StorageUnavailable: not even this could be written.
            Corrupted: the database is damaged.
        """
        if await self._room.regain(self._connection) and not self._regained:
            self._regained = True
            return 0
        self._room.release()
        async with self._transaction():
            lost = await self._outgoing.make_room(now_utc_s)
            await self._outgoing.save()
        await self._room.regain(self._connection)
        if lost:
            _log.warning("events_evicted", events=lost)
        return lost

    async def sweep(self, now_utc_s: float) -> int:
        """Give up what is older than its class, or the ledger, keeps, and delete the keys of days nobody needs.

        To be called daily with the shop's time, if the clock is set. Does a bounded part: returns how many events and
        decisions went, and is to be called again soon unless that is 0.

        Raises:
            StorageUnavailable, Corrupted: as `commit`.
        """
        async with self._transaction():
            swept = await self._outgoing.expire(now_utc_s)
            await self._outgoing.save()
            swept += await forget_decisions(self._connection, now_utc_s - self._ledger.days * DAY_S)
            await self._journal.fold()
        if not swept:
            for day in await unneeded_days(self._connection, day_of(now_utc_s) - self._key_days):
                await self.forget_day(day, now_utc_s)
        return swept

    async def forget_day(self, day: int, now_utc_s: float) -> None:
        """Delete the key of a day (since 1970) that is over: nothing sealed on it opens again, wherever it was copied.

        Its events that still wait become `event.dropped` (`expired`) first.

        Raises:
            ValueError: the day is not over.
            StorageUnavailable, Corrupted: as `commit`.
        """
        if day >= day_of(now_utc_s):
            msg = f"day {day} (since 1970) is not over: its key is in use"
            raise ValueError(msg)
        done = False
        while not done:
            async with self._transaction():
                done = await self._outgoing.forget_day(day, now_utc_s)
                await self._outgoing.save()
                await self._journal.fold()
                for statement in _FORGET_DAY if done else ():
                    await self._connection.execute(statement, (day,))
        self._sealer.forget(day)
        _log.info("day_forgotten", day=day)

    def conditions(self) -> list[Condition]:
        """How the outbox stands: of each class that lost events since the start."""
        return list(self._outgoing.conditions())

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[None]:
        """What is written inside, with the keys it was sealed under, is kept whole or not at all.

        The first write begins it (`BEGIN IMMEDIATE`), as `open_writer` tells the connection.
        """
        try:
            if self._connection.in_transaction:
                await self._connection.rollback()
            self._outgoing.begin()
            self._journal.begin()
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
        self._outgoing.keep()
        self._journal.keep()

    async def _many(self, statement: str, rows: Iterable[Iterable[Any]], needed: bool = True) -> None:
        if needed:
            await self._connection.executemany(statement, rows)


@asynccontextmanager
async def open_store(
    directory: Path,
    secret: bytes,
    *,
    outbox: OutboxOptions | None = None,
    ledger: LedgerOptions | None = None,
    clock: Callable[[], float] = time.time,
) -> AsyncIterator[Store]:
    """The store in `directory`, made at the first start, brought to this code's schema otherwise.

    A damaged database is set aside, and a new one begins with what can be read of it. `clock` (seconds since 1970)
    only dates how fast the outbox grows, and chooses the day whose key seals the journal.

    Raises:
        Unreadable: not permitted, not a gateway's, or another gateway runs on it; nothing was changed.
        SchemaTooNew: it needs newer code; nothing was changed.
        SecretRefused: it is sealed with another secret; nothing was changed.
    """
    path, sealer = directory / DATABASE_FILE, Sealer(secret)
    outbox, ledger = outbox or OutboxOptions(), ledger or LedgerOptions()
    _make_room_for(directory)
    with sole_writer(directory):
        room = Room(directory)
        finish_swap(directory)
        if _create(path):
            try:
                await _inspect(directory, sealer)
            except Damaged as damaged:
                await salvage(directory, secret, damaged, clock())
        async with open_writer(path, room.log_bytes) as connection:
            await _prepare(connection, path, sealer)
            await renew_if_asked(directory, connection, sealer)
            birth = await _birth(connection)
            tallies = await read_tallies(connection)
            outgoing = Outgoing(connection, birth.incarnation, tallies, outbox, sealer)
            journal = Journal(connection, sealer, *await read_journal(connection, sealer))
            await room.regain(connection)
            key_days = max(ledger.days, *(bound.days for bound in outbox.bounds.values())) + 1
            yield Store(connection, sealer, birth, outgoing, journal, room, ledger, key_days, clock)


async def _inspect(directory: Path, sealer: Sealer) -> None:
    """Refuse what cannot be used while it is only being read.

    Raises:
        Damaged: it is a gateway's, and parts of it are lost.
    """
    path = directory / DATABASE_FILE
    async with open_reader(directory) as connection:
        await check_secret(connection, directory, sealer)
        await check_soundness(connection, path)
        verdict = suspected(directory)
        if verdict:
            raise Damaged(path, verdict)
        try:
            sealer.learn(dict(await read_rows(connection, "SELECT day, wrapped FROM day_keys")))
            await read_records(connection, sealer)
            await read_journal(connection, sealer)
        except Corrupted as corrupted:
            raise Damaged(path, str(corrupted)) from corrupted
        except StorageUnavailable as trouble:
            raise Unreadable(path, trouble.problem, trouble.hint) from trouble


async def _prepare(connection: aiosqlite.Connection, path: Path, sealer: Sealer) -> None:
    """Bring the schema up, name the incarnation where there is none, show the sealer its keys."""
    born = [("proof", sealer.proof), ("incarnation", token_hex(8))]
    try:
        await migrate(connection, path)
        await connection.executemany("INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)", born)
        await connection.execute(_FORGET_OLD_POSITIONS, (POSITIONS_KEPT,))
        await connection.commit()
    except sqlite3.Error as error:
        raise refusal_of_open(path, error) from error
    sealer.learn(dict(await read_rows(connection, "SELECT day, wrapped FROM day_keys")))


async def _birth(connection: aiosqlite.Connection) -> Birth:
    meta = dict(await read_rows(connection, "SELECT name, value FROM meta"))
    announcement = meta.get("announcement")
    return Birth(str(meta["incarnation"]), None if announcement is None else json.loads(announcement))


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
        raise Unreadable(path, f"cannot be made ({error.strerror})", hint_to_write(error)) from error
    return False
