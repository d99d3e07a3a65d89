"""A disk that fills under load, turns read-only or fails: nothing that was reported committed is missing afterwards."""

import asyncio
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

import pytest

from gateway.model.health import Condition
from gateway.model.inputs import Input, OperatorNotice
from gateway.model.step import Save, Step, Stream
from gateway.model.time import Now
from gateway.pipeline import CommitOptions, Pipeline
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.feed import Feed
from gateway.runtime.health import Health
from gateway.runtime.inbox import Inbox
from gateway.storage.batch import Batch
from gateway.storage.database import Store, open_store
from gateway.storage.outbox import open_outbox
from tests.storage.small_disk import largest_file, mounted_disk
from tests.storage.values import NOON_UTC_S, of

SECRET = bytes(range(32))


class NoticeEngine:
    """Every notice becomes an event of its stream, with noise that no compression takes away."""

    deadline_s: float | None = None

    def __init__(self, store: Store) -> None:
        self.given: dict[str, int] = {}
        self._store = store

    def step(self, input: Input, now: Now) -> Step:
        assert isinstance(input, OperatorNotice)
        sequence = self.given[input.stream] = self.given.get(input.stream, 0) + 1
        (plain,) = of(self._store, sequence, stream=input.stream, utc_s=now.utc_s)
        event = replace(plain, data={"noise": token_hex(150)})
        return Step((Save(Stream(input.stream, sequence + 1)),), (event,), answer=sequence)


async def visits(directory: Path) -> list[int]:
    async with open_store(directory, SECRET) as store, open_outbox(directory, SECRET) as outbox:
        return [each.sequence for each in await outbox.after(store.incarnation, "visit", 0, 100_000)]


async def commit(store: Store, sequence: int) -> None:
    await store.commit(Batch((Save(Stream("visit", sequence + 1)),), of(store, sequence)))


async def test_on_a_disk_of_8_mb_filled_under_load_redemptions_stay_and_the_shop_goes_on(tmp_path: Path) -> None:
    with mounted_disk(tmp_path) as disk:
        async with open_store(disk.place / "state", SECRET) as store:
            health, engine = Health(), NoticeEngine(store)
            inbox = Inbox(lambda: Now(asyncio.get_running_loop().time(), NOON_UTC_S, "synced", "boot"))
            pipeline = Pipeline(
                inbox=inbox, engine=engine, store=store, feed=Feed(), health=health,
                options=CommitOptions(urgent_s=0.005, radio_s=0.02),
            )  # fmt: skip
            running = asyncio.create_task(pipeline.run())
            for turn in range(70):
                for number in range(200):
                    stream = ("telemetry", "telemetry", "operation", "offer", "visit")[number % 5]
                    await inbox.put(OperatorNotice(stream, "order.moved", {}))
                answer = await inbox.ask(OperatorNotice("redemption", "order.moved", {}))
                assert answer == turn + 1
            inbox.close()
            await running
            conditions = {each.part: each for each in store.conditions()}
        async with open_outbox(disk.place / "state", SECRET) as outbox:
            kept = {
                stream: await outbox.after(store.incarnation, stream, 0, 100_000)
                for stream in ("redemption", "visit", "offer", "operation", "telemetry")
            }
    assert pipeline.counters()["failed_commits"] > 0, "the disk never filled"
    assert [each.sequence for each in kept["redemption"]] == list(range(1, 71))
    assert conditions["outbox:telemetry"].code == "given_up"
    for stream, events in kept.items():
        covered = [int(str(each.data["first"])) if each.type == "event.dropped" else each.sequence for each in events]
        assert covered[0] == 1
        assert events[-1].sequence == engine.given[stream], "every sequence is told, as an event or as dropped"
    assert health.conditions() == [Condition("storage", "writable", "ok")]


async def test_a_card_that_turns_read_only(tmp_path: Path) -> None:
    with mounted_disk(tmp_path) as disk:
        state = disk.place / "state"
        async with open_store(state, SECRET) as store:
            for sequence in range(1, 51):
                await commit(store, sequence)
            disk.fail()
            for _ in range(3):
                with pytest.raises(StorageUnavailable, match=r"look for disk errors|remount the disk writable"):
                    await commit(store, 51)
        disk.unmount()
        assert disk.mount()
        assert await visits(state) == list(range(1, 51))


async def test_an_io_error_keeps_nothing_of_its_batch_and_the_next_try_all_of_it(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store:
        for sequence in range(1, 51):
            await commit(store, sequence)
        with largest_file(1 << 12), pytest.raises(StorageUnavailable, match="look for disk errors in the kernel's log"):
            await commit(store, 51)
        await commit(store, 51)
    assert await visits(tmp_path) == list(range(1, 52))


async def test_a_disk_that_is_full_at_the_start(tmp_path: Path) -> None:
    with mounted_disk(tmp_path) as disk:
        state = disk.place / "state"
        async with open_store(state, SECRET) as store:
            await commit(store, 1)
        ballast = disk.fill()
        async with open_store(state, SECRET) as store:
            taken = await commit_until_refused(store)
            ballast.unlink()
            assert await store.make_room(NOON_UTC_S) == 0, "there is room again, and nothing is given up for it"
            await commit(store, taken + 1)
        assert await visits(state) == list(range(1, taken + 2))


async def commit_until_refused(store: Store) -> int:
    """Commit visits from the second on; how many there are when the disk is full."""
    for sequence in range(2, 2000):
        try:
            await commit(store, sequence)
        except StorageUnavailable:
            return sequence - 1
    pytest.fail("the disk never filled")
