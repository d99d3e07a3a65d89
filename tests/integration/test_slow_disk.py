"""A commit that takes long: deciding goes on, nothing shows before its own commit, and no more waits than may."""

import asyncio
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.engine import Engine
from gateway.lifetime import close_sources
from gateway.model.inputs import OperatorNotice, Started, Stopping
from gateway.pipeline import CommitOptions, Pipeline
from gateway.runtime.clock import SystemClock
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.feed import Committed, Feed
from gateway.runtime.health import Health
from gateway.runtime.inbox import Inbox
from gateway.runtime.supervise import Supervisor
from gateway.runtime.systemd import Notifier
from gateway.storage.database import open_store
from gateway.storage.outbox import open_outbox
from gateway.storage.refusals import Corrupted
from gateway.storage.secret import DATABASE_FILE
from tests.core.shops import plan
from tests.integration.pipeline_shop import NEVER, UP, ListStore, SlowStore, make_shop, notice, numbers, running, until

SECRET = bytes(32)
REFUSED = OperatorNotice("operation", "publish.refused", {"class": "visit"})
IMPATIENT = CommitOptions(urgent_s=0.005, radio_s=0.05, patience_s=0.1)


async def test_steps_go_on_during_a_commit_and_show_after_their_own() -> None:
    store = SlowStore()
    async with running(make_shop(NEVER, store)) as shop:
        first = asyncio.create_task(shop.inbox.ask(notice(1)))
        await until(lambda: store.attempts == 1)
        second = asyncio.create_task(shop.inbox.ask(notice(2)))
        await shop.inbox.put(UP, origin=("capture:a", 7))
        await until(lambda: len(shop.engine.steps) == 3)
        await asyncio.sleep(0.05)
        assert (store.attempts, shop.heard, first.done(), second.done()) == (1, [], False, False)
        store.answers.release()
        assert await first == "OperatorNotice"
        await until(lambda: store.attempts == 2)
        assert (numbers(shop.heard), second.done()) == ([[1]], False)
        assert shop.heard[0].positions == {}
        store.answers.release()
        assert await second == "OperatorNotice"
    assert numbers(store.batches) == numbers(shop.heard) == [[1], [2]]
    assert shop.heard[1].positions == {"capture:a": 7}


async def test_an_answer_without_changes_waits_for_what_it_may_rest_on() -> None:
    store = SlowStore()
    async with running(make_shop(NEVER, store)) as shop:
        await shop.inbox.put(notice(1, urgent=True))
        await until(lambda: store.attempts == 1)
        asking = asyncio.create_task(shop.inbox.ask(UP))
        await until(lambda: len(shop.engine.steps) == 2)
        await asyncio.sleep(0.05)
        assert not asking.done()
        store.answers.release()
        assert await asking == "ReceiverHealth"


@pytest.mark.parametrize(("silence_s", "is_a_hang"), [(3600.0, False), (0.2, True)])
async def test_a_disk_that_says_nothing_is_no_hang_of_the_gateway_until_it_lasts(
    silence_s: float, is_a_hang: bool
) -> None:
    store, loop = SlowStore(), asyncio.get_running_loop()
    async with running(make_shop(replace(IMPATIENT, silence_s=silence_s), store)) as shop:
        await shop.inbox.put(notice(1, urgent=True))
        await until(lambda: store.attempts == 1)
        lasts_s = loop.time() + silence_s
        if is_a_hang:
            await asyncio.sleep(1.5)
            assert all(fed_s < lasts_s for fed_s in shop.fed_s)
        else:
            fed = len(shop.fed_s)
            await until(lambda: len(shop.fed_s) > fed)
        assert store.batches == []
        store.answers.release()


async def test_of_a_sweep_that_says_nothing_askers_are_told_in_time() -> None:
    class Sweeping(ListStore):
        async def sweep(self, now_utc_s: float) -> int:
            self.swept_at.append(now_utc_s)
            await swept.wait()
            return 0

    swept, store = asyncio.Event(), Sweeping()
    async with running(make_shop(replace(IMPATIENT, sweep_after_s=0.01), store)) as shop:
        await until(lambda: bool(store.swept_at))
        with pytest.raises(StorageUnavailable, match="does not answer"):
            await shop.inbox.ask(notice(1))
        swept.set()
        await until(lambda: shop.health.sound("storage"))
        assert await shop.inbox.ask(notice(2)) == "OperatorNotice"
    assert numbers(store.batches) == [[1], [2]] or numbers(store.batches) == [[1, 2]]


async def test_a_stop_is_taken_however_many_wait_for_a_slow_disk() -> None:
    store = SlowStore()
    async with running(make_shop(NEVER, store)) as shop, Supervisor(shop.health) as supervisor:
        await shop.inbox.put(notice(1, urgent=True))
        await until(lambda: store.attempts == 1)
        askers = [asyncio.create_task(shop.inbox.ask(UP)) for _ in range(100)]
        await until(lambda: len(shop.engine.steps) == 101)
        stopping = asyncio.create_task(close_sources(supervisor, (), shop.inbox, Notifier(None)))
        await until(lambda: len(shop.engine.steps) == 102 or stopping.done())
        for _ in range(2):
            store.answers.release()
        await stopping
        assert await asyncio.gather(*askers) == ["ReceiverHealth"] * 100
    assert isinstance(shop.engine.steps[-1][0], Stopping)


