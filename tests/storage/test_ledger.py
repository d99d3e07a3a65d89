"""The ledger: found by who knows the secret; who has the file alone ties no day to another, and reads no campaign."""

import sqlite3
from dataclasses import replace
from pathlib import Path

from gateway.model.step import Purge
from gateway.storage.batch import Batch
from gateway.storage.database import open_store
from gateway.storage.erasure import ErasedRows
from gateway.storage.ledger import open_ledger
from gateway.storage.secret import DATABASE_FILE
from tests.storage.values import NOON_UTC_S, withheld

SECRET = bytes(range(32))
DAY_S = 86_400
MADE = tuple(
    withheld(subject, campaign, NOON_UTC_S + DAY_S * day + second)
    for day in range(3)
    for second, (subject, campaign) in enumerate((("m.ada", "marked-55"), ("m.ada", "welcome"), ("m.bob", "marked-55")))
)


async def filled(directory: Path) -> None:
    async with open_store(directory, SECRET) as store:
        await store.commit(Batch(decisions=MADE))


async def test_a_copy_of_the_file_alone_ties_no_days_of_a_person_and_names_no_campaign(
    tmp_path: Path,
) -> None:
    await filled(tmp_path)
    with sqlite3.connect(tmp_path / DATABASE_FILE) as connection:
        rows = connection.execute("SELECT day, subject, campaign FROM decisions").fetchall()
    connection.close()
    assert len(rows) == len(MADE)
    assert len({subject for _, subject, _ in rows}) == 6, "two people, each another on each of three days"
    assert len({campaign for _, _, campaign in rows}) == len(MADE)
    assert b"marked-55" not in b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())


async def test_whoever_knows_the_secret_finds_all_days_of_a_person(tmp_path: Path) -> None:
    await filled(tmp_path)
    ada = [each for each in reversed(MADE) if each.subject == "m.ada"]
    async with open_ledger(tmp_path, SECRET) as ledger:
        assert await ledger.decisions("m.ada") == ada
        assert await ledger.decisions("m.ada", "welcome") == [each for each in ada if each.campaign == "welcome"]
        assert await ledger.decisions("m.ada", until_utc_s=NOON_UTC_S + DAY_S, limit=2) == ada[3:5]
        assert await ledger.last_of_each("m.ada") == [ada[1], ada[0]], "in order of campaign"
        assert await ledger.last_of_each("m.ada", NOON_UTC_S + 0.5) == [ada[5]]
        assert await ledger.decisions("m.eve") == []


async def test_an_erasure_takes_all_days_those_of_its_own_commit_too(tmp_path: Path) -> None:
    await filled(tmp_path)
    today = replace(MADE[0], at=replace(MADE[0].at, utc_s=NOON_UTC_S + DAY_S * 9))
    async with open_store(tmp_path, SECRET) as store, open_ledger(tmp_path, SECRET) as ledger:
        await store.commit(Batch(changes=(Purge("m.ada"),), decisions=(today,)))
        assert store.erasures.outcome("m.ada") == ErasedRows(decisions=7, events=0)
        assert (await ledger.decisions("m.ada"), len(await ledger.decisions("m.bob"))) == ([], 3)
