"""Upkeep: the running database is looked through once a day, and what operators must know of storage is said."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog

from gateway.model.health import Condition
from gateway.storage.connection import open_reader
from gateway.storage.refusals import Corrupted, Unreadable, is_damage
from gateway.storage.retention import LedgerOptions
from gateway.storage.sealing import DAY_S
from gateway.storage.suspicion import suspect
from gateway.storage.swap import ASIDE, drop_aside

EVERY_S: Final = 10.0
"""How often the conditions are read (seconds)."""
FIRST_CHECK_S: Final = 3_600.0
"""The first check comes so long after the start (seconds), since a start looks through the database too."""
CHECK_EVERY_S: Final = 86_400.0
CHECK_AT_MOST_S: Final = 60.0
"""A check is given up after this (seconds): while it reads, the log cannot be emptied."""

PART: Final = "database"

_log = structlog.get_logger(__name__)


class Upkeep:
    """Runs for as long as the gateway. `conditions` is how the outbox stands (`Store.conditions`).

    A database that was set aside goes `aside_days` after it was written last.
    """

    def __init__(
        self,
        directory: Path,
        conditions: Callable[[], Iterable[Condition]],
        report: Callable[[Condition], None],
        *,
        aside_days: int = LedgerOptions().days,
        first_check_s: float = FIRST_CHECK_S,
    ) -> None:
        self._directory = directory
        self._conditions = conditions
        self._report = report
        self._aside_s = aside_days * DAY_S
        self._first_check_s = first_check_s
        self._reported_aside = False

    async def run(self) -> None:
        """Report and check until cancelled.

        Raises:
            Corrupted: the database is damaged; the next start sets it aside.
        """
        check_s = asyncio.get_running_loop().time() + self._first_check_s
        while True:
            for condition in self._conditions():
                self._report(condition)
            self._tell_aside()
            if asyncio.get_running_loop().time() >= check_s:
                await self._check()
                await asyncio.to_thread(self._drop_aside)
                check_s = asyncio.get_running_loop().time() + CHECK_EVERY_S
            await asyncio.sleep(min(EVERY_S, self._first_check_s))

    async def _check(self) -> None:
        try:
            verdict = await check_whole(self._directory)
        except Unreadable as trouble:
            _log.warning("check_failed", problem=trouble.problem)
            return
        if verdict is None:
            _log.info("check_unfinished", after_s=CHECK_AT_MOST_S)
        elif verdict != "ok":
            with suppress(OSError):
                suspect(self._directory, verdict)
            msg = f"the database is damaged ({verdict}): the next start sets it aside and saves what can be read"
            raise Corrupted(msg)

    def _drop_aside(self) -> None:
        with suppress(OSError):
            for name in drop_aside(self._directory, time.time() - self._aside_s):
                _log.info("damaged_database_deleted", file=name)

    def _tell_aside(self) -> None:
        aside = sorted(place.name for place in self._directory.glob(ASIDE))
        if aside:
            hint = f"{aside[-1]} was damaged, what could be read goes on; replace the card, then delete the file"
            self._report(Condition(PART, "set_aside", "warning", hint, {"file": aside[-1]}))
        elif self._reported_aside:
            self._report(Condition(PART, "sound", "ok"))
        self._reported_aside = bool(aside)


async def check_whole(directory: Path, at_most_s: float = CHECK_AT_MOST_S) -> str | None:
    """SQLite's verdict on the whole database, indices too: `ok`, or the first damage; None: there was not time enough.

    Raises:
        Unreadable: it cannot be read.
    """
    async with open_reader(directory) as connection:
        reading = asyncio.create_task(connection.execute_fetchall("PRAGMA integrity_check(1)"), name="integrity-check")
        try:
            finished, _ = await asyncio.wait({reading}, timeout=at_most_s)
        finally:
            if not reading.done():
                await connection.interrupt()
                await asyncio.wait({reading})
        try:
            ((verdict,),) = reading.result()
        except sqlite3.Error as error:
            return str(error) if is_damage(error) else None
        return str(verdict) if finished else None
