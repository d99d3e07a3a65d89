"""The daily look through the database, and what operators are told."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from gateway.model.health import Condition
from gateway.model.step import Save, Stream
from gateway.storage.batch import Batch
from gateway.storage.database import open_store
from gateway.storage.refusals import Corrupted
from gateway.storage.sealing import DAY_S
from gateway.storage.suspicion import suspect, suspected
from gateway.storage.upkeep import Upkeep, check_whole
from tests.storage.values import of

SECRET = bytes(range(32))


async def fill(directory: Path) -> None:
    async with open_store(directory, SECRET) as store:
        for n in range(1, 300):
            await store.commit(Batch((Save(Stream("visit", n + 1)),), of(store, n)))


def harm(path: Path) -> None:
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 512 * 512
    content[middle : middle + 8192] = os.urandom(8192)
    path.write_bytes(content)


async def test_a_damage_ends_the_process_and_the_next_start_knows(tmp_path: Path) -> None:
    await fill(tmp_path)
    harm(tmp_path / "gateway.db")
    upkeep = Upkeep(tmp_path, lambda: (), lambda _condition: None, first_check_s=0.01)
    async with asyncio.timeout(60):
        with pytest.raises(Corrupted, match="the next start sets it aside and saves what can be read"):
            await upkeep.run()
    assert suspected(tmp_path)
    async with open_store(tmp_path, SECRET) as store:
        assert store.announcement is not None
    assert suspected(tmp_path) is None


async def test_a_sound_database_goes_on_and_a_check_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    await fill(tmp_path)
    assert await check_whole(tmp_path) == "ok"
    assert await check_whole(tmp_path, at_most_s=0.0) in {None, "ok"}
    async with open_store(tmp_path, SECRET) as store:
        assert await check_whole(tmp_path) == "ok"
        await store.commit(Batch(events=of(store, 300)))


async def test_operators_are_told_what_was_set_aside_until_it_is_gone(tmp_path: Path) -> None:
    await fill(tmp_path)
    suspect(tmp_path, "a test")
    told: list[Condition] = []
    async with open_store(tmp_path, SECRET) as store:
        upkeep = asyncio.create_task(Upkeep(tmp_path, store.conditions, told.append, first_check_s=0.05).run())
        await asyncio.sleep(0.1)
        (aside,) = tmp_path.glob("gateway.damaged-*.db")
        assert (told[0].part, told[0].code) == ("database", "set_aside")
        assert f"{aside.name} was damaged" in told[0].hint
        aside.unlink()
        await asyncio.sleep(0.2)
        upkeep.cancel()
        await asyncio.gather(upkeep, return_exceptions=True)
    assert told[-1] == Condition("database", "sound", "ok")


async def test_what_was_set_aside_goes_when_it_is_too_old(tmp_path: Path) -> None:
    await fill(tmp_path)
    old, new, logged = (tmp_path / f"gateway.damaged-2025{month}01T000000Z.db" for month in ("01", "02", "03"))
    old_log, new_log = (place.with_name(f"{place.name}-wal") for place in (old, logged))
    for place in (old, old_log, new, logged, new_log):
        place.write_bytes(b"SQLite format 3\0")
    for place in (old, old_log, logged):
        os.utime(place, (time.time() - 31 * DAY_S,) * 2)
    upkeep = asyncio.create_task(Upkeep(tmp_path, lambda: (), lambda _: None, aside_days=30, first_check_s=0.01).run())
    async with asyncio.timeout(60):
        while old.exists():
            await asyncio.sleep(0.01)
    upkeep.cancel()
    await asyncio.gather(upkeep, return_exceptions=True)
    kept = {new, logged, new_log}
    assert set(tmp_path.glob("gateway.damaged-*")) == kept, "what was written last may be in the log alone"
