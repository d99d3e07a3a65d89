"""A full disk: the batch is left out whole, telemetry makes room, and what matters more is kept."""

from dataclasses import replace
from pathlib import Path
from secrets import token_hex

import pytest

from gateway.model.event import Event
from gateway.model.step import Save, Stream
from gateway.runtime.errors import StorageUnavailable
from gateway.settings import check_settings, load_settings
from gateway.storage.batch import Batch
from gateway.storage.database import Store, open_store
from gateway.storage.outbox import Outbox, open_outbox
from gateway.storage.room import RESERVE_FILE
from gateway.storage.secret import OWN_FILE
from tests.integration.test_settings import FLOOR_PLAN, STORE, write
from tests.storage.small_disk import largest_file, mounted_disk
from tests.storage.values import NOON_UTC_S, of

SECRET = bytes(range(32))
EACH = 50


async def test_a_real_full_disk(tmp_path: Path) -> None:
    with mounted_disk(tmp_path) as disk:
        state = disk.place / "state"
        async with open_store(state, SECRET) as store, open_outbox(state, SECRET) as outbox:
            await fill_evict_and_go_on(store, outbox)


async def test_a_disk_that_something_else_filled_is_no_reason_not_to_start(tmp_path: Path) -> None:
    with mounted_disk(tmp_path, 32 << 20) as disk:
        state = disk.place / "state"
        async with open_store(state, SECRET) as store:
            await store.commit(batch(store, "visit", 0))
        (state / OWN_FILE).write_bytes(SECRET)
        (state / OWN_FILE).chmod(0o600)
        (tmp_path / "floorplan.toml").write_text(FLOOR_PLAN)
        settings = load_settings(write(tmp_path, store=STORE.replace('"state"', f'"{state}"')), {})
        disk.fill()
        for path in state.glob("gateway.db-*"):
            path.unlink()
        checked = await check_settings(settings, {})
        assert (checked.problems, [each.problem for each in checked.warnings]) == ((), ["the disk is full"])
        async with open_store(state, SECRET) as store, open_outbox(state, SECRET) as outbox:
            await store.commit(batch(store, "visit", EACH))
            assert await sequences(outbox, store, "visit") == list(range(1, 2 * EACH + 1))
        (state / RESERVE_FILE).unlink(missing_ok=True)
        disk.fill()
        checked = await check_settings(settings, {})
        assert [each.hint for each in checked.problems] == ["free room on the disk that holds the state directory"]


async def test_a_database_that_may_not_grow(tmp_path: Path) -> None:
    with largest_file(600_000):
        async with open_store(tmp_path, SECRET) as store, open_outbox(tmp_path, SECRET) as outbox:
            await fill_evict_and_go_on(store, outbox)


async def fill_evict_and_go_on(store: Store, outbox: Outbox) -> None:
    visits, telemetry = await fill(store)
    assert await sequences(outbox, store, "visit") == list(range(1, visits + 1)), "half a batch was kept"
    assert await sequences(outbox, store, "telemetry") == list(range(1, telemetry + 1))
    with pytest.raises(StorageUnavailable, match=r"full: free room on the disk|I/O error: look for disk errors"):
        await store.commit(batch(store, "visit", visits))

    freed = await store.make_room(NOON_UTC_S) or await store.make_room(NOON_UTC_S)
    assert freed >= telemetry // 2
    for _ in range(telemetry // 4 // EACH):  # half of the room that was freed is surely there
        await commit(store, batch(store, "visit", visits))
        visits += EACH

    assert await sequences(outbox, store, "visit") == list(range(1, visits + 1))
    (dropped, *rest) = await outbox.after(store.incarnation, "telemetry", 0, 100_000)
    assert [kept.sequence for kept in rest] == list(range(dropped.sequence + 1, telemetry + 1))
    assert (dropped.type, dropped.subject) == ("event.dropped", None)
    assert dropped.data == {"first": f"{1:020d}", "last": f"{dropped.sequence:020d}", "reason": "evicted"}
    while len(await sequences(outbox, store, "telemetry")) > 1:
        await store.make_room(NOON_UTC_S)
    (dropped,) = await outbox.after(store.incarnation, "telemetry", 0, 10)
    assert (dropped.data["first"], dropped.sequence) == (f"{1:020d}", telemetry)


async def commit(store: Store, made: Batch) -> None:
    """As the pipeline does it: the log may have to be emptied first, and nothing is given up for that."""
    try:
        await store.commit(made)
    except StorageUnavailable:
        assert await store.make_room(NOON_UTC_S) == 0
        await store.commit(made)


async def fill(store: Store) -> tuple[int, int]:
    """Commit visits and twice as much telemetry until the disk is full; how many of each were taken."""
    taken = {"visit": 0, "telemetry": 0}
    for _ in range(2000):
        for stream in ("visit", "telemetry", "telemetry"):
            try:
                await store.commit(batch(store, stream, taken[stream]))
            except StorageUnavailable:
                return taken["visit"], taken["telemetry"]
            taken[stream] += EACH
    pytest.fail("the disk never filled")


def batch(store: Store, stream: str, after: int) -> Batch:
    """The next events of a stream, with its record."""
    made = of(store, *range(after + 1, after + EACH + 1), stream=stream)
    events = tuple(replace(each, data={"noise": token_hex(200)}) for each in made)
    return Batch((Save(Stream(stream, after + EACH + 1)),), events)


async def sequences(outbox: Outbox, store: Store, stream: str) -> list[int]:
    found: list[Event] = await outbox.after(store.incarnation, stream, 0, 100_000)
    return [kept.sequence for kept in found]
