"""What stands where events were given up, and which are given up first."""

from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

import pytest

from gateway.model.event import STREAMS, Event
from gateway.model.step import Save, Stream
from gateway.storage.batch import Batch
from gateway.storage.bounds import GIVEN_UP_FIRST, OutboxOptions, problems
from gateway.storage.database import Store, open_store
from gateway.storage.eviction import stand_in
from gateway.storage.outbox import Outbox, open_outbox
from gateway.storage.sealing import DAY_S, Sealer
from tests.storage.values import NOON_UTC_S, of

SECRET = bytes(range(32))
LATER_UTC_S = NOON_UTC_S + 60


async def commit(store: Store, stream: str, sequences: Iterable[int], utc_s: float = NOON_UTC_S) -> list[Event]:
    """Each event in a commit of its own, so that each is a run."""
    made = of(store, *sequences, stream=stream, utc_s=utc_s)
    for each in made:
        await store.commit(Batch((Save(Stream(stream, each.sequence + 1)),), (each,)))
    return list(made)


async def waiting(outbox: Outbox, store: Store, stream: str) -> list[Event]:
    return await outbox.after(store.incarnation, stream, 0, 10_000)


async def give_up(store: Store) -> int:
    """As on a disk that is full again although the log was emptied."""
    return await store.make_room(LATER_UTC_S) or await store.make_room(LATER_UTC_S)


def covers(event: Event) -> tuple[int, int, str]:
    assert (event.type, event.subject) == ("event.dropped", None)
    return int(str(event.data["first"])), int(str(event.data["last"])), str(event.data["reason"])


async def test_the_range_begins_after_what_head_office_has(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store, open_outbox(tmp_path, SECRET) as outbox:
        made = await commit(store, "telemetry", range(1, 13))
        await store.commit(Batch((Save(Stream("telemetry", 13, acked=2)),)))
        assert await give_up(store) == 5
        first, *rest = await waiting(outbox, store, "telemetry")
        assert (first.sequence, covers(first)) == (7, (3, 7, "evicted"))
        assert (first.time_utc_s, first.recorded_utc_s) == (NOON_UTC_S, LATER_UTC_S)
        assert rest == made[7:]
        await store.commit(Batch((Save(Stream("telemetry", 13, acked=7)),)))
        assert await waiting(outbox, store, "telemetry") == rest


async def test_a_range_covers_those_that_were_dropped_before(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store, open_outbox(tmp_path, SECRET) as outbox:
        await commit(store, "telemetry", range(1, 9))
        assert [await give_up(store) for _ in range(4)] == [4, 1, 1, 1]
        first, *rest = await waiting(outbox, store, "telemetry")
        assert (covers(first), len(rest)) == ((1, 7, "evicted"), 1)
        standing = {each.stream: each for each in await outbox.standing()}["telemetry"]
        assert (standing.depth, standing.next_sequence) == (2, 9)


async def test_the_least_important_class_goes_first_and_redemptions_and_consents_never(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store, open_outbox(tmp_path, SECRET) as outbox:
        for stream in STREAMS:
            await commit(store, stream, (1, 2))
        for given_up, name in enumerate(GIVEN_UP_FIRST, 1):
            assert await give_up(store) == 2
            depths = {each.stream: each.depth for each in await outbox.standing()}
            assert [depths[each] for each in GIVEN_UP_FIRST] == [1] * given_up + [2] * (4 - given_up), name
        assert await give_up(store) == 0
        assert (depths["redemption"], depths["consent"]) == (2, 2)


async def test_a_class_at_its_bound_gives_its_oldest_up(tmp_path: Path) -> None:
    options = OutboxOptions(visit_events=1000)
    async with open_store(tmp_path, SECRET, outbox=options) as store, open_outbox(tmp_path, SECRET) as outbox:
        for first in range(1, 3001, 50):
            await store.commit(Batch(events=of(store, *range(first, first + 50))))
            visit = {each.stream: each for each in await outbox.standing()}["visit"]
            assert visit.depth <= 1000
        dropped, *rest = await waiting(outbox, store, "visit")
        assert covers(dropped) == (1, dropped.sequence, "evicted")
        assert [each.sequence for each in rest] == list(range(dropped.sequence + 1, 3001))
        assert visit.depth == len(rest) + 1 > 900
        (condition,) = store.conditions()
        assert (condition.part, condition.code) == ("outbox:visit", "given_up")
        assert f"{dropped.sequence} evicted" in condition.hint
        await store.commit(Batch((Save(Stream("visit", 3001, acked=dropped.sequence)),)))
        (condition,) = store.conditions()
        assert (condition.code, condition.severity) == ("told", "ok")


async def test_redemptions_have_no_bound(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET, outbox=OutboxOptions(*[1] * 8)) as store:
        await store.commit(Batch(events=of(store, *range(1, 101), stream="redemption")))
        async with open_outbox(tmp_path, SECRET) as outbox:
            assert len(await waiting(outbox, store, "redemption")) == 100


async def test_a_failed_commit_gives_nothing_up(tmp_path: Path) -> None:
    options = OutboxOptions(visit_events=10)
    async with open_store(tmp_path, SECRET, outbox=options) as store, open_outbox(tmp_path, SECRET) as outbox:
        made = list(of(store, *range(1, 11)))
        await store.commit(Batch(events=tuple(made)))
        with pytest.raises(Exception, match="given twice"):
            await store.commit(Batch(events=of(store, 11, 11)))
        assert await waiting(outbox, store, "visit") == made
        assert store.conditions() == []


async def test_what_is_too_old_expires(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store, open_outbox(tmp_path, SECRET) as outbox:
        for stream in STREAMS:
            await commit(store, stream, (1, 2))
            await commit(store, stream, (3,), NOON_UTC_S + 80 * DAY_S)
        now_utc_s = NOON_UTC_S + 95 * DAY_S
        assert await store.sweep(now_utc_s) == 3 + 2 + 2 + 2
        assert await store.sweep(now_utc_s) == 0
        found = {stream: await waiting(outbox, store, stream) for stream in STREAMS}
        assert [each.sequence for each in found["redemption"]] == [1, 2, 3]
        assert covers(found["visit"][0]) == (1, 2, "expired")
        assert found["visit"][1].sequence == 3
        assert [covers(each) for each in found["telemetry"]] == [(1, 3, "expired")]


def test_the_stand_in_has_an_id_of_its_own() -> None:
    key, sealer = ("9f2c44d01b7ae583", "telemetry"), Sealer(SECRET)
    dropped = stand_in(key, 3, 9, "evicted", NOON_UTC_S, LATER_UTC_S, sealer)
    assert dropped == stand_in(key, 3, 9, "evicted", NOON_UTC_S, LATER_UTC_S, Sealer(SECRET))
    assert dropped.id != stand_in(key, 3, 10, "evicted", NOON_UTC_S, LATER_UTC_S, sealer).id
    assert UUID(dropped.id).version == 7
    assert UUID(dropped.id).int >> 80 == LATER_UTC_S * 1000
    assert (dropped.sequence, dropped.stream, dropped.subject) == (9, "telemetry", None)


def test_a_bound_too_small_to_wait_for_an_ack_is_refused() -> None:
    assert list(problems(OutboxOptions())) == []
    assert list(problems(OutboxOptions(visit_events=10, telemetry_days=0))) == [
        ("visit_events", "10 is too little", "write 1000 or more"),
        ("telemetry_days", "0 is too little", "write 1 or more"),
    ]
