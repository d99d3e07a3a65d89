"""The one writer: what is committed together, what leaves when, and what a failing disk does to it."""

import asyncio

import pytest

from gateway.model.inputs import Acked, OperatorNotice, Started, Stopping, Tick
from gateway.model.sighting import CodeText, Sighting
from gateway.model.step import Save, Stream
from gateway.model.time import Now
from gateway.pipeline import CommitOptions
from gateway.runtime.errors import StorageUnavailable
from tests.integration.pipeline_shop import (
    NEVER,
    PROMPT,
    UP,
    ListStore,
    Shop,
    make_shop,
    notice,
    numbers,
    running,
    until,
)


async def test_quiet_changes_wait_and_an_urgent_one_takes_them_along() -> None:
    async with running(make_shop(NEVER)) as shop:
        for number in range(3):
            await shop.inbox.put(notice(number))
        await until(lambda: len(shop.engine.steps) == 3)
        assert shop.store.batches == []
        await shop.inbox.put(notice(3, urgent=True))
        await until(lambda: bool(shop.heard))
    assert numbers(shop.store.batches) == numbers(shop.heard) == [[0, 1, 2, 3]]


async def test_quiet_changes_are_committed_by_themselves_in_their_lane() -> None:
    async with running(make_shop(PROMPT)) as shop:
        await shop.inbox.put(notice(1))
        await until(lambda: bool(shop.heard))
        assert not shop.inbox.exhausted
    assert numbers(shop.store.batches) == [[1]]


async def test_what_is_too_old_is_swept_part_by_part_by_the_shops_time() -> None:
    options = CommitOptions(urgent_s=0.005, radio_s=0.05, sweep_after_s=0.02, sweep_on_s=0.02, sweep_every_s=3600.0)
    async with running(make_shop(options)) as shop:
        await until(lambda: len(shop.store.swept_at) == 3)
        await asyncio.sleep(0.1)
    assert shop.store.swept_at == [1_800_000_100.0] * 3


async def test_nothing_is_swept_by_a_clock_that_is_not_set_until_it_is() -> None:
    options = CommitOptions(urgent_s=0.005, radio_s=0.05, sweep_after_s=0.02, sweep_every_s=3600.0)
    shop = make_shop(options)
    shop.clock.kind = "unset"
    async with running(shop):
        await asyncio.sleep(0.15)
        assert shop.store.swept_at == []
        shop.clock.kind = "synced"
        await until(lambda: bool(shop.store.swept_at))


async def test_acks_reach_storage_of_whatever_incarnation_they_are() -> None:
    async with running(make_shop(PROMPT)) as shop:
        await shop.inbox.put(Acked("earlier", "visit", 7))
        await shop.inbox.put(Acked("earlier", "visit", 9))
        await until(lambda: bool(shop.heard))
    assert [dict(batch.acks) for batch in shop.store.batches] == [{("earlier", "visit"): 9}]


async def test_what_changes_nothing_is_not_committed() -> None:
    async with running(make_shop(PROMPT)) as shop:
        shop.inbox.offer(UP)
        assert await shop.inbox.ask(UP) == "ReceiverHealth"
    assert shop.store.attempts == 0
    assert not shop.pipeline.ready.is_set()


async def test_the_first_commit_is_soon_and_makes_ready() -> None:
    shop = make_shop(NEVER)
    await shop.inbox.put(Started("1"))
    await shop.inbox.put(Acked("i", "visit", 7))
    async with running(shop):
        await shop.pipeline.ready.wait()
    assert [batch.changes for batch in shop.store.batches] == [(Save(Stream("visit", 8, 7)),)]


async def test_an_answer_comes_after_the_commit() -> None:
    async with running(make_shop(NEVER)) as shop:
        assert await shop.inbox.ask(notice(5)) == "OperatorNotice"
        assert numbers(shop.store.batches) == [[5]]


async def test_an_asker_who_left_disturbs_nobody() -> None:
    shop = make_shop(PROMPT)
    gone = asyncio.create_task(shop.inbox.ask(notice(1)))
    await asyncio.sleep(0)
    gone.cancel()
    async with running(shop):
        assert await shop.inbox.ask(notice(2)) == "OperatorNotice"
    assert numbers(shop.store.batches) == [[1, 2]]


async def test_a_batch_is_bounded() -> None:
    shop = make_shop(CommitOptions(urgent_s=3600.0, radio_s=3600.0, max_steps=10))
    for number in range(25):
        await shop.inbox.put(notice(number))
    await shop.stop()
    assert [len(batch.events) for batch in shop.store.batches] == [10, 10, 5]


async def test_positions_go_with_their_batch() -> None:
    shop = make_shop(NEVER)
    for line in (1, 2, 3):
        await shop.inbox.put(UP, origin=("capture:a", line))
    await shop.stop()
    assert [batch.positions for batch in shop.store.batches] == [{"capture:a": 3}]
    assert shop.heard[0].positions == {"capture:a": 3}


