"""A simulated day through a running gateway: memory stays flat, nothing is dropped, and head office has it all."""

import asyncio

import pytest

from simulators.broker import Broker
from simulators.capture_player import CapturePlayer, PlayerOptions
from simulators.head_office import HeadOffice
from tests.scenarios import far_zones
from tests.scenarios.restartable_gateway import RestartableGateway

HOUR_S = 3600
EVERY_S = 6


@pytest.mark.slow
async def test_a_day_leaves_memory_flat(tmp_path):
    hours = [sum(1 for _ in far_zones.capture(hour * HOUR_S, every=EVERY_S)) for hour in (2, 23, 24)]
    async with Broker() as broker, HeadOffice(broker.url, far_zones.STORE) as head_office:
        gateway = RestartableGateway(tmp_path, far_zones.STORE, head_office.signer, broker.url)
        gateway.write(far_zones.FLOORPLAN, {"campaigns": (far_zones.campaigns_document(), 3)})
        await gateway.start()
        lines = far_zones.capture(24 * HOUR_S, every=EVERY_S)
        resident = []
        async with CapturePlayer(gateway.socket, far_zones.STARTED_UTC_S, lines, PlayerOptions(speed=0)) as player:
            for committed in hours:
                await _committed(player, committed)
                resident.append(gateway.resident_bytes())
            await player.done()
        await gateway.until_empty()
        assert await gateway.stop() == 0
        second, *_, last = resident
        assert last <= second * 1.05, [size >> 20 for size in resident]
        assert head_office.gaps == 0
        assert head_office.count("zone.entered") > 1000


async def _committed(player: CapturePlayer, lines: int) -> None:
    async with asyncio.timeout(300):
        while player.committed < lines:
            await asyncio.sleep(0.05)
