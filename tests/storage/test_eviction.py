"""What stands where telemetry was given up."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

from gateway.model.step import Save, Stream
from gateway.storage.batch import Batch
from gateway.storage.database import open_store
from gateway.storage.eviction import stand_in
from gateway.storage.outbox import open_outbox
from gateway.storage.sealing import Sealer
from tests.storage.values import event

SECRET = bytes(range(32))


async def test_the_range_begins_after_what_head_office_has(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store, open_outbox(tmp_path, SECRET) as outbox:
        made = tuple(replace(event(n, "telemetry"), incarnation=store.incarnation) for n in range(1, 13))
        await store.commit(Batch((Save(Stream("telemetry", 13)),), made))
        await store.commit(Batch((Save(Stream("telemetry", 13, acked=2)),)))
        assert await store.evict_telemetry() == 4
        first, *rest = await outbox.after(store.incarnation, "telemetry", 2, 100)
        assert (first.sequence, first.data["first"], first.data["last"]) == (7, f"{3:020d}", f"{7:020d}")
        assert rest == list(made[7:])
        await store.commit(Batch((Save(Stream("telemetry", 13, acked=7)),)))
        assert await outbox.after(store.incarnation, "telemetry", 0, 100) == rest


async def test_other_classes_and_a_single_row_are_never_given_up(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store:
        made = tuple(replace(event(n, "visit"), incarnation=store.incarnation) for n in range(1, 9))
        await store.commit(Batch(events=(*made, replace(made[0], stream="telemetry"))))
        assert await store.evict_telemetry() == 0
        async with open_outbox(tmp_path, SECRET) as outbox:
            assert await outbox.after(store.incarnation, "visit", 0, 100) == list(made)


def test_the_stand_in_has_an_id_of_its_own_of_the_same_millisecond() -> None:
    given_up = replace(event(9, "telemetry"), id="019a0000-1234-7abc-8def-0123456789ab")
    dropped = stand_in(given_up, 3, "evicted", Sealer(SECRET))
    assert dropped == stand_in(given_up, 3, "evicted", Sealer(SECRET))
    assert dropped.id != given_up.id
    assert UUID(dropped.id).version == 7
    assert UUID(dropped.id).int >> 80 == UUID(given_up.id).int >> 80
    assert (dropped.sequence, dropped.stream, dropped.subject) == (9, "telemetry", None)