async def test_no_more_than_one_full_batch_is_stepped_ahead_of_a_commit() -> None:
    store = SlowStore()
    shop = make_shop(CommitOptions(urgent_s=3600.0, radio_s=3600.0, max_steps=10), store)
    for number in range(35):
        await shop.inbox.put(notice(number))
    async with running(shop):
        await until(lambda: len(shop.engine.steps) == 20)
        await asyncio.sleep(0.05)
        assert (len(shop.engine.steps), len(shop.inbox)) == (20, 15)
        store.answers.release()
        await until(lambda: len(shop.engine.steps) == 30)
        for _ in range(3):
            store.answers.release()
        shop.inbox.close()
    assert numbers(shop.heard) == [list(range(n, min(n + 10, 35))) for n in (0, 10, 20, 30)]


async def test_what_was_stepped_behind_a_failing_commit_follows_it() -> None:
    store = SlowStore(failing=lambda: store.attempts <= 2)
    async with running(make_shop(NEVER, store)) as shop:
        first = asyncio.create_task(shop.inbox.ask(notice(1)))
        await until(lambda: store.attempts == 1)
        second = asyncio.create_task(shop.inbox.ask(notice(2)))
        await until(lambda: len(shop.engine.steps) == 2)
        store.answers.release()
        await until(lambda: store.attempts == 2)
        await shop.inbox.put(notice(3, urgent=True))
        await asyncio.sleep(0.05)
        assert (len(shop.engine.steps), len(shop.inbox)) == (2, 1), "it stepped while storage failed"
        for _ in range(4):
            store.answers.release()
        assert [await first, await second] == ["OperatorNotice", "OperatorNotice"]
        await until(lambda: len(shop.heard) == 3)
    assert numbers(store.batches) == numbers(shop.heard) == [[1], [2], [3]]


async def test_of_a_disk_that_does_not_answer_asks_are_told_in_time() -> None:
    store = SlowStore()
    async with running(make_shop(IMPATIENT, store)) as shop:
        first = asyncio.create_task(shop.inbox.ask(notice(1)))
        await until(lambda: store.attempts == 1)
        second = asyncio.create_task(shop.inbox.ask(notice(2)))
        for refused in (first, second):
            with pytest.raises(StorageUnavailable, match="does not answer: look for disk errors"):
                await refused
        assert not shop.inbox.offer(UP)
        await shop.inbox.put(notice(3))
        assert [each.code for each in shop.health.conditions()] == ["storage_unavailable"]
        for _ in range(3):
            store.answers.release()
        await until(lambda: len(store.batches) == 3)
        assert shop.inbox.offer(UP)
        assert [each.code for each in shop.health.conditions()] == ["writable"]
    assert numbers(shop.heard) == [[1], [2], [3]]


async def test_damage_found_by_a_commit_ends_it_though_nothing_arrives() -> None:
    store = SlowStore()
    shop = make_shop(NEVER, store)

    def broken() -> bool:
        msg = "database disk image is malformed"
        raise Corrupted(msg)

    store.failing = broken
    await shop.inbox.put(notice(1, urgent=True))
    store.answers.release()
    with pytest.raises(Corrupted, match="malformed"):
        async with asyncio.timeout(60):
            await shop.pipeline.run()
    assert shop.heard == []


async def test_a_fault_of_the_engine_ends_it_though_a_commit_runs() -> None:
    store = SlowStore()
    shop = make_shop(NEVER, store)
    await shop.inbox.put(notice(1, urgent=True))
    running_ = asyncio.create_task(shop.pipeline.run())
    await until(lambda: store.attempts == 1)
    await shop.inbox.put(notice(2))
    await shop.inbox.put(OperatorNotice("operation", "broken", {}))
    with pytest.raises(RuntimeError, match="a visit without a visitor"):
        async with asyncio.timeout(60):
            await running_
    assert (store.batches, shop.heard) == ([], [])


@pytest.mark.slow
async def test_while_the_real_database_is_locked_for_two_seconds_the_shop_is_decided_on_and_nothing_leaks(
    tmp_path: Path,
) -> None:
    heard: list[Committed] = []
    async with (
        open_store(tmp_path, SECRET) as store,
        open_outbox(tmp_path, SECRET) as outbox,
        asyncio.timeout(60),
        asyncio.TaskGroup() as group,
    ):
        inbox = Inbox(SystemClock())
        engine = Engine(incarnation=store.incarnation, id_key=bytes(32), floorplan=plan())
        pipeline = Pipeline(
            inbox=inbox, engine=engine, store=store, feed=Feed(), health=Health(), committed=(heard.append,)
        )
        written = group.create_task(pipeline.run())
        await inbox.ask(Started("test"))
        heard.clear()
        with closing(sqlite3.connect(tmp_path / DATABASE_FILE, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            asking = [group.create_task(inbox.ask(REFUSED)) for _ in range(2)]
            stepped, until_s = 0, time.monotonic() + 2.0
            while time.monotonic() < until_s:
                stepped += 1
                await inbox.put(REFUSED)
                await asyncio.sleep(0.02)
            assert pipeline.counters()["inputs"] == stepped + 3, "it did not step while the commit ran"
            assert await outbox.after(store.incarnation, "operation", 0, 1000) == []
            assert (heard, [each.done() for each in asking]) == ([], [False, False])
            other.execute("ROLLBACK")
        await asyncio.wait(asking)
        inbox.close()
        await written
        sent = await outbox.after(store.incarnation, "operation", 0, 1000)
    assert stepped > 30
    assert [each.sequence for each in sent] == list(range(1, stepped + 3))
    assert (pipeline.counters()["commits"], pipeline.counters()["failed_commits"]) == (3, 0)
