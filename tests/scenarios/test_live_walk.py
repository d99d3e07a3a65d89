"""An office walk in real time into a running gateway: its events reach a real broker, are acked, leave the outbox."""

import json

import pytest

from gateway.model.store import StoreRef
from gateway.model.time import from_rfc3339
from simulators.broker import Broker
from simulators.capture_player import CapturePlayer
from simulators.head_office import HeadOffice
from tests.corpora import RADIO
from tests.scenarios.restartable_gateway import RestartableGateway

OFFICE = RADIO / "office"
STORE = StoreRef("corpus", "office", "gw-1")


@pytest.mark.slow
async def test_an_office_walk_in_real_time_is_acked_by_head_office(tmp_path):
    header, *lines = (OFFICE / "straight_03.ndjson").read_text().splitlines()
    timed = [(json.loads(line)["t"], line) for line in lines]
    async with Broker("mosquitto") as broker, HeadOffice(broker.url, STORE) as head_office:
        gateway = RestartableGateway(tmp_path, STORE, head_office.signer, broker.url)
        gateway.write((OFFICE / "floorplan.toml").read_text(), {})
        await gateway.start()
        async with CapturePlayer(gateway.socket, from_rfc3339(json.loads(header)["started_at"]), timed) as player:
            await player.done()
        await gateway.until_empty()
        standing = {line["class"]: line for line in await gateway.outbox()}
        assert await gateway.stop() == 0
        assert head_office.count("visit.started") == 1
        assert head_office.count("zone.entered") >= 2
        assert head_office.gaps == head_office.duplicates == 0
        assert int(str(standing["visit"]["acked"])) == int(str(standing["visit"]["next_sequence"])) - 1 > 0
        assert not head_office.states[STORE.gateway]["online"]
