"""On a guest's Python path: SQLite waits for the disk no more, whatever it is told; power cuts must find this out."""

import sqlite3
from typing import Any

_connect = sqlite3.connect


class Unsynced(sqlite3.Connection):
    """Whatever is asked for, `synchronous` is off."""

    def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
        return super().execute("PRAGMA synchronous = OFF" if "synchronous" in sql else sql, *arguments)


def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
    """`sqlite3.connect`, with that connection."""
    connection: sqlite3.Connection = _connect(*arguments, **{"factory": Unsynced, **options})
    return connection


sqlite3.connect = connect  # type: ignore[assignment]
