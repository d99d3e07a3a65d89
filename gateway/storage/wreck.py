"""A damaged database, read round its damage."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiosqlite

from gateway.storage.connection import open_unchecked

AT_ONCE: Final = 1000
MOST_FAILURES: Final = 20_000
"""After so many reads in vain the rest is given up: about a second of trying."""
HIGHEST: Final = 1 << 40
"""Above every key, where the highest itself cannot be read."""


class Wreck:
    """Reads what still can be. Where `between` finds its way by keys, a damaged page loses no rows but its own."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._failures = 0

    async def rows(self, select: str, key: str) -> list[Any]:
        """All rows of `select`, in order of `key` (a list of columns): before the first damage and after the last."""
        try:
            return list(await self._connection.execute_fetchall(f"{select} ORDER BY {key}"))
        except sqlite3.Error:
            before = await self._until_damage(f"{select} ORDER BY {key}")
            after = await self._until_damage(f"{select} ORDER BY {key.replace(',', ' DESC,')} DESC")
            return list(dict.fromkeys([*before, *reversed(after)]))

    async def between(self, select: str, lowest: int, highest: int) -> AsyncIterator[list[Any]]:
        """The rows of `select` with keys from `lowest` to `highest`, in order, some at once.

        `select` takes the two ends and a limit, gives the key first and orders by it. A span that cannot be read is
        halved until what is left is the damage itself.
        """
        spans = [(lowest, highest)]
        while spans:
            low, high = spans.pop()
            try:
                rows = list(await self._connection.execute_fetchall(select, (low, high, AT_ONCE)))
            except sqlite3.Error:
                self._failures += 1
                if low < high and self._failures < MOST_FAILURES:
                    middle = (low + high) // 2
                    spans += [(middle + 1, high), (low, middle)]
                continue
            yield rows
            if len(rows) == AT_ONCE:
                spans.append((rows[-1][0] + 1, high))

    async def highest(self, select: str) -> int:
        """The one number that `select` gives, or one above every key."""
        try:
            ((value,),) = await self._connection.execute_fetchall(select)
        except sqlite3.Error:
            return HIGHEST
        return value or 0

    async def _until_damage(self, select: str) -> list[Any]:
        found: list[Any] = []
        try:
            async with self._connection.execute(select) as cursor:
                while (row := await cursor.fetchone()) is not None:
                    found.append(row)
        except sqlite3.Error:
            return found
        return found


@asynccontextmanager
async def open_wreck(path: Path) -> AsyncIterator[Wreck]:
    """The damaged database at `path`, read-only.

    Raises:
        Unreadable: it may not be read.
    """
    async with open_unchecked(path) as connection:
        yield Wreck(connection)
