"""An older copy of a card, put back: what the shop does from then on reaches head office, under a new incarnation."""

import os
import shutil
from pathlib import Path

import pytest

from simulators.broker import Broker
from simulators.capture_player import CapturePlayer, PlayerOptions
from simulators.head_office import HeadOffice
from tests.scenarios import far_zones
from tests.scenarios.restartable_gateway import RestartableGateway

FULL = os.environ.get("PROXIMITY_TEST_COUNTS") == "full"


@pytest.mark.slow
@pytest.mark.skipif(not FULL, reason="a minute long: part of make test-long")
async def test_a_restored_copy_begins_a_new_incarnation_and_loses_nothing(tmp_path: Path) -> None:
    state, copy = tmp_path / "state", tmp_path / "copy"
    async with Broker() as broker, HeadOffice(broker.url, far_zones.STORE) as head_office:
        gateway = RestartableGateway(tmp_path, far_zones.STORE, head_office.signer, broker.url)
        gateway.write(far_zones.FLOORPLAN, {"members": (far_zones.members(), 7)})

        async def live(seconds: int) -> None:
            """A life that has shoppers in for so long, and is heard of."""
            starts, options = head_office.count("gateway.started"), PlayerOptions(speed=0)
            await gateway.start()
            lines = far_zones.capture(seconds)
            async with CapturePlayer(gateway.socket, far_zones.STARTED_UTC_S, lines, options) as player:
                await player.done()
            await head_office.until(lambda: head_office.count("gateway.started") > starts, 60)
            await gateway.until_empty()
            assert await gateway.stop() == 0

        try:
            await live(5)
            shutil.copytree(state, copy)
            await live(600)
            visits = head_office.count("visit.started")
            shutil.rmtree(state)
            copy.rename(state)
            await gateway.start()
            lines = far_zones.capture(5)
            async with CapturePlayer(gateway.socket, far_zones.STARTED_UTC_S, lines, PlayerOptions(speed=0)):
                assert await gateway.ended() == 0, "it is to be started again, by systemd"
            await live(600)
        finally:
            await gateway.end()
        assert visits > 0
        assert head_office.count("visit.started") == 2 * visits
        assert head_office.count("incarnation.started") == 1
        assert head_office.count("gateway.started") >= 4
        assert (head_office.gaps, len({name.incarnation for name in head_office.streams})) == (0, 2)
