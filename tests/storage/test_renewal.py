"""Where others have more of an incarnation than its database knows, all that waits goes on under a new one."""

import os
from dataclasses import replace
from pathlib import Path

from gateway.model.step import Save, Stream
from gateway.storage.batch import Batch
from gateway.storage.database import open_store
from gateway.storage.outbox import open_outbox
from gateway.storage.renewal import EVERY_S, OUTDATED_FILE, ask_for_renewal
from tests.storage.values import NOON_UTC_S, of, presence

SECRET = bytes(range(32))


async def test_all_that_waits_is_renumbered_in_order_and_everything_else_stays(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store:
        old = store.incarnation
        visits = of(store, *range(1, 701))
        await store.commit(Batch((Save(Stream("visit", 701, acked=0)), Save(presence("m.1"))), visits))
        await store.commit(Batch((Save(Stream("visit", 701, acked=350)),)))
        await store.commit(Batch((Save(Stream("offer", 3, acked=2)),), of(store, 1, 2, stream="offer")))
    assert ask_for_renewal(tmp_path, old, NOON_UTC_S)
    async with open_store(tmp_path, SECRET) as store, open_outbox(tmp_path, SECRET) as outbox:
        assert store.incarnation != old
        assert store.announcement == {
            "incarnation": store.incarnation, "previous": old, "cause": "restored",
            "records": 0, "events": 350, "lost": 0,
        }  # fmt: skip
        moved = await outbox.after(store.incarnation, "visit", 0, 1000)
        assert moved == [
            replace(each, incarnation=store.incarnation, sequence=each.sequence - 350) for each in visits[350:]
        ]
        assert await outbox.after(old, "visit", 0, 1000) == []
        assert {each.incarnation for each in await outbox.standing()} == {store.incarnation}
        assert set((await store.load()).records) == {presence("m.1"), Stream("visit", 351)}
        renewed = store.incarnation
        await store.commit(Batch((Save(Stream("visit", 352, acked=350)),), of(store, 351)))
        assert await outbox.after(renewed, "visit", 350, 10) == list(of(store, 351))
    async with open_store(tmp_path, SECRET) as store:
        assert store.incarnation == renewed, "once is enough"


async def test_what_was_given_up_is_told_for_as_many_sequences(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store:
        old = store.incarnation
        for each in of(store, *range(1, 13), stream="telemetry"):
            await store.commit(Batch((Save(Stream("telemetry", each.sequence + 1)),), (each,)))
        assert (await store.make_room(NOON_UTC_S) or await store.make_room(NOON_UTC_S)) == 6
        await store.commit(Batch((Save(Stream("telemetry", 13, acked=2)),)))
    ask_for_renewal(tmp_path, old, NOON_UTC_S)
    async with open_store(tmp_path, SECRET) as store, open_outbox(tmp_path, SECRET) as outbox:
        dropped, *rest = await outbox.after(store.incarnation, "telemetry", 0, 100)
        assert (dropped.type, dropped.sequence) == ("event.dropped", 4)
        assert (dropped.data["first"], dropped.data["last"]) == (f"{1:020d}", f"{4:020d}")
        assert [each.sequence for each in rest] == list(range(5, 11))
        (stream,) = (await store.load()).records
        assert stream == Stream("telemetry", 11)


async def test_another_life_than_the_one_in_force_is_not_renewed_and_none_twice_a_day(tmp_path: Path) -> None:
    assert ask_for_renewal(tmp_path, "77aa00b1c2d3e4f5", NOON_UTC_S)
    async with open_store(tmp_path, SECRET) as store:
        assert store.announcement is None
        ours = store.incarnation
    os.utime(tmp_path / OUTDATED_FILE, (NOON_UTC_S, NOON_UTC_S))
    assert not ask_for_renewal(tmp_path, ours, NOON_UTC_S + EVERY_S - 1)
    assert not ask_for_renewal(tmp_path, ours, NOON_UTC_S - EVERY_S + 1), "nor where the clock was set back"
    async with open_store(tmp_path, SECRET) as store:
        assert store.incarnation == ours
    assert ask_for_renewal(tmp_path, ours, NOON_UTC_S + EVERY_S)
    async with open_store(tmp_path, SECRET) as store:
        assert store.incarnation != ours
