"""The events table in a real PostgreSQL: once each, gaps, days, consumers at once."""

import asyncio
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from simulators.consumer.event_row import EventRow
from simulators.consumer.event_table import EventTable, Gap, connected
from tests.postgres import postgres, why_not

REASON = why_not()
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)

pytestmark = pytest.mark.skipif(REASON is not None, reason=str(REASON))


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    with postgres() as address:
        yield address


@pytest.fixture
async def database(cluster: str) -> str:
    async with await connected(cluster) as session:
        await session.execute("DROP SCHEMA public CASCADE")
        await session.execute("CREATE SCHEMA public")
    return cluster


def stream(number: int = 1) -> str:
    return f"/tenants/acme/stores/0042/gateways/gw-{number}/streams/9f2c44d01b7ae583/visit"


def row(sequence: int, source: str = stream(), *, covers_from: int | None = None, at: datetime = NOON) -> EventRow:
    number = UUID(int=sequence)
    return EventRow(
        source, number, at, sequence, covers_from or sequence, "zone.entered", "m.abc", at, '{"zone":"shoes"}'
    )


async def asked(database: str, query: str) -> list[tuple[object, ...]]:
    async with await connected(database) as session:
        return await (await session.execute(query)).fetchall()


async def standing(database: str) -> list[tuple[object, ...]]:
    return await asked(database, "SELECT source, contiguous FROM streams ORDER BY source")


async def test_an_event_is_one_row_however_often_it_comes(database: str) -> None:
    async with EventTable(database) as table:
        assert await table.store([row(1), row(2), row(1)]) == 2
        assert await table.store([row(2), row(3)]) == 1
    counts = await asked(database, "SELECT sequence, deliveries FROM events ORDER BY sequence")
    assert counts == [(1, 2), (2, 2), (3, 1)]
    assert await standing(database) == [(stream(), 3)]


async def test_a_gap_holds_the_ack_back_until_it_closes_or_is_dropped(database: str) -> None:
    async with EventTable(database) as table:
        await table.store([row(2), row(5), row(9)])
        assert await table.gaps() == [Gap(stream(), 1, 1), Gap(stream(), 3, 4), Gap(stream(), 6, 8)]
        assert await standing(database) == [(stream(), 0)]
        await table.store([row(1)])
        assert await standing(database) == [(stream(), 2)]
        await table.store([row(8, covers_from=3)])
        assert await table.gaps() == []
        assert await standing(database) == [(stream(), 9)]


async def test_a_day_has_its_own_partition(database: str) -> None:
    midnight = NOON + timedelta(hours=12)
    times = (datetime(1970, 1, 1, tzinfo=UTC), midnight - timedelta(milliseconds=1), midnight)
    async with EventTable(database) as table:
        await table.store([row(place, at=at) for place, at in enumerate(times, 1)])
    names = await asked(database, "SELECT tableoid::regclass::text FROM events ORDER BY sequence")
    assert names == [("events_19700101",), ("events_20261121",), ("events_20261122",)]


async def test_what_was_given_up_or_removed_is_no_gap(database: str) -> None:
    async with EventTable(database) as table:
        await table.store([row(1), row(2, at=NOON + timedelta(days=1)), row(5, at=NOON + timedelta(days=1))])
        async with await connected(database) as session, session.transaction():
            await session.execute("UPDATE streams SET written_off = written_off + '{[3,5)}', owed = true")
            await session.execute(RETIRE, {"day": "events_20261121"})
            await session.execute("DROP TABLE events_20261121")
        assert await standing(database) == [(stream(), 5)]
        assert await table.gaps() == []
        assert await asked(database, "SELECT * FROM discrepancies") == []
        with pytest.raises(psycopg.OperationalError, match="no longer there"):
            await table.store([row(6)])
        assert await table.store([row(6)]) == 1


RETIRE = """
UPDATE streams SET written_off = written_off + gone.present
FROM (
    SELECT source, range_agg(int8range(covers_from, sequence, '[]')) AS present
    FROM events WHERE tableoid = to_regclass(%(day)s) GROUP BY source
) AS gone
WHERE streams.source = gone.source
"""


async def test_rows_deleted_by_hand_are_found(database: str) -> None:
    async with EventTable(database) as table:
        await table.store([row(1), row(2), row(3)])
        assert await asked(database, "SELECT * FROM discrepancies") == []
        async with await connected(database) as session:
            await session.execute("DELETE FROM events WHERE sequence = 2")
        assert await table.gaps() == [Gap(stream(), 2, 2)]
        found = await asked(database, "SELECT source, stored_without_rows::text FROM discrepancies")
        assert found == [(stream(), "{[2,3)}")]


@pytest.mark.parametrize("seed", range(3))
async def test_consumers_at_once_agree_and_never_wait_in_a_circle(database: str, seed: int) -> None:
    """Four consumers store the same events in orders of their own, over days that none of them has a partition for."""
    streams = [stream(number) for number in range(1, 6)]
    events = [row(n, each, at=NOON + timedelta(days=n % 4)) for each in streams for n in range(1, 201)]

    async def consume(chance: random.Random) -> int:
        mine = [event for event in chance.sample(events, len(events)) if chance.random() < 0.6]
        async with EventTable(database) as table:
            batches = (mine[begin : begin + 40] for begin in range(0, len(mine), 40))
            return sum([await table.store(batch) for batch in batches])

    new = await asyncio.gather(*(consume(random.Random(f"{seed}-{each}")) for each in range(4)))
    async with EventTable(database) as table:
        rest = await table.store(events)
        assert sum(new) + rest == len(events)
        assert await table.gaps() == []
    assert await asked(database, "SELECT count(*), count(DISTINCT (source, id)) FROM events") == [(1000, 1000)]
    assert await standing(database) == [(each, 200) for each in streams]
    assert await asked(database, "SELECT * FROM discrepancies") == []


async def test_a_lost_session_is_made_anew(database: str) -> None:
    async with EventTable(database) as table:
        await table.store([row(1)])
        async with await connected(database) as session:
            await session.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            )
        with pytest.raises(psycopg.OperationalError):
            await table.store([row(2)])
        assert await table.store([row(2)]) == 1
