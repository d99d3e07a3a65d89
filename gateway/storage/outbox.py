"""The outbox as its readers see it: what head office does not have yet, in order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiosqlite
import structlog

from gateway.model.event import Event
from gateway.storage.connection import learn_keys, open_sealed, read_rows
from gateway.storage.erasure import Search, search
from gateway.storage.eviction import DropReason, stand_in
from gateway.storage.refusals import Corrupted
from gateway.storage.runs import EVENTS_A_RUN, Run, open_run
from gateway.storage.sealing import DayKeyGone, Sealer
from gateway.storage.standing import StreamStanding, by_class, read_standing
from gateway.storage.stream_ref import StreamKey, StreamRef
from gateway.storage.tally import READ_STREAMS

_AFTER: Final = """SELECT last, events, day, recorded_ms, body FROM streams JOIN outbox ON stream = number
    WHERE incarnation = ? AND name = ? AND last > ? ORDER BY last LIMIT ?"""
_RUN: Final = "SELECT last, events, day, recorded_ms, body FROM outbox WHERE stream = ? AND last = ?"
_FEWEST_RUNS: Final = 8
"""Runs read at once: more than are needed where they are full, few enough to be read in vain where they are not."""

_log = structlog.get_logger(__name__)


class Outbox:
    """Reads what is committed, while the writer goes on."""

    def __init__(self, connection: aiosqlite.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    async def after(self, incarnation: str, stream: str, sequence: int, limit: int) -> list[Event]:
        """The next events of a stream after `sequence`, at most `limit`, in order.

        A gap before an event is covered by that event: it is an `event.dropped` for the range. One stands as well for
        what cannot be opened: it was sealed on a day whose key is deleted, or it is damaged.

        Raises:
            StorageUnavailable: the disk does not answer.
            Corrupted: the database is damaged.
        """
        key, at_once = (incarnation, stream), max(_FEWEST_RUNS, limit // EVENTS_A_RUN + 2)
        found: list[Event] = []
        while len(found) < limit:
            rows = await read_rows(self._connection, _AFTER, (*key, sequence, at_once))
            await learn_keys(self._connection, self._sealer, {row[2] for row in rows})
            for row in rows:
                if len(found) < limit:
                    run = self._open(key, sequence, row)
                    found += run if run[0].sequence > sequence else [each for each in run if each.sequence > sequence]
                    sequence = row[0]
            if len(rows) < at_once:
                break
        return found[:limit]

    async def standing(self) -> list[StreamStanding]:
        """Where each stream stands: this incarnation's in falling priority, then what earlier ones have left."""
        return await read_standing(self._connection)

    async def by_class(self) -> list[StreamStanding]:
        """Where each class stands, in falling priority: what earlier incarnations have left counts with this one's."""
        return by_class(await read_standing(self._connection))

    async def holding(self, subject: str) -> Search:
        """Where the events of a subject wait, for its erasure to be quick; reads everything, in small parts.

        Raises:
            StorageUnavailable: the disk does not answer.
        """
        runs, searched = {}, {}
        for number, incarnation, name in await read_rows(self._connection, READ_STREAMS):
            ref = StreamRef(incarnation, name, number)
            runs[number], searched[number] = await search(self._connection, self._sealer, ref, subject, after=0)
        return Search(runs, searched)

    async def of_subject(self, subject: str) -> list[Event]:
        """The events of a subject that wait, by stream and in order; reads everything, in small parts.

        Raises:
            StorageUnavailable: the disk does not answer.
        """
        found: list[Event] = []
        for number, incarnation, name in await read_rows(self._connection, READ_STREAMS):
            ref = StreamRef(incarnation, name, number)
            runs, _ = await search(self._connection, self._sealer, ref, subject, after=0)
            for last in runs:
                for row in await read_rows(self._connection, _RUN, (number, last)):
                    found += [each for each in self._open(ref.key, 0, row) if each.subject == subject]
        return found

    def _open(self, key: StreamKey, before: int, row: Any) -> Run:
        last, events, day, recorded_ms, body = row
        reason: DropReason
        try:
            return open_run(key, last, events, day, body, self._sealer)
        except DayKeyGone:
            reason = "expired"
        except Corrupted:
            reason = "damaged"
        _log.warning("events_do_not_open", stream=key[1], last=last, reason=reason)
        recorded_utc_s = recorded_ms / 1000
        return [stand_in(key, before + 1, last, reason, recorded_utc_s, recorded_utc_s, self._sealer)]


@asynccontextmanager
async def open_outbox(directory: Path, secret: bytes) -> AsyncIterator[Outbox]:
    """The outbox in `directory`, read-only.

    Raises:
        Unreadable: there is no database, or it cannot be read.
        SchemaTooNew: it needs newer code.
        SecretRefused: it is sealed with another secret.
    """
    async with open_sealed(directory, secret) as (connection, sealer):
        yield Outbox(connection, sealer)
