"""Connections: one that writes, any number that read."""

import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Literal

import aiosqlite

from gateway.storage.migrations import schema_of
from gateway.storage.refusals import Corrupted, Damaged, SecretRefused, Unreadable, refusal_of, refusal_of_open
from gateway.storage.sealing import Sealer
from gateway.storage.secret import DATABASE_FILE, OWN_FILE

PAGE_BYTES: Final = 512
"""SQLite's smallest page: a commit writes each page that it touches whole, and touches a few rows (takes effect where a
database is made)."""

MOST_LOG_BYTES: Final = 8 << 20
"""The log goes into the database when it is so long: what many commits wrote is then written once."""


def find_database(directory: Path) -> Path:
    """The database in `directory`.

    Raises:
        Unreadable: there is none, or it may not be looked for.
    """
    path = directory / DATABASE_FILE
    try:
        found = path.is_file()
    except OSError as error:
        raise Unreadable(path, f"cannot be read ({error.strerror})", "run as the gateway's user") from error
    if not found:
        hint = "start the gateway once, or name its state directory in [state] of the settings"
        raise Unreadable(path, "there is no database", hint)
    return path


@asynccontextmanager
async def open_reader(directory: Path) -> AsyncIterator[aiosqlite.Connection]:
    """A read-only connection to the state in `directory`, while a gateway runs on it or not.

    Raises:
        Unreadable: there is no database, it cannot be read, or it is not one.
        SchemaTooNew: it needs newer code.
    """
    path = find_database(directory)
    async with _connected(path, "ro") as connection:
        try:
            await schema_of(connection, path)
        except sqlite3.Error as error:
            raise refusal_of_open(path, error) from error
        yield connection


@asynccontextmanager
async def open_unchecked(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    """A read-only connection to whatever lies at `path`.

    Raises:
        Unreadable: it may not be read.
    """
    async with _connected(path, "ro") as connection:
        yield connection


@asynccontextmanager
async def open_sealed(directory: Path, secret: bytes) -> AsyncIterator[tuple[aiosqlite.Connection, Sealer]]:
    """The same connection, and what opens the bodies that it reads.

    Raises:
        Unreadable, SchemaTooNew: as `open_reader`.
        SecretRefused: it is sealed with another secret.
    """
    sealer = Sealer(secret)
    async with open_reader(directory) as connection:
        await check_secret(connection, directory, sealer)
        yield connection, sealer


@asynccontextmanager
async def open_writer(path: Path, log_bytes: int = MOST_LOG_BYTES) -> AsyncIterator[aiosqlite.Connection]:
    """The one connection that writes: the first write begins a transaction, and a commit is on the disk when it
    returns. The log grows to `log_bytes`. What is deleted is overwritten in pages that are written anyway, such as
    that of the day keys; other free pages hold nothing but sealed rows.

    Raises:
        Unreadable: it cannot be written.
    """
    async with _connected(path, "rw", begin="IMMEDIATE") as connection:
        try:
            await connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            await connection.execute("PRAGMA journal_mode = WAL")
            await connection.execute("PRAGMA synchronous = FULL")
            await connection.execute("PRAGMA secure_delete = FAST")
            await connection.execute(f"PRAGMA wal_autocheckpoint = {log_bytes // PAGE_BYTES}")
        except sqlite3.Error as error:
            raise refusal_of_open(path, error) from error
        yield connection


async def check_soundness(connection: aiosqlite.Connection, path: Path) -> None:
    """Read the whole database once (seconds for a gigabyte) and compare its parts with each other.

    Raises:
        Damaged: they contradict each other.
    """
    try:
        ((verdict,),) = await connection.execute_fetchall("PRAGMA quick_check(1)")
    except sqlite3.Error as error:
        raise refusal_of_open(path, error) from error
    if verdict != "ok":
        raise Damaged(path, str(verdict))


async def check_secret(connection: aiosqlite.Connection, directory: Path, sealer: Sealer) -> None:
    """See that the database is sealed with the sealer's secret.

    Raises:
        SecretRefused: it is sealed with another.
        Damaged: what it is sealed with cannot be read.
    """
    path = directory / DATABASE_FILE
    if not await schema_of(connection, path):
        return
    try:
        proofs = await read_rows(connection, "SELECT value FROM meta WHERE name = 'proof'")
    except Corrupted as corrupted:
        raise Damaged(path, str(corrupted)) from corrupted
    for (proof,) in proofs:
        if proof != sealer.proof:
            problem = f"the state in {directory} is sealed with another secret"
            raise SecretRefused(directory / OWN_FILE, problem, "put the device secret it was made with back")


async def read_rows(connection: aiosqlite.Connection, statement: str, parameters: Iterable[Any] = ()) -> list[Any]:
    """All rows of a query, as tuples.

    Raises:
        StorageUnavailable: the disk does not answer; it may be tried again.
        Corrupted: the database is damaged.
    """
    try:
        return list(await connection.execute_fetchall(statement, parameters))
    except sqlite3.Error as error:
        raise refusal_of(error) from error


async def learn_keys(connection: aiosqlite.Connection, sealer: Sealer, days: set[int]) -> None:
    """Show the sealer the stored keys if it lacks one of `days`: the writer makes new ones as days go by."""
    if not all(map(sealer.knows, days)):
        sealer.learn(dict(await read_rows(connection, "SELECT day, wrapped FROM day_keys")))


@asynccontextmanager
async def _connected(
    path: Path, mode: str, begin: Literal["IMMEDIATE"] | None = None
) -> AsyncIterator[aiosqlite.Connection]:
    try:
        connection = await aiosqlite.connect(_uri(path, mode), uri=True, isolation_level=begin)
    except sqlite3.Error as error:
        raise refusal_of_open(path, error) from error
    try:
        yield connection
    finally:
        await connection.close()


def _uri(path: Path, mode: str) -> str:
    """SQLite's URI of a file (sqlite.org/uri.html), its special characters escaped."""
    return f"{path.absolute().as_uri()}?mode={mode}"
