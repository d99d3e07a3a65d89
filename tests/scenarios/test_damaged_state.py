"""A card that loses a page while head office is away: what is left arrives, what is lost is told, the shop goes on."""

import re
import sqlite3
from pathlib import Path

import pytest

from simulators.broker import Broker
from simulators.capture_player import CapturePlayer, PlayerOptions
from simulators.head_office import HeadOffice
from tests.scenarios import far_zones
from tests.scenarios.restartable_gateway import RestartableGateway

SECONDS = 600
PAGE_BYTES = 512


def zero_a_page_of_the_outbox(database: Path, kind: str) -> None:
    """One in the middle of those of a `pagetype` of SQLite's dbstat, as a worn card would."""
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        statement = "SELECT pageno FROM dbstat WHERE name = 'outbox' AND pagetype = ? ORDER BY path"
        pages = [page for (page,) in connection.execute(statement, (kind,))]
    connection.close()
    with database.open("r+b") as file:
        file.seek((pages[len(pages) // 2] - 1) * PAGE_BYTES)
        file.write(bytes(PAGE_BYTES))


@pytest.mark.slow
async def test_a_lost_page_loses_few_events_and_none_silently(tmp_path: Path) -> None:
    async with Broker() as broker, HeadOffice(broker.url, far_zones.STORE) as head_office:
        gateway = RestartableGateway(tmp_path, far_zones.STORE, head_office.signer, broker.url)
        documents = {"campaigns": (far_zones.campaigns_document(), 3), "members": (far_zones.members(), 7)}
        gateway.write(far_zones.FLOORPLAN, documents)
        head_office.acking = False
        await gateway.start()
        lines = far_zones.capture(SECONDS)
        options = PlayerOptions(speed=0)
        async with CapturePlayer(gateway.socket, far_zones.STARTED_UTC_S, lines, options) as player:
            await player.done()
        assert await gateway.stop() == 0
        (old,) = {str(line["incarnation"]) for line in await gateway.outbox()}
        zero_a_page_of_the_outbox(tmp_path / "state" / "gateway.db", "leaf")

        await gateway.start()
        head_office.acking = True
        lines = far_zones.capture(SECONDS)
        async with CapturePlayer(gateway.socket, far_zones.STARTED_UTC_S, lines, options) as player:
            await player.done()
        await gateway.until_empty()
        standing = await gateway.outbox()
        assert await gateway.stop() == 0

        log = (tmp_path / "gateway.log").read_text()
        assert "database_damaged" in log
        told = re.search(r"database_set_aside.*\blost\W+(\d+)", log)
        assert told is not None
        assert 0 < int(told[1]) < 100
        assert {name.incarnation for name in head_office.streams} >= {old}
        assert old not in {line["incarnation"] for line in standing}, "all of the old one was acknowledged"
        assert head_office.gaps == 0
        assert head_office.count("incarnation.started") == 1
        assert len(list((tmp_path / "state").glob("gateway.damaged-*.db"))) == 1
