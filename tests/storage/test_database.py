"""The store: state and messages committed together, read back after a restart and by others meanwhile."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.model.step import Forget, Save, Stream, Timeline
from gateway.storage.batch import Batch
from gateway.storage.database import open_store
from gateway.storage.ledger import open_ledger
from gateway.storage.outbox import open_outbox
from gateway.storage.refusals import Corrupted, Unreadable
from gateway.storage.retention import LedgerOptions
from tests.storage.values import NOON_UTC_S, of, presence, withheld

SECRET = bytes(range(32))


async def test_all_of_a_batch_is_there_after_a_restart(tmp_path: Path) -> None:
    timeline = Timeline("boot", 12.5, NOON_UTC_S, "synced", 7)
    decision = withheld("m.q3lzt7", "welcome", NOON_UTC_S)
    async with open_store(tmp_path, SECRET) as store:
        incarnation = store.incarnation
        made = of(store, 1, 2)
        saves = (Save(presence("m.q3lzt7")), Save(timeline), Save(Stream("visit", 3)))
        await store.commit(Batch(saves, made, (decision,), {"capture:a": 9}))
        await store.commit(Batch(positions={"capture:a": 12, "capture:b": 1}))
    async with open_store(tmp_path, SECRET) as store:
        restored = await store.load()
        assert store.incarnation == incarnation
        assert len(incarnation) == 16
        assert set(map(repr, restored.records)) == {repr(save.record) for save in saves}
        assert restored.positions == {"capture:a": 12, "capture:b": 1}
        async with open_outbox(tmp_path, SECRET) as outbox, open_ledger(tmp_path, SECRET) as ledger:
            assert await outbox.after(incarnation, "visit", 0, 10) == list(made)
            assert await ledger.decisions("m.q3lzt7") == [decision]


async def test_an_empty_batch_and_a_batch_of_forgets_commit(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store:
        await store.commit(Batch())
        await store.commit(Batch((Save(presence("m.a")), Save(presence("m.b")))))
        await store.commit(Batch((Forget("presence", ("m.a",)), Forget("presence", ("m.never",)))))
        assert (await store.load()).records == [presence("m.b")]


async def test_acked_events_leave_in_the_commit_that_saves_the_ack(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store, open_outbox(tmp_path, SECRET) as outbox:
        await store.commit(Batch((Save(Stream("visit", 6)),), of(store, 1, 2, 3, 4, 5)))
        await store.commit(Batch((Save(Stream("offer", 3)),), of(store, 1, 2, stream="offer")))
        await store.commit(Batch((Save(Stream("visit", 6, acked=3)),)))
        assert [found.sequence for found in await outbox.after(store.incarnation, "visit", 3, 10)] == [4, 5]
        assert [found.sequence for found in await outbox.after(store.incarnation, "offer", 0, 10)] == [1, 2]
        await store.commit(Batch((Save(Stream("visit", 6, acked=5)),)))
        assert await outbox.after(store.incarnation, "visit", 0, 10) == []
        visit = {standing.stream: standing for standing in await outbox.standing()}["visit"]
        assert (visit.next_sequence, visit.acked, visit.depth, visit.oldest_utc_s) == (6, 5, 0, None)


async def test_a_reader_sees_each_commit_of_a_running_writer_and_its_new_day(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store, open_outbox(tmp_path, SECRET) as outbox:
        for n in range(1, 8):
            tomorrow = replace(of(store, n)[0], recorded_utc_s=NOON_UTC_S + 86_400 * n)
            await store.commit(Batch(events=(tomorrow,)))
            assert (await outbox.after(store.incarnation, "visit", n - 1, 10)) == [tomorrow]
        assert len(await outbox.after(store.incarnation, "visit", 2, 3)) == 3


async def test_readers_cannot_write(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET), open_outbox(tmp_path, SECRET) as outbox:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await outbox._connection.execute("DELETE FROM outbox")


async def test_a_sequence_given_twice_keeps_nothing_of_its_batch(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store:
        await store.commit(Batch(events=of(store, 1)))
        with pytest.raises(Corrupted):
            await store.commit(Batch((Save(presence("m.a")),), of(store, 2, 1), positions={"capture:a": 1}))
        restored = await store.load()
        assert (restored.records, restored.positions) == ([Stream("visit", 2)], {})
        await store.commit(Batch(events=of(store, 2)))


async def test_what_is_no_json_keeps_nothing_of_its_batch_and_the_store_goes_on(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store:
        (good,) = of(store, 1)
        with pytest.raises(TypeError):
            await store.commit(
                Batch((Save(presence("m.a")),), (good, replace(good, sequence=2, data={"when": object()})))
            )
        assert (await store.load()).records == []
        await store.commit(Batch(events=(good,)))


async def test_two_gateways_do_not_share_a_state(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET):
        with pytest.raises(Unreadable, match="another gateway runs"):
            async with open_store(tmp_path, SECRET):
                pass


async def test_positions_are_bounded(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store:
        await store.commit(Batch(positions={f"capture:{n}": n for n in range(1200)}))
    async with open_store(tmp_path, SECRET) as store:
        kept = (await store.load()).positions
    assert sorted(kept.values()) == list(range(200, 1200))


async def test_the_ledger_is_bounded_and_forgets_the_oldest_first(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET, ledger=LedgerOptions(decisions=3)) as store:
        for number in range(5):
            await store.commit(Batch(decisions=(withheld("m.q3lzt7", f"c-{number}", NOON_UTC_S + number),)))
    async with open_ledger(tmp_path, SECRET) as ledger:
        assert [decision.campaign for decision in await ledger.decisions("m.q3lzt7")] == ["c-4", "c-3", "c-2"]


async def test_the_files_are_the_owners_alone(tmp_path: Path) -> None:
    directory = tmp_path / "made" / "at start"
    async with open_store(directory, SECRET) as store:
        await store.commit(Batch(positions={"capture:a": 1}))
        modes = {place.name: place.stat().st_mode & 0o777 for place in directory.iterdir()}
        assert {"gateway.db", "gateway.db-wal", "gateway.db-shm"} <= modes.keys()
        assert set(modes.values()) == {0o600}
        assert directory.stat().st_mode & 0o777 == 0o700
