"""How long the ledger remembers, and when the key of a day is no longer needed."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

import aiosqlite

AT_ONCE: Final = 5000
"""Decisions forgotten in one transaction."""

_FORGET_OLDEST: Final = """DELETE FROM decisions WHERE ordinal IN (SELECT ordinal FROM
    (SELECT ordinal, at_ms FROM decisions ORDER BY ordinal LIMIT ?) WHERE at_ms < ?) RETURNING ordinal"""
_KEYS: Final = "SELECT day FROM day_keys WHERE day < ? ORDER BY day"
_IN_RECORDS: Final = "SELECT DISTINCT day FROM records WHERE day IS NOT NULL"
_NEVER_GIVEN_UP: Final = """SELECT DISTINCT day FROM streams JOIN outbox ON stream = number
    WHERE name IN ('redemption', 'consent')"""


@dataclass(frozen=True, slots=True)
class LedgerOptions:
    """How much of what was decided is remembered, to be explained. Caps count with exposures, not with these."""

    days: int = 30
    """Decisions older than this are forgotten (days)."""
    decisions: int = 200_000
    """Most decisions kept (about 100 MB); the oldest is forgotten first."""


def problems(options: LedgerOptions) -> Iterator[tuple[str, str, str]]:
    """Key, problem and hint of each option that will not do."""
    for each in fields(options):
        if getattr(options, each.name) < 1:
            yield each.name, f"{getattr(options, each.name)} is too little", "write 1 or more"


async def forget_decisions(connection: aiosqlite.Connection, before_utc_s: float) -> int:
    """Delete the oldest decisions made before then, a bounded part of them; how many went."""
    return len(
        list(
            await connection.execute_fetchall(
                _FORGET_OLDEST,
                (
                    AT_ONCE,
                    round(before_utc_s * 1000),
                ),
            )
        )
    )


async def unneeded_days(connection: aiosqlite.Connection, before_day: int) -> list[int]:
    """Days before `before_day` that have a key and neither a record nor an event that is never given up."""
    needed = {day for statement in (_IN_RECORDS, _NEVER_GIVEN_UP) for (day,) in await _rows(connection, statement)}
    return [day for (day,) in await _rows(connection, _KEYS, before_day) if day not in needed]


async def _rows(connection: aiosqlite.Connection, statement: str, *parameters: int) -> list[tuple[int]]:
    return [(row[0],) for row in await connection.execute_fetchall(statement, parameters)]
