"""A real gateway fed over a real mosquitto: what it took outlives a kill -9, and a gap is mended by all rows."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from simulators.gateway_process import GatewayProcess
from simulators.head_office import HeadOffice
from tests.brokers import MOSQUITTO, Mosquitto, mosquitto
from tests.small_office import STORE, office_gateway

pytestmark = [pytest.mark.slow, pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")]

GTIN = "09506000134352"
PRODUCTS = {"document": "products", "serial": 1, "products": [{"gtin": GTIN, "names": {"en": "Trainers"}}]}
STOCK = {"gtin": GTIN, "store": "office", "at": "2026-01-05T09:00:00Z"}


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    async with mosquitto(tmp_path / "broker") as running:
        yield running


async def told(office: HeadOffice, serial: int) -> tuple[object, object]:
    """What became of the stock's batch of this serial: its status or reason, and the serial in use."""
    await office.until(lambda: office.fed.get(("gw-1", "stock"), {}).get("serial") == serial, timeout_s=60)
    answer = office.fed["gw-1", "stock"]
    return answer["reason"] or answer["status"], answer["in_use"]


async def quantity(ours: GatewayProcess) -> object:
    """The stock that the gateway shows, once it shows products."""
    async with asyncio.timeout(60), httpx.AsyncClient(base_url=f"http://{ours.http}") as shopper:
        while True:
            try:
                answer = await shopper.get(f"/v1/products/{GTIN}")
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.is_success:
                stock = answer.json()["stock"]
                return stock and stock["quantity"]
            await asyncio.sleep(0.05)


async def settled(office: HeadOffice, holds: str) -> dict[str, object]:
    """The answer to the settings last sent, once `holds` is in it."""
    await office.until(lambda: holds in json.dumps(office.statuses.get(("gw-1", "settings"))), timeout_s=60)
    return office.statuses["gw-1", "settings"]


async def test_settings_of_head_office_hold_from_the_next_start(tmp_path: Path, broker: Mosquitto) -> None:
    sent = 'document = "settings"\nserial = 2\n[logs]\nlevel = "error"\n[presence]\nvisit_gap_s = 60\n'
    async with HeadOffice(broker.url, STORE) as office:
        ours = office_gateway(tmp_path, broker, office.signer)
        async with ours:
            office.publish_document("settings", sent.encode(), 2)
            answer = await settled(office, '"accepted"')
            assert (answer["restart_required"], answer["overruled"]) == (["presence.visit_gap_s"], [])
            office.publish_document("settings", b'document = "settings"\nserial = 3\n[mqtt]\nurl = ""\n', 3)
            answer = await settled(office, '"refused"')
            assert (answer["reason"], answer["key"]) == ("invalid", "mqtt")
            office.publish_document("settings", sent.replace("2", "1", 1).encode(), 1)
            assert (await settled(office, '"older_serial"'))["status"] == "refused"
            office.publish_document("settings", sent.encode(), 2)
            await settled(office, '"accepted"')
        async with ours:
            answer = await settled(office, '"restart_required": []')
            assert (answer["status"], answer["serial"]) == ("accepted", 2)


async def test_a_fed_gateway_keeps_what_it_took_and_says_what_it_misses(tmp_path: Path, broker: Mosquitto) -> None:
    async with HeadOffice(broker.url, STORE) as office:
        office.publish_document("products", json.dumps(PRODUCTS).encode(), 1)
        ours = office_gateway(tmp_path, broker, office.signer)
        async with ours:
            assert office.feed("stock", 1, [STOCK | {"quantity": 5}])
            assert await told(office, 1) == ("accepted", 1)
            office.feed("stock", 2, [STOCK | {"quantity": 4}], base_serial=1)
            assert await told(office, 2) == ("accepted", 2)
            assert await quantity(ours) == 4
        async with ours:
            assert await quantity(ours) == 4
            assert await told(office, 1) == ("older_serial", 2)
            office.feed("stock", 5, [STOCK | {"quantity": 1}], base_serial=4)
            assert await told(office, 5) == ("gap", 2)
            assert await quantity(ours) == 4
            office.feed("stock", 6, [STOCK | {"quantity": 1}])
            assert await told(office, 6) == ("accepted", 6)
            assert await quantity(ours) == 1
