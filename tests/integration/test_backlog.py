"""A backlog on a real disk drains over a real broker while the shop goes on: nothing lost, doubled or dropped."""

import asyncio
from pathlib import Path

import pytest

from benchmarks.outage.backlog import SECRET, STORE, fill
from benchmarks.outage.shop import drain
from gateway.storage.outbox import open_outbox
from simulators.head_office import HeadOffice
from tests.brokers import MOSQUITTO, mosquitto

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")

BACKLOG = 3_000


async def test_a_backlog_drains_whole_while_the_shop_goes_on(tmp_path: Path) -> None:
    state = tmp_path / "state"
    last = await fill(state, BACKLOG, tmp_path / "messages")
    assert sum(last.values()) == BACKLOG
    async with mosquitto(tmp_path / "broker") as broker, HeadOffice(broker.url, STORE) as office:
        async with asyncio.timeout(60):
            figures = await drain(state, broker.port, last)
        assert (office.gaps, office.duplicates, office.complaints) == (0, 0, [])
        assert office.received >= BACKLOG + 1
        assert office.count("redemption.committed") >= 1
        assert figures["dropped"] == 0
        async with open_outbox(state, SECRET) as outbox:
            for standing in await outbox.standing():
                assert standing.acked >= last[standing.stream] or not last[standing.stream]
                assert standing.depth < BACKLOG // 4
