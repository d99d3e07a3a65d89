"""What cannot be opened is refused with one message that says what to do, and is left as it was."""

import sqlite3
from pathlib import Path

import pytest

from gateway.model.step import Save, Stream
from gateway.runtime.errors import StorageUnavailable
from gateway.storage.batch import Batch
from gateway.storage.connection import open_reader
from gateway.storage.database import open_store
from gateway.storage.migrations import CODE_VERSION, migrations, schema_of
from gateway.storage.refusals import Corrupted, SchemaTooNew, Unreadable, refusal_of
from tests.storage.values import event, presence

SECRET = bytes(range(32))


async def open_and_close(directory: Path) -> None:
    async with open_store(directory, SECRET):
        pass


async def made(directory: Path) -> Path:
    """A database with something in it."""
    async with open_store(directory, SECRET) as store:
        saves = tuple(Save(presence(f"m.{n}")) for n in range(200))
        await store.commit(Batch(saves, tuple(event(n) for n in range(1, 200))))
    return directory / "gateway.db"


def edit(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


async def refused(directory: Path, kind: type[Unreadable], match: str) -> None:
    """Both the writer and a reader refuse, and the file keeps every byte."""
    path = directory / "gateway.db"
    before = path.read_bytes()
    with pytest.raises(kind, match=match) as error:
        await open_and_close(directory)
    assert error.value.hint
    assert path.read_bytes() == before


async def test_code_that_is_too_old(tmp_path: Path) -> None:
    edit(await made(tmp_path), "UPDATE meta SET value = value + 1 WHERE name = 'min_code'")
    await refused(tmp_path, SchemaTooNew, r"needs storage code 2, this gateway has 1; install the newer gateway")
    with pytest.raises(SchemaTooNew):
        async with open_reader(tmp_path):
            pass


async def test_tables_of_a_version_that_was_never_released(tmp_path: Path) -> None:
    edit(await made(tmp_path), "ALTER TABLE journal RENAME COLUMN body TO content")
    await refused(tmp_path, Unreadable, "its table journal has no body")


async def test_code_one_behind_its_schema_still_runs(tmp_path: Path) -> None:
    path = await made(tmp_path)
    edit(path, "UPDATE meta SET value = 2 WHERE name = 'schema'")
    edit(path, "ALTER TABLE records ADD COLUMN later TEXT")
    edit(path, "INSERT INTO records (kind, key, body) VALUES ('later', x'00', x'00')")
    async with open_store(tmp_path, SECRET) as store:
        await store.commit(Batch((Save(Stream("visit", 200)),)))
        assert len((await store.load()).records) == 201


async def test_no_database_at_all(tmp_path: Path) -> None:
    (tmp_path / "gateway.db").write_bytes(b"these are not the pages you are looking for" * 100)
    await refused(tmp_path, Unreadable, "file is not a database; move the file away and restore a backup")


async def test_somebody_elses_database(tmp_path: Path) -> None:
    edit(tmp_path / "gateway.db", "CREATE TABLE customers (name TEXT)")
    await refused(tmp_path, Unreadable, "is not a database of this gateway; name another state directory")


async def test_a_file_where_the_directory_should_be(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"")
    with pytest.raises(Unreadable, match="cannot be opened"):
        await open_and_close(tmp_path / "state")


async def test_a_directory_where_the_database_should_be(tmp_path: Path) -> None:
    (tmp_path / "gateway.db").mkdir()
    with pytest.raises(Unreadable):
        await open_and_close(tmp_path)


async def test_a_reader_without_a_database_makes_none(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="there is no database; start the gateway once"):
        async with open_reader(tmp_path):
            pass
    assert list(tmp_path.iterdir()) == []


async def test_an_empty_file_is_a_first_start(tmp_path: Path) -> None:
    (tmp_path / "gateway.db").touch()
    await open_and_close(tmp_path)
    async with open_reader(tmp_path) as connection:
        assert await schema_of(connection, tmp_path) == migrations()[-1].number


async def test_the_scripts_are_numbered_without_a_gap_and_write_their_number(tmp_path: Path) -> None:
    found = migrations()
    assert [migration.number for migration in found] == list(range(1, len(found) + 1))
    with sqlite3.connect(tmp_path / "step.db") as connection:
        for migration in found:
            connection.executescript(migration.script)
            ((schema, min_code),) = connection.execute(
                "SELECT a.value, b.value FROM meta a, meta b WHERE a.name = 'schema' AND b.name = 'min_code'"
            )
            assert schema == migration.number
            assert min_code <= CODE_VERSION
    connection.close()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("SQLITE_FULL", StorageUnavailable),
        ("SQLITE_IOERR_FSYNC", StorageUnavailable),
        ("SQLITE_READONLY_DBMOVED", StorageUnavailable),
        ("SQLITE_CORRUPT_INDEX", Corrupted),
        ("SQLITE_NOTADB", Corrupted),
        ("SQLITE_CONSTRAINT_PRIMARYKEY", Corrupted),
        ("SQLITE_ERROR", sqlite3.OperationalError),
    ],
)
def test_what_sqlite_says_means_one_of_three_things(name: str, kind: type[Exception]) -> None:
    error = sqlite3.OperationalError("it says")
    error.sqlite_errorcode = getattr(sqlite3, name)
    assert type(refusal_of(error)) is kind
