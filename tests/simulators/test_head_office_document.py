"""What docs/head-office.md tells operators to run does run."""

import re
from pathlib import Path

import pytest

from simulators.consumer.event_table import EventTable, connected
from simulators.consumer.topics import EVENTS
from tests.postgres import postgres, why_not
from tests.simulators.test_event_table import NOON, row

REASON = why_not()
PAGE = (Path(__file__).parents[2] / "docs" / "head-office.md").read_text()
STATEMENTS = re.findall(r"```sql\n(.+?)```", PAGE, re.DOTALL)


def test_it_names_the_subscription() -> None:
    assert f"`{EVENTS}`" in PAGE


@pytest.mark.skipif(REASON is not None, reason=str(REASON))
async def test_every_statement_runs_and_a_retired_day_is_no_gap() -> None:
    assert len(STATEMENTS) == 4
    with postgres() as database:
        async with EventTable(database) as table, await connected(database) as session:
            await table.store([row(1), row(2)])
            for statement in STATEMENTS:
                await session.execute(statement.encode())
            assert await (await session.execute("SELECT to_regclass('events_20261121')")).fetchone() == (None,)
            await table.store([row(3, at=NOON.replace(day=22))])
            assert await table.gaps() == []
            assert await (await session.execute("SELECT * FROM discrepancies")).fetchall() == []
