"""A real gateway under orders: used stays used and erased stays erased through kill -9, and a restart ends it well."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulators.gateway_process import GatewayProcess
from simulators.orders import Orders
from simulators.signer import Signer, signer_of
from tests.brokers import MOSQUITTO, Mosquitto, mosquitto
from tests.small_office import PLAN, STORE, office_gateway

pytestmark = [pytest.mark.slow, pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")]

SHELF = f"""{PLAN}[[beacons]]
id = "b-7"
format = "ibeacon"
uuid = "5f1d0000-0000-4000-8000-00805f9b0001"
major = 1
minor = 7
zone = "floor"
"""
SEEN = {"medium": "app", "member": "q3lzt7", "seen": [{"beacon": "b-7", "rssi_dbm": -60}]}


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    async with mosquitto(tmp_path / "broker") as running:
        yield running


async def answered(orders: Orders, name: str, arguments: dict[str, object] | None = None) -> dict[str, object]:
    """The answer of a gateway that may still be starting."""
    order_id, message = orders.sign(name, arguments or {})
    async with asyncio.timeout(60):
        while True:
            orders.send(name, message)
            try:
                return await orders.answer(order_id, timeout_s=0.5)
            except TimeoutError:
                continue


async def seen(process: GatewayProcess) -> None:
    _, writer = await asyncio.open_unix_connection(str(process.state / "input.sock"))
    writer.write(json.dumps(SEEN).encode() + b"\n")
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def visits(orders: Orders) -> int:
    """Events of class visit that wait or waited."""
    result = (await answered(orders, "snapshot"))["result"]
    assert isinstance(result, dict)
    (visit,) = [each for each in result["outbox"] if each["class"] == "visit"]
    return int(visit["next_sequence"]) - 1


async def told(orders: Orders, more_than: int) -> int:
    async with asyncio.timeout(60):
        while (count := await visits(orders)) <= more_than:
            await asyncio.sleep(0.2)
    return count


async def test_used_and_erased_last_through_kill_9_and_restart(tmp_path: Path, broker: Mosquitto) -> None:
    signer = Signer()
    process = office_gateway(tmp_path, broker, signer, SHELF)
    async with Orders(broker.url, STORE, signer) as orders:
        async with process:
            await answered(orders, "ping")
            await seen(process)
            before = await told(orders, more_than=0)
            order_id, message = orders.sign("erase", {"handle": "q3lzt7"})
            orders.send("erase", message)
            gone = (await orders.answer(order_id))["result"]
            assert (gone["visits"], gone["presences"]) == (1, 1)
            assert gone["events"] == before
        async with process:  # it was killed
            orders.send("erase", message)
            await answered(orders, "ping")
            orders.send("erase", message)
            assert (await orders.answer(order_id, count=2))["reason"] == "used"
            await seen(process)
            await asyncio.sleep(3.0)
            assert await visits(orders) == before
            assert (await answered(orders, "restart"))["status"] == "done"
            running = process._process
            assert running is not None
            assert await asyncio.wait_for(running.wait(), 60) == 0
        async with process:
            assert (await answered(orders, "ping"))["status"] == "done"
    log = (tmp_path / "gateway.log").read_text()
    assert "q3lzt7" not in log
    files = [each for each in process.state.rglob("*") if each.is_file()]
    assert not [each for each in files if b"q3lzt7" in each.read_bytes()]


async def test_a_person_at_head_office_can_give_commands(tmp_path: Path, broker: Mosquitto) -> None:
    key = tmp_path / "head-office.pem"
    async with office_gateway(tmp_path, broker, signer_of(key), SHELF):
        async with Orders(broker.url, STORE, signer_of(key)) as orders:
            await answered(orders, "ping")
        said = await _command(broker, key, "record", "--argument", "seconds=1")
        assert said["result"]["ended"] == "time"
        said = await _command(broker, key, "log-level", "--argument", "level=debug", "--argument", "seconds=5")
        assert said["status"] == "done"


async def _command(broker: Mosquitto, key: Path, *words: str) -> dict[str, dict[str, object]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulators", "command", *words, "--url", broker.url, "--key", str(key),
        stdout=asyncio.subprocess.PIPE, env=os.environ,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode == 0
    said: dict[str, dict[str, object]] = json.loads(out)
    return said