async def test_due_ticks_are_stepped_on_the_grid_before_an_input() -> None:
    shop = make_shop(NEVER)
    await shop.inbox.put(Started("1"))
    shop.engine.deadline_s = 101.1
    shop.clock.mono_s = 103.4
    await shop.inbox.put(Stopping())
    await shop.stop()
    assert shop.engine.steps == [
        (Started("1"), 100.0),
        (Tick(), 101.25),
        (Tick(), 102.25),
        (Tick(), 103.25),
        (Stopping(), 103.4),
    ]


async def test_ticks_come_without_inputs() -> None:
    shop = make_shop(NEVER)
    await shop.inbox.put(Started("1"))
    shop.engine.deadline_s = 101.0
    async with running(shop):
        await until(lambda: len(shop.engine.steps) == 1)
        shop.clock.mono_s = 101.2
        await until(lambda: len(shop.engine.steps) == 2)
    assert shop.engine.steps[1] == (Tick(), 101.0)


async def test_a_new_boot_begins_without_the_ticks_of_the_old_one() -> None:
    shop = make_shop(NEVER)
    await shop.inbox.put(UP)
    shop.engine.deadline_s = 101.0
    await shop.inbox.put(UP, now=Now(900.0, 0.0, "unset", "another boot"))
    await shop.stop()
    assert [mono_s for _, mono_s in shop.engine.steps] == [100.0, 900.0]


async def test_a_failed_commit_keeps_its_batch_and_order() -> None:
    store = ListStore()
    store.failing = lambda: store.attempts <= 2
    shop = make_shop(PROMPT, store)
    async with running(shop):
        assert await shop.inbox.ask(notice(1)) == "OperatorNotice"
        assert await shop.inbox.ask(notice(2)) == "OperatorNotice"
    assert numbers(store.batches) == numbers(shop.heard) == [[1], [2]]
    assert store.evictions == 2
    assert [(c.code, c.severity) for c in shop.health.conditions()] == [("writable", "ok")]


async def test_after_its_patience_asks_are_refused_radio_is_dropped_and_the_rest_waits() -> None:
    healed = asyncio.Event()
    store = ListStore(failing=lambda: not healed.is_set())
    async with running(make_shop(PROMPT, store)) as shop:
        stepped = asyncio.create_task(shop.inbox.ask(notice(1)))
        await until(lambda: store.attempts > 0)
        queued = asyncio.create_task(shop.inbox.ask(notice(2)))
        await shop.inbox.put(notice(3))
        shop.inbox.offer(UP)
        for refused in (stepped, queued):
            with pytest.raises(StorageUnavailable, match="disk is full: free room"):
                await refused
        with pytest.raises(StorageUnavailable):
            await shop.inbox.ask(notice(4))
        assert not shop.inbox.offer(UP)
        assert shop.inbox.dropped == 2
        assert shop.health.conditions()[0].code == "storage_unavailable"
        assert shop.heard == []
        healed.set()
        assert await retried(shop) == "OperatorNotice"
    assert [number for batch in numbers(store.batches) for number in batch] == [1, 3, 5]
    assert shop.pipeline.counters()["dropped"] == 2


async def retried(shop: Shop) -> object:
    while True:
        try:
            return await shop.inbox.ask(notice(5))
        except StorageUnavailable:
            await asyncio.sleep(0.005)


async def test_an_exception_of_the_engine_ends_it_and_commits_nothing() -> None:
    shop = make_shop(PROMPT)
    await shop.inbox.put(notice(1))
    await shop.inbox.put(OperatorNotice("operation", "broken", {}))
    with pytest.raises(RuntimeError, match="a visit without a visitor"):
        await shop.pipeline.run()
    assert shop.store.attempts == 0
    assert shop.heard == []


async def test_closing_drains_what_waits() -> None:
    shop = make_shop(NEVER)
    for number in range(100):
        await shop.inbox.put(notice(number))
    await shop.stop()
    assert numbers(shop.store.batches) == [list(range(100))]
    assert shop.pipeline.counters() == {
        "inputs": 100,
        "ticks": 0,
        "events": 100,
        "decisions": 0,
        "commits": 1,
        "failed_commits": 0,
        "dropped": 0,
        "kept_out": 0,
    }


async def test_a_flood_leaves_turns_to_others() -> None:
    shop = make_shop(NEVER)
    turns = 0

    async def bystander() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    for _ in range(1000):
        shop.inbox.offer(UP)
    watching = asyncio.create_task(bystander())
    await shop.stop()
    watching.cancel()
    assert turns >= 10


async def test_what_means_nothing_is_counted_by_its_reason() -> None:
    shop = make_shop(NEVER)
    for text in ("one text", "another text", "PX1:A"):
        await shop.inbox.put(Sighting("code", "cam-1", CodeText("qr_code", text)))
    await shop.stop()
    assert shop.pipeline.counters()["kept_out"] == 3
    (told,) = (each for each in shop.health.conditions() if each.part == "codes")
    assert told.hint == "since the start: unknown_text 2, code_truncated 1"
