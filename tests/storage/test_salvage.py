"""A damaged database is set aside, what can be read goes on, and head office is told what is lost."""

import os
import random
import sqlite3
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.model.event import Event
from gateway.model.step import Save, Stream, Timeline
from gateway.storage.batch import Batch
from gateway.storage.connection import PAGE_BYTES
from gateway.storage.database import ANNOUNCEMENT, Store, open_store
from gateway.storage.ledger import open_ledger
from gateway.storage.outbox import open_outbox
from gateway.storage.refusals import Damaged
from gateway.storage.suspicion import suspect
from gateway.storage.swap import ASIDE, SALVAGED_FILE
from tests.storage.values import NOON_UTC_S, of, presence, withheld

SECRET = bytes(range(32))
EVENTS = 2000
VISITORS = 60


async def fill(directory: Path) -> str:
    """A morning in the shop, the first 100 visit events acknowledged; its incarnation."""
    async with open_store(directory, SECRET) as store:
        for first in range(1, EVENTS + 1, 10):
            events = of(store, *range(first, first + 10), utc_s=NOON_UTC_S + first)
            saves = (Save(presence(f"m.{first % VISITORS}")), Save(Timeline("boot", 1.0, NOON_UTC_S, "synced", first)))
            decision = withheld("m.1", f"c-{first}", NOON_UTC_S + first)
            changes = (*saves, Save(Stream("visit", first + 10, acked=min(first - 1, 100))))
            await store.commit(Batch(changes, events, (decision,), {"capture:a": first}))
        await store.commit(Batch((Save(Stream("redemption", 3)),), of(store, 1, 2, stream="redemption")))
        await store.sweep(NOON_UTC_S)
        return store.incarnation


def overwrite(path: Path, page: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE_BYTES)
        file.write(content)


def sequences_of(events: list[Event]) -> list[int]:
    """Every sequence that the events answer for, in order; fails where one is answered for twice."""
    told: list[int] = []
    for event in events:
        first = int(str(event.data["first"])) if event.type == "event.dropped" else event.sequence
        told += range(first, event.sequence + 1)
    return told


async def opened(directory: Path, old: str) -> tuple[Store, list[Event]]:
    """Open the damaged state as a start does; the store and what is left of the old incarnation's visits."""
    async with open_store(directory, SECRET) as store, open_outbox(directory, SECRET) as outbox:
        return store, await outbox.after(old, "visit", 100, 10_000)


