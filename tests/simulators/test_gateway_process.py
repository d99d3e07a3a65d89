"""The real gateway as a child: it ends well, and says why when it does not."""

import asyncio
import time
from pathlib import Path

import pytest

import simulators
from gateway.model.store import StoreRef
from simulators.broker import Broker
from simulators.capture_player import CapturePlayer, PlayerOptions
from simulators.gateway_process import GatewayFailedError, GatewayProcess
from simulators.head_office import HeadOffice
from simulators.signer import Signer

OFFICE = Path(simulators.__file__).parent / "shops" / "office.toml"
STORE = StoreRef("demo", "office", "gw-1")


def gateway_in(folder: Path, url: str, signer: Signer, floorplan: Path = OFFICE) -> GatewayProcess:
    return GatewayProcess(folder, store=STORE, floorplan=floorplan, broker_url=url, signer=signer, http="127.0.0.1:0")


async def test_it_takes_a_capture_reports_its_outbox_and_ends_well(tmp_path: Path) -> None:
    line = '{"t":0.5,"medium":"code","receiver":"cam-1","symbology":"qr_code","text":"https://shop.example/m/A7"}'
    async with Broker() as broker, HeadOffice(broker.url, STORE) as office:
        gateway = gateway_in(tmp_path, broker.url, office.signer)
        async with (
            gateway,
            CapturePlayer(gateway.capture_socket, time.time(), [(0.5, line)], PlayerOptions(speed=0)) as player,
        ):
            await gateway.while_alive(player.done())
            await office.until(lambda: office.count("code.scanned") == 1, timeout_s=60)
            await gateway.stop()
            standings = await gateway.outbox()
        assert {stream.stream for stream in standings} >= {"visit", "telemetry"}
        assert sum(stream.created for stream in standings) == office.received
        assert all(stream.acked == stream.created for stream in standings)


async def test_a_gateway_that_cannot_start_says_why(tmp_path: Path) -> None:
    gateway = gateway_in(tmp_path, "mqtt://127.0.0.1:1", Signer(), floorplan=tmp_path / "nowhere.toml")
    async with gateway:
        with pytest.raises(GatewayFailedError, match=r"exit status 2; the end of its log:\n(.|\n)*nowhere\.toml"):
            async with asyncio.timeout(60):
                await gateway.while_alive(asyncio.sleep(30))


async def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    gateway = gateway_in(tmp_path, "mqtt://127.0.0.1:1", Signer())
    with pytest.raises(GatewayFailedError, match="outbox command ended with exit status 2"):
        await gateway.outbox()
