"""The ledger as its readers see it: what was offered and what was withheld, and why."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sized
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiosqlite

from gateway.model.decision import Decision
from gateway.storage.connection import learn_keys, open_sealed, read_rows
from gateway.storage.rows import campaign_key, open_decision, subject_key
from gateway.storage.sealing import Sealer

ROWS_AT_ONCE: Final = 100
"""Rows opened between two turns of the event loop: a few milliseconds."""
_LATEST_MS: Final = (1 << 63) - 1

_NEWEST: Final = """SELECT subject, campaign, at_ms, day, body FROM decisions
    WHERE subject IN ($days) AND at_ms <= ? ORDER BY ordinal DESC LIMIT ?"""
_NEWEST_OF_CAMPAIGN: Final = """SELECT subject, campaign, at_ms, day, body FROM decisions
    WHERE subject IN ($days) AND campaign IN ($days) AND at_ms <= ? ORDER BY ordinal DESC LIMIT ?"""
_LAST_OF_EACH: Final = """SELECT subject, campaign, at_ms, day, body FROM decisions WHERE ordinal IN
    (SELECT max(ordinal) FROM decisions WHERE subject IN ($days) AND at_ms <= ? GROUP BY subject, campaign)
    ORDER BY ordinal"""
_DAYS: Final = "SELECT day FROM day_keys"


class Ledger:
    """Reads what is committed, while the writer goes on. What was sealed on a day whose key is deleted is left out."""

    def __init__(self, connection: aiosqlite.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    async def decisions(
        self, subject: str, campaign: str | None = None, until_utc_s: float | None = None, limit: int = 100
    ) -> list[Decision]:
        """What was decided for a subject at or before `until_utc_s` (None: ever), newest first.

        Raises:
            Corrupted: a row is not as it was written.
        """
        days = await self._days()
        keys: list[object] = [subject_key(subject, day, self._sealer) for day in days]
        until = _milliseconds(until_utc_s), limit
        if campaign is None:
            return await self._read(_NEWEST, days, (*keys, *until))
        named = [campaign_key(subject, campaign, day, self._sealer) for day in days]
        return await self._read(_NEWEST_OF_CAMPAIGN, days, (*keys, *named, *until))

    async def last_of_each(self, subject: str, until_utc_s: float | None = None) -> list[Decision]:
        """The newest decision of each campaign for a subject at or before `until_utc_s`, in order of campaign.

        Raises:
            Corrupted: a row is not as it was written.
        """
        days = await self._days()
        keys = (subject_key(subject, day, self._sealer) for day in days)
        found = await self._read(_LAST_OF_EACH, days, (*keys, _milliseconds(until_utc_s)))
        newest = {decision.campaign: decision for decision in found}
        return [newest[campaign] for campaign in sorted(newest)]

    async def _days(self) -> list[int]:
        return [day for (day,) in await read_rows(self._connection, _DAYS)]

    async def _read(self, statement: str, days: Sized, parameters: Iterable[Any]) -> list[Decision]:
        """What a statement finds that names each of `days` where it says `$days`."""
        statement = statement.replace("$days", ",".join("?" * len(days)))
        rows = await read_rows(self._connection, statement, parameters)
        await learn_keys(self._connection, self._sealer, {row[3] for row in rows})
        decisions: list[Decision] = []
        for start in range(0, len(rows), ROWS_AT_ONCE):
            part = rows[start : start + ROWS_AT_ONCE]
            decisions += [open_decision(row, self._sealer) for row in part if self._sealer.knows(row[3])]
            await asyncio.sleep(0)
        return decisions


@asynccontextmanager
async def open_ledger(directory: Path, secret: bytes) -> AsyncIterator[Ledger]:
    """The ledger in `directory`, read-only.

    Raises:
        Unreadable: there is no database, or it cannot be read.
        SchemaTooNew: it needs newer code.
        SecretRefused: it is sealed with another secret.
    """
    async with open_sealed(directory, secret) as (connection, sealer):
        yield Ledger(connection, sealer)


def _milliseconds(utc_s: float | None) -> int:
    return _LATEST_MS if utc_s is None else round(utc_s * 1000)
