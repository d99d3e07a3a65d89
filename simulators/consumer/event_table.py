"""The events table: each event once, and what its stream has without a hole, in one transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from psycopg import AsyncConnection, OperationalError, errors
from psycopg.rows import TupleRow

from simulators.consumer.days import LOCK, add_days
from simulators.consumer.event_row import EventRow

_SCHEMA: Final = Path(__file__).with_name("schema.sql")

_SESSION: Final = (
    "SET synchronous_commit = on",  # what others see is then on disk, so an ack cannot outrun it
    "SET TIME ZONE 'UTC'",
    "SET tcp_keepalives_idle = 5",  # a lock of a machine that is gone is free after 5 + 3 x 5 s
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
)

_STORE: Final = """
WITH arrived AS (
    SELECT * FROM unnest(
        %s::text[], %s::uuid[], %s::timestamptz[], %s::bigint[], %s::bigint[],
        %s::text[], %s::text[], %s::timestamptz[], %s::text[], %s::integer[]
    ) AS row (source, id, recordedtime, sequence, covers_from, type, subject, time, data, deliveries)
), kept AS (
    INSERT INTO events (source, id, recordedtime, sequence, covers_from, type, subject, time, data, deliveries)
    SELECT source, id, recordedtime, sequence, covers_from, type, subject, time, data::jsonb, deliveries
    FROM arrived ORDER BY source, id, recordedtime
    ON CONFLICT (source, id, recordedtime) DO UPDATE SET deliveries = events.deliveries + excluded.deliveries
    RETURNING source, id, recordedtime, sequence, covers_from, deliveries
), counted AS (
    INSERT INTO streams (source, stored)
    SELECT source, range_agg(int8range(covers_from, sequence, '[]')) FROM kept GROUP BY source ORDER BY source
    ON CONFLICT (source) DO UPDATE SET stored = streams.stored + excluded.stored, owed = true
)
SELECT count(*) FROM kept JOIN arrived USING (source, id, recordedtime) WHERE kept.deliveries = arrived.deliveries
"""


@dataclass(frozen=True, slots=True)
class Gap:
    """Sequences `first` to `last` of a stream, missing below one that is stored."""

    source: str
    first: int
    last: int


async def connected(database: str) -> AsyncConnection[TupleRow]:
    """A session with the database (`postgresql://…` or libpq's key words) in which every statement is a transaction.

    Raises:
        psycopg.OperationalError: no database answers there, or it refuses.
    """
    connection = await AsyncConnection.connect(database, autocommit=True)
    for each in _SESSION:
        await connection.execute(each)
    return connection


class EventTable:
    """One consumer's session with the tables of `schema.sql`, made on entering if they are missing.

    Any number of consumers may store at once, the same events or others. A session that was lost is made anew by the
    next call of `store`.
    """

    def __init__(self, database: str) -> None:
        self._database = database
        self._connection: AsyncConnection[TupleRow] | None = None
        self._days: set[date] = set()

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            psycopg.OperationalError: no database answers there, or it refuses.
        """
        connection = await self._session()
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            await connection.execute(_SCHEMA.read_bytes())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def store(self, rows: Sequence[EventRow]) -> int:
        """Commit `rows`, those that are here already as one more delivery; how many were not here before.

        When it returns they are on disk and accounted for in `streams`; when it raises, none of this call's is, or all
        are and the answer got lost: to store them again is right in both cases.

        Raises:
            psycopg.OperationalError: the database is away or in trouble; the same call may work later.
            psycopg.DataError: the database cannot hold one of the rows.
        """
        deliveries = Counter((row.source, row.id, row.recorded_at) for row in rows)
        once = {(row.source, row.id, row.recorded_at): row for row in rows}
        connection = await self._session()
        try:
            await self._have_days(connection, {row.recorded_at.date() for row in rows})
            columns = _columns(list(once.values()), [deliveries[key] for key in once])
            answer = await (await connection.execute(_STORE, columns)).fetchone()
        except errors.CheckViolation:
            self._days.clear()  # retention took a partition away: it is made again for the next try
            raise OperationalError("a day's partition is no longer there") from None
        return int(answer[0]) if answer else 0

    async def gaps(self) -> list[Gap]:
        """What is missing of each stream, by the stored events themselves."""
        connection = await self._session()
        found = await connection.execute("SELECT source, first, last FROM gaps ORDER BY source, first")
        return [Gap(*row) for row in await found.fetchall()]

    async def _session(self) -> AsyncConnection[TupleRow]:
        if self._connection is None or self._connection.closed:
            self._connection = await connected(self._database)
            self._days.clear()
        return self._connection

    async def _have_days(self, connection: AsyncConnection[TupleRow], days: set[date]) -> None:
        missing = days - self._days
        if missing:
            await add_days(connection, missing)
            self._days |= missing


def _columns(rows: Sequence[EventRow], deliveries: Sequence[int]) -> list[object]:
    return [
        [row.source for row in rows],
        [row.id for row in rows],
        [row.recorded_at for row in rows],
        [row.sequence for row in rows],
        [row.covers_from for row in rows],
        [row.type for row in rows],
        [row.subject for row in rows],
        [row.at for row in rows],
        [row.content for row in rows],
        deliveries,
    ]
