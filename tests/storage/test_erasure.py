"""Erasing a subject: nothing of it is left in any row, every sequence is still accounted for, and it lasts."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.model.event import Event
from gateway.model.step import Forget, Purge, Save, Withdraw
from gateway.storage.batch import Batch
from gateway.storage.database import Store, open_store
from gateway.storage.erasure import MOST_WAITING, ErasedRows, Erasures, Search
from gateway.storage.ledger import open_ledger
from gateway.storage.outbox import Outbox, open_outbox
from tests.storage.values import NOON_UTC_S, of, presence, withheld

SECRET = bytes(range(32))
GONE, OTHER = "m.q3lzt7", "m.w8mmxa"


def events(store: Store, first: int, last: int, stream: str = "visit") -> tuple[Event, ...]:
    """Every third event is of `GONE`."""
    told = of(store, *range(first, last + 1), stream=stream)
    return tuple(replace(each, subject=GONE if each.sequence % 3 == 0 else OTHER) for each in told)


async def subjects(outbox: Outbox, store: Store, stream: str = "visit") -> list[str | None]:
    return [each.subject for each in await outbox.after(store.incarnation, stream, 0, 1000)]


async def lived(store: Store) -> None:
    """Two members, in many commits: events of two streams, a presence and a refusal of each."""
    for first in range(1, 91, 9):
        await store.commit(Batch(events=events(store, first, first + 8) + events(store, first, first + 8, "offer")))
    await store.commit(
        Batch(
            changes=(Save(presence(GONE)), Save(presence(OTHER))),
            decisions=(withheld(GONE, "welcome", NOON_UTC_S), withheld(OTHER, "welcome", NOON_UTC_S)),
        )
    )


ERASE = (Forget("presence", (GONE,)), Purge(GONE))


@pytest.mark.parametrize("searched", [False, True])
async def test_nothing_of_an_erased_subject_is_left(tmp_path: Path, searched: bool) -> None:
    async with open_store(tmp_path, SECRET) as store, open_outbox(tmp_path, SECRET) as outbox:
        await lived(store)
        if searched:
            store.erasures.expect(GONE, await outbox.holding(GONE))
        await store.commit(Batch(events=events(store, 91, 99)))
        await store.commit(Batch(changes=ERASE, events=events(store, 100, 102)))
        assert store.erasures.outcome(GONE) == ErasedRows(decisions=1, events=34 + 30)
        assert store.erasures.outcome(GONE) is None
    async with (
        open_store(tmp_path, SECRET) as store,
        open_outbox(tmp_path, SECRET) as outbox,
        open_ledger(tmp_path, SECRET) as ledger,
    ):
        assert set(await subjects(outbox, store)) == {OTHER, None}
        assert set(await subjects(outbox, store, "offer")) == {OTHER, None}
        assert [record for record in (await store.load()).records if GONE in repr(record)] == []
        assert (await ledger.decisions(GONE), len(await ledger.decisions(OTHER))) == ([], 1)
        left = await outbox.after(store.incarnation, "visit", 0, 1000)
        assert [each.sequence for each in left] == list(range(1, 103))
        dropped = [each for each in left if each.type == "event.dropped"]
        assert {each.data["reason"] for each in dropped} == {"erased"}
        assert all(each.data["first"] == each.data["last"] == f"{each.sequence:020d}" for each in dropped)


async def test_what_was_searched_may_be_gone_when_the_erasure_comes(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store, open_outbox(tmp_path, SECRET) as outbox:
        await lived(store)
        store.erasures.expect(GONE, await outbox.holding(GONE))
        acked = next(each for each in (await store.load()).records if getattr(each, "name", "") == "visit")
        await store.commit(Batch(changes=(Save(replace(acked, next_sequence=91, acked=45)),)))
        await store.commit(Batch(changes=ERASE))
        assert GONE not in await subjects(outbox, store)
        (visit,) = [each for each in await outbox.standing() if each.stream == "visit"]
        assert visit.depth == 45


async def test_the_outbox_still_weighs_what_its_rows_do(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store, open_outbox(tmp_path, SECRET) as outbox:
        await lived(store)
        await store.commit(Batch(changes=ERASE))
        for stream in ("visit", "offer"):
            (standing,) = [each for each in await outbox.standing() if each.stream == stream]
            acked = next(each for each in (await store.load()).records if getattr(each, "name", "") == stream)
            await store.commit(Batch(changes=(Save(replace(acked, next_sequence=91, acked=90)),)))
            (emptied,) = [each for each in await outbox.standing() if each.stream == stream]
            assert (standing.depth, emptied.depth, emptied.bytes) == (90, 0, 0)


def test_searches_that_nobody_uses_are_bounded() -> None:
    erasures = Erasures()
    for number in range(MOST_WAITING + 1):
        erasures.expect(f"m.{number}", Search({1: (number,)}))
    assert erasures.found("m.0") == Search()
    assert erasures.found("m.1") == Search({1: (1,)})


@pytest.mark.parametrize("searched", [False, True])
async def test_what_rests_on_a_withdrawn_purpose_is_replaced_and_the_rest_stays(tmp_path: Path, searched: bool) -> None:
    async with open_store(tmp_path, SECRET) as store, open_outbox(tmp_path, SECRET) as outbox:
        await lived(store)
        if searched:
            store.erasures.expect(GONE, await outbox.holding(GONE))
        await store.commit(Batch(changes=(Withdraw(GONE, frozenset({"presence"}), {}),), events=events(store, 91, 93)))
        made = {each.stream for each in await outbox.of_subject(GONE)}
        assert made == {"visit"}, "an offer rests on a purpose of its own"
        left = await outbox.after(store.incarnation, "offer", 0, 1000)
        assert {each.data["reason"] for each in left if each.type == "event.dropped"} == {"withdrawn"}
        assert [each.sequence for each in left] == list(range(1, 91))
        await store.commit(Batch(changes=(Withdraw(GONE, frozenset(), {}),)))
        assert await outbox.of_subject(GONE) == []
