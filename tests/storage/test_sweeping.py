"""What is too old goes, and with it the keys of days that nobody needs."""

import sqlite3
from pathlib import Path

import pytest

from gateway.model.step import Save, Stream
from gateway.storage.batch import Batch
from gateway.storage.database import open_store
from gateway.storage.ledger import open_ledger
from gateway.storage.outbox import open_outbox
from gateway.storage.retention import LedgerOptions, problems
from gateway.storage.sealing import DAY_S, day_of
from tests.storage.values import NOON_UTC_S, of, presence, withheld

SECRET = bytes(range(32))
TODAY = day_of(NOON_UTC_S)


def keys(directory: Path) -> set[int]:
    """How many days ago the days were that have a key."""
    with sqlite3.connect(directory / "gateway.db") as connection:
        found = {TODAY - day for (day,) in connection.execute("SELECT day FROM day_keys")}
    connection.close()
    return found


async def test_decisions_are_forgotten_after_their_days(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET, clock=lambda: NOON_UTC_S) as store:
        for days_ago in (40, 31, 29, 1):
            at_s = NOON_UTC_S - days_ago * DAY_S
            await store.commit(Batch(decisions=(withheld("m.a", f"c-{days_ago}", at_s),)))
        assert [await store.sweep(NOON_UTC_S) for _ in range(2)] == [2, 0]
        async with open_ledger(tmp_path, SECRET) as ledger:
            assert [each.campaign for each in await ledger.decisions("m.a")] == ["c-1", "c-29"]


async def test_a_day_key_goes_when_nothing_of_its_day_is_kept(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET, clock=lambda: NOON_UTC_S) as store:
        for days_ago in (200, 150, 120, 95, 10):
            at_s = NOON_UTC_S - days_ago * DAY_S
            await store.commit(Batch(decisions=(withheld("m.a", "welcome", at_s),)))
        old_s = NOON_UTC_S - 150 * DAY_S
        await store.commit(Batch((Save(Stream("redemption", 2)),), of(store, 1, stream="redemption", utc_s=old_s)))
        await store.commit(Batch((Save(presence("m.a", utc_s=NOON_UTC_S - 120 * DAY_S)),)))
        assert keys(tmp_path) == {200, 150, 120, 95, 10, 0}
        while await store.sweep(NOON_UTC_S):
            pass
        assert keys(tmp_path) == {150, 120, 10, 0}, "a redemption and a record are needed, a decision is not"
        async with open_outbox(tmp_path, SECRET) as outbox:
            assert await outbox.after(store.incarnation, "redemption", 0, 9) == list(
                of(store, 1, stream="redemption", utc_s=old_s)
            )


async def test_a_day_is_forgotten_with_all_that_is_sealed_on_it(tmp_path: Path) -> None:
    yesterday_s = NOON_UTC_S - DAY_S
    async with open_store(tmp_path, SECRET, clock=lambda: NOON_UTC_S) as store, open_outbox(tmp_path, SECRET) as outbox:
        for sequence in range(1, 7):
            at_s = yesterday_s if sequence in {2, 3, 5} else NOON_UTC_S
            made = of(store, sequence, utc_s=at_s)
            await store.commit(Batch((Save(presence(f"m.{sequence}", utc_s=at_s)),), made))
        await store.forget_day(TODAY - 1, NOON_UTC_S)
        told = await outbox.after(store.incarnation, "visit", 0, 10)
        dropped = [(each.data["first"], each.sequence) for each in told if each.type == "event.dropped"]
        assert [each.sequence for each in told] == [1, 2, 3, 4, 5, 6]
        assert dropped == [(f"{n:020d}", n) for n in (2, 3, 5)]
        assert all(each.data["reason"] == "expired" for each in told if each.subject is None)
        assert keys(tmp_path) == {0}
        assert {key.subject for key in (await store.load()).records if hasattr(key, "subject")} == {"m.1", "m.4", "m.6"}
        await store.commit(Batch((Save(presence("m.2", utc_s=yesterday_s)),), of(store, 7, utc_s=yesterday_s)))
        assert (await outbox.after(store.incarnation, "visit", 6, 10)) == list(of(store, 7, utc_s=yesterday_s))


async def test_today_is_not_forgotten(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store:
        with pytest.raises(ValueError, match="is not over: its key is in use"):
            await store.forget_day(TODAY, NOON_UTC_S)


def test_a_ledger_of_nothing_is_refused() -> None:
    assert list(problems(LedgerOptions())) == []
    assert list(problems(LedgerOptions(0, 0))) == [
        ("days", "0 is too little", "write 1 or more"),
        ("decisions", "0 is too little", "write 1 or more"),
    ]
