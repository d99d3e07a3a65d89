"""The journal: the changes of each commit in one row, folded into the records now and then.

A record that changes with every commit would have its page written every time, and those of ten visitors lie on ten
pages. Appended to the journal, all changes of a commit take one.
"""

from collections.abc import Iterable
from typing import Any, Final

import aiosqlite

from gateway.storage.connection import read_rows
from gateway.storage.folding import Folded
from gateway.storage.records import decode_changes, encode_changes
from gateway.storage.rows import forgotten_keys, record_rows
from gateway.storage.sealing import Sealer

MAX_ROWS: Final = 256
MAX_BYTES: Final = 1 << 20
"""The journal is folded into the records before it grows beyond either."""

READ_JOURNAL: Final = "SELECT ordinal, day, body FROM journal ORDER BY ordinal"
SAVE_RECORD: Final = """INSERT INTO records (kind, key, day, body) VALUES (?, ?, ?, ?)
    ON CONFLICT (kind, key) DO UPDATE SET day = excluded.day, body = excluded.body"""
_FORGET_RECORD: Final = "DELETE FROM records WHERE kind = ? AND key = ?"
_ADD: Final = "INSERT INTO journal (ordinal, day, body) VALUES (?, ?, ?)"


class Journal:
    """Works within the store's transactions: `begin` before each, `keep` once it is on the disk."""

    def __init__(self, connection: aiosqlite.Connection, sealer: Sealer, ordinal: int, unfolded: Folded) -> None:
        self._connection = connection
        self._sealer = sealer
        self._ordinal = ordinal
        self._rows = ordinal
        self._bytes = 0
        self.unfolded = unfolded
        """What the rows say together: newer than the records."""
        self._added: Folded = {}
        self._added_bytes = 0
        self._emptied = False

    def begin(self) -> None:
        """A transaction begins: what an earlier one did and did not keep never was."""
        self._added, self._added_bytes, self._emptied = {}, 0, False

    def keep(self) -> None:
        """The transaction is on the disk."""
        if self._emptied:
            self.unfolded, self._rows, self._bytes = {}, 0, 0
        if self._added:
            self.unfolded |= self._added
            self._ordinal += 1
            self._rows += 1
            self._bytes += self._added_bytes

    async def add(self, changes: Folded, day: int) -> None:
        """Append a commit's changes, sealed under the key of `day`."""
        if not changes:
            return
        if self._rows >= MAX_ROWS or self._bytes >= MAX_BYTES:
            await self.fold()
        body = self._sealer.seal(day, _place(self._ordinal + 1), encode_changes(changes))
        await self._connection.execute(_ADD, (self._ordinal + 1, day, body))
        self._added, self._added_bytes = changes, len(body)

    async def fold(self, changes: Folded | None = None) -> None:
        """Write what the rows say into the records, `changes` on top, and delete the rows: nothing is left of them."""
        self._emptied = True
        folded = self.unfolded | (changes or {})
        await self._connection.executemany(SAVE_RECORD, record_rows(folded, self._sealer))
        await self._connection.executemany(_FORGET_RECORD, list(forgotten_keys(folded, self._sealer)))
        await self._connection.execute("DELETE FROM journal")


async def read_journal(connection: aiosqlite.Connection, sealer: Sealer) -> tuple[int, Folded]:
    """The last row's ordinal (0: there is none) and what all rows say together.

    Raises:
        Corrupted: a row is not as it was written.
    """
    rows = await read_rows(connection, READ_JOURNAL)
    return max((ordinal for ordinal, _, _ in rows), default=0), replay(rows, sealer)


def replay(rows: Iterable[Any], sealer: Sealer) -> Folded:
    """What journal rows say together; those sealed on a day whose key is deleted say nothing.

    Raises:
        Corrupted: a row is not as it was written.
    """
    folded: Folded = {}
    for ordinal, day, body in rows:
        if sealer.knows(day):
            folded |= decode_changes(sealer.open(day, _place(ordinal), body))
    return folded


def _place(ordinal: int) -> bytes:
    return b"journal\0%d" % ordinal
