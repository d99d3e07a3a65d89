"""What the records say: read at a start."""

import aiosqlite

from gateway.model.step import key_of, kind_of
from gateway.storage.connection import read_rows
from gateway.storage.folding import Folded
from gateway.storage.records import STORED_KINDS
from gateway.storage.rows import open_record
from gateway.storage.sealing import DayKeyGone, Sealer

READ_RECORDS = "SELECT kind, key, day, body FROM records"


async def read_records(connection: aiosqlite.Connection, sealer: Sealer) -> tuple[Folded, int]:
    """The records by kind and key, and how many were sealed on a day whose key is deleted.

    Rows of a newer code's kinds are left alone.

    Raises:
        Corrupted: a row is not as it was written.
    """
    records: Folded = {}
    unreadable = 0
    for row in await read_rows(connection, READ_RECORDS):
        if row[0] not in STORED_KINDS:
            continue
        try:
            record = open_record(row, sealer)
        except DayKeyGone:
            unreadable += 1
        else:
            records[kind_of(record), key_of(record)] = record
    return records, unreadable
