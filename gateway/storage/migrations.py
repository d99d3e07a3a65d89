"""The schema: numbered scripts, each applied once and whole, forward only.

A script expands first; only when no code that needs the old shape may come back does a later one contract and raise
`min_code`. So code N-1 runs on schema N (an update can roll itself back), and code older than `min_code` is refused.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import aiosqlite

from gateway.storage.refusals import SchemaTooNew, Unreadable

CODE_VERSION: Final = 1
"""Raised with every script that changes what code may do with the database."""
_COLUMNS: Final = """
SELECT t.name, c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table'
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """A script that leads to schema `number` and writes that number, and `min_code` if it raises it, into `meta`."""

    number: int
    script: str


def migrations() -> list[Migration]:
    """The shipped scripts `schema/NNNN_name.sql`, in order."""
    scripts = [place for place in (files(__package__) / "schema").iterdir() if place.name.endswith(".sql")]
    numbered = [Migration(int(place.name.partition("_")[0]), place.read_text(encoding="utf-8")) for place in scripts]
    return sorted(numbered, key=lambda migration: migration.number)


async def schema_of(connection: aiosqlite.Connection, path: Path) -> int:
    """The schema of an open database; 0 for an empty one.

    Raises:
        SchemaTooNew: it needs newer code.
        Unreadable: it is not a gateway's, or not of the schema that it names.
    """
    names = {
        name for (name,) in await connection.execute_fetchall("SELECT name FROM sqlite_schema WHERE type = 'table'")
    }
    if not names:
        return 0
    found = await connection.execute_fetchall("SELECT name, value FROM meta") if "meta" in names else ()
    numbers = {name: value for name, value in found if isinstance(value, int)}
    if not {"schema", "min_code"} <= numbers.keys():
        hint = "name another state directory in [state] of the settings"
        raise Unreadable(path, "is not a database of this gateway", hint)
    if numbers["min_code"] > CODE_VERSION:
        raise SchemaTooNew(path, numbers["min_code"], CODE_VERSION)
    there = set(map(tuple, await connection.execute_fetchall(_COLUMNS)))
    for table, column in sorted(_columns_at(numbers["schema"]) - there):
        problem = f"is of a version that was never released: its table {table} has no {column}"
        raise Unreadable(path, problem, "move the file away and start anew, or name another state directory in [state]")
    return numbers["schema"]


async def migrate(connection: aiosqlite.Connection, path: Path) -> None:
    """Apply every script above the database's schema, each in a transaction of its own.

    Raises:
        SchemaTooNew, Unreadable: as `schema_of`; nothing was changed.
        sqlite3.Error: a script failed; the database is as the script before it left it.
    """
    schema = await schema_of(connection, path)
    for migration in migrations():
        if migration.number > schema:
            try:
                await connection.executescript(f"BEGIN IMMEDIATE;\n{migration.script}\nCOMMIT;")
            finally:
                await connection.rollback()


def _columns_at(schema: int) -> set[tuple[str, str]]:
    """Each table and column that the scripts up to `schema` make."""
    with closing(sqlite3.connect(":memory:")) as empty:
        for migration in migrations():
            if migration.number <= schema:
                empty.executescript(migration.script)
        return set(empty.execute(_COLUMNS))
