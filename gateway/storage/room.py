"""Room: what the database may take of the disk, and what is kept aside so that a full disk can be emptied.

Deleting rows takes room itself, since every change goes through the log first, and a database's file never shrinks. So
the file stops growing while there is room for the log, and a reserve is held against whatever else fills the disk.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

import aiosqlite

from gateway.storage.connection import MOST_LOG_BYTES, PAGE_BYTES, read_rows

RESERVE_FILE: Final = "reserve"
MOST_RESERVE_BYTES: Final = 10 << 20
"""More than the longest log: whatever it holds fits into the database, which then lets go of it."""
SHARE: Final = 4
"""Reserve and log each take no more than this part of a small disk's room (one in four)."""
LOG_ROOM_BYTES: Final = 512 << 10
"""What the log needs to go on at all: the greatest batch, or one eviction."""
FEWEST_FREE_PAGES: Final = 256
"""Where the database may not grow, it goes on while it has so many pages to give."""


class Room:
    """The room of the disk that holds `directory`."""

    def __init__(self, directory: Path) -> None:
        """Free the reserve of an earlier life, and see how much there is to share."""
        self._directory = directory
        self._reserve = directory / RESERVE_FILE
        self.release()
        share = self._free_bytes() // SHARE
        self._reserve_bytes: Final = min(MOST_RESERVE_BYTES, share)
        self.log_bytes: Final = max(LOG_ROOM_BYTES, min(MOST_LOG_BYTES, share))
        """How long the log may grow."""

    async def regain(self, connection: aiosqlite.Connection) -> bool:
        """Put the log into the database, say how far that may grow, hold the reserve; whether there is room to go on.

        Raises:
            StorageUnavailable: the disk does not answer.
        """
        with suppress(sqlite3.Error):
            await connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
        self.release()
        free_bytes = self._free_bytes()
        reserve_bytes = max(0, min(self._reserve_bytes, free_bytes - LOG_ROOM_BYTES))
        self._hold(reserve_bytes)
        growth = max(0, free_bytes - reserve_bytes - self.log_bytes) // PAGE_BYTES
        ((pages,),) = await read_rows(connection, "PRAGMA page_count")
        ((unused,),) = await read_rows(connection, "PRAGMA freelist_count")
        await read_rows(connection, f"PRAGMA max_page_count = {pages + growth}")
        return free_bytes >= LOG_ROOM_BYTES and growth + unused >= FEWEST_FREE_PAGES

    def release(self) -> None:
        """Give the reserve up."""
        with suppress(OSError):
            self._reserve.unlink(missing_ok=True)

    def _hold(self, size: int) -> None:
        if not size:
            return
        try:
            descriptor = os.open(self._reserve, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, size)
            finally:
                os.close(descriptor)
        except OSError:
            self.release()

    def _free_bytes(self) -> int:
        disk = os.statvfs(self._directory)
        return disk.f_bavail * disk.f_frsize