async def test_a_zeroed_page_anywhere_loses_no_event_silently(tmp_path: Path) -> None:
    old = await fill(tmp_path)
    whole, chance = (tmp_path / "gateway.db").read_bytes(), random.Random(1)
    salvaged = mostly = 0
    for page in sorted(chance.sample(range(2, len(whole) // PAGE_BYTES + 1), 25)):
        for place in tmp_path.glob("gateway.d*"):
            place.unlink()
        (tmp_path / "gateway.db").write_bytes(whole)
        overwrite(tmp_path / "gateway.db", page, bytes(PAGE_BYTES))
        store, visits = await opened(tmp_path, old)
        if store.announcement is None:
            assert store.incarnation == old, "the page was free"
        if store.announcement is None or store.announcement["previous"] is not None:
            assert sequences_of(visits) == list(range(101, EVENTS + 1)), f"page {page}"
        lost = [each for each in visits if each.type == "event.dropped"]
        assert all(each.data["reason"] == "damaged" for each in lost)
        salvaged += store.announcement is not None
        mostly += len(visits) - len(lost) > EVENTS * 0.8
    assert salvaged > 10
    assert mostly > 20, "most pages hold few events"


@pytest.mark.parametrize(
    "harm", [lambda path: overwrite(path, 1, bytes(PAGE_BYTES)), lambda path: os.truncate(path, 5000)]
)
async def test_without_its_first_page_or_its_end_it_is_still_ours(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    old = await fill(tmp_path)
    harm(tmp_path / "gateway.db")
    store, _ = await opened(tmp_path, old)
    assert store.announcement is not None
    assert store.incarnation == store.announcement["incarnation"] != old
    (aside,) = tmp_path.glob(ASIDE)
    assert aside.stat().st_mode & 0o777 == 0o600


async def test_whoever_reads_a_damaged_database_is_told_what_will_be_done(tmp_path: Path) -> None:
    await fill(tmp_path)
    overwrite(tmp_path / "gateway.db", 1, bytes(PAGE_BYTES))
    with pytest.raises(Damaged, match=r"is damaged .*; the gateway sets it aside at its next start and carries over"):
        async with open_outbox(tmp_path, SECRET):
            pass


async def test_records_positions_and_decisions_are_carried_over_and_it_is_announced_once(tmp_path: Path) -> None:
    old = await fill(tmp_path)
    async with open_store(tmp_path, SECRET) as store:
        before = await store.load()
        await store.commit(Batch((Save(presence("m.late")),)))
    suspect(tmp_path, "row 7 missing from index decisions_by_subject")
    async with open_store(tmp_path, SECRET) as store:
        restored = await store.load()
        expected = {each for each in before.records if not isinstance(each, Stream)} | {presence("m.late")}
        assert set(restored.records) == expected
        assert restored.positions == before.positions
        assert store.announcement == {
            "incarnation": store.incarnation, "previous": old, "cause": "damaged",
            "records": len(expected), "events": EVENTS - 100 + 2, "lost": 0,
        }  # fmt: skip
    async with open_store(tmp_path, SECRET) as store, open_ledger(tmp_path, SECRET) as ledger:
        assert store.announcement is not None, "it was not told yet"
        assert len(await ledger.decisions("m.1", limit=1000)) == EVENTS // 10
        told = replace(of(store, 1, stream="telemetry")[0], type=ANNOUNCEMENT, subject=None)
        await store.commit(Batch((Save(Stream("telemetry", 2)),), (told,)))
    async with open_store(tmp_path, SECRET) as store:
        assert store.announcement is None
    assert len(list(tmp_path.glob(ASIDE))) == 1


async def test_the_old_streams_are_acknowledged_to_their_end(tmp_path: Path) -> None:
    old = await fill(tmp_path)
    suspect(tmp_path, "a test")
    async with open_store(tmp_path, SECRET) as store, open_outbox(tmp_path, SECRET) as outbox:
        await store.commit(Batch((Save(Stream("visit", 2)),), of(store, 1)))
        standing = [each for each in await outbox.standing() if each.depth]
        assert [(each.incarnation == old, each.stream, each.depth) for each in standing] == [
            (False, "visit", 1), (True, "redemption", 2), (True, "visit", EVENTS - 100),
        ]  # fmt: skip
        (_, _, visit, *_) = await outbox.by_class()
        assert (visit.incarnation, visit.depth) == (store.incarnation, EVENTS - 99)
        await store.commit(Batch(acks={(old, "visit"): 1000, (old, "unheard"): 9}))
        assert [each.sequence for each in await outbox.after(old, "visit", 1000, 1)] == [1001]
        await store.commit(Batch(acks={(old, "visit"): EVENTS, (old, "redemption"): 2}))
        assert {each.incarnation for each in await outbox.standing()} == {store.incarnation}
        assert await outbox.after(old, "visit", 0, 10) == []


async def test_an_event_that_does_not_open_steps_aside(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store, open_outbox(tmp_path, SECRET) as outbox:
        for n in range(1, 4):
            await store.commit(Batch(events=of(store, n)))
        with sqlite3.connect(tmp_path / "gateway.db") as connection:
            connection.execute("UPDATE outbox SET body = randomblob(100) WHERE last = 2")
        connection.close()
        one, two, three = await outbox.after(store.incarnation, "visit", 0, 10)
        assert (two.type, two.sequence, two.data["reason"]) == ("event.dropped", 2, "damaged")
        assert [one, three] == list(of(store, 1, 3))


async def test_a_swap_cut_short_is_finished_at_the_next_start(tmp_path: Path) -> None:
    old = await fill(tmp_path)
    suspect(tmp_path, "a test")
    async with open_store(tmp_path, SECRET) as store:
        new = store.incarnation
    (aside,) = tmp_path.glob(ASIDE)
    (tmp_path / "gateway.db").replace(tmp_path / SALVAGED_FILE)
    aside.replace(tmp_path / "gateway.db")
    (tmp_path / "gateway.db-wal").write_bytes(b"of the damaged one")
    async with open_store(tmp_path, SECRET) as store:
        assert store.incarnation == new != old
    assert sorted(place.name for place in tmp_path.glob("gateway.damaged-*")) == [aside.name, f"{aside.name}-wal"]


async def test_a_log_torn_anywhere_leaves_a_prefix_of_what_was_committed(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store:
        for n in range(1, 200):
            await store.commit(Batch((Save(Stream("visit", n + 1)),), of(store, n), positions={"capture:a": n}))
        incarnation = store.incarnation
        files = {place.name: place.read_bytes() for place in tmp_path.iterdir() if place.is_file()}
    log, chance, before = files["gateway.db-wal"], random.Random(3), -1
    for cut in sorted(chance.sample(range(len(log)), 12)):
        torn = tmp_path / str(cut)
        torn.mkdir()
        for name, content in files.items():
            (torn / name).write_bytes(content)
        (torn / "gateway.db-shm").unlink()
        (torn / "gateway.db-wal").write_bytes(log[:cut] + os.urandom(len(log) - cut))
        async with open_store(torn, SECRET) as store, open_outbox(torn, SECRET) as outbox:
            committed = (await store.load()).positions.get("capture:a", 0)
            found = [each.sequence for each in await outbox.after(store.incarnation, "visit", 0, 1000)]
        assert found == list(range(1, committed + 1))
        assert committed == 0 or store.incarnation == incarnation
        assert committed >= before
        before = committed


async def test_however_much_waits_little_of_it_is_in_memory_at_once(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store:
        for first in range(1, 48_001, 1600):
            following = Save(Stream("visit", first + 1600))
            await store.commit(Batch((following,), of(store, *range(first, first + 1600))))
    suspect(tmp_path, "a test")
    tracemalloc.start()
    try:
        async with open_store(tmp_path, SECRET) as store:
            assert store.announcement is not None
            assert store.announcement["events"] == 48_000
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 16 << 20, "so many events take 60 MB"
