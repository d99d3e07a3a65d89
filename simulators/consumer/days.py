"""Partitions of the events table, one a day (UTC), made when the first event of a day arrives."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from psycopg import AsyncConnection, sql

LOCK: Final = 7_046_029_254_386_353_131
"""The advisory lock under which tables are made, so that two consumers do not make the same one."""


def partition_name(day: date) -> str:
    """The table that holds a day's events: `events_20261121`."""
    return f"events_{day.isoformat().replace('-', '')}"


async def add_days(connection: AsyncConnection, days: Iterable[date]) -> None:
    """Make the partitions of `days` that are not there yet, each complete or not at all.

    A table is made first and attached then: attaching waits for no reader and no writer of `events`, whereas
    `CREATE TABLE … PARTITION OF` would wait for the slowest report and hold up every insert meanwhile.
    """
    for day in sorted(days):
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            if not await _exists(connection, day):
                await _add(connection, day)


async def _exists(connection: AsyncConnection, day: date) -> bool:
    found = await connection.execute("SELECT to_regclass(%s) IS NOT NULL", [partition_name(day)])
    row = await found.fetchone()
    return row is not None and bool(row[0])


async def _add(connection: AsyncConnection, day: date) -> None:
    name = sql.Identifier(partition_name(day))
    await connection.execute(
        sql.SQL("CREATE TABLE {} (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)").format(name)
    )
    begin, end = (sql.Literal(f"{each.isoformat()} 00:00:00+00") for each in (day, day + timedelta(days=1)))
    attach = sql.SQL("ALTER TABLE events ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})")
    await connection.execute(attach.format(name, begin, end))
