"""A real gateway killed while a document is swapped comes back with the old one or the new one, never with none."""

import asyncio
import json
import os
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from simulators.authority import issue
from simulators.document_server import DocumentServer
from simulators.gateway_process import GatewayProcess
from simulators.head_office import HeadOffice
from tests.brokers import MOSQUITTO, Mosquitto, mosquitto
from tests.small_office import STORE, office_gateway

pytestmark = [pytest.mark.slow, pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")]

GTIN = "09506000134352"
KILLS = 100 if os.environ.get("PROXIMITY_TEST_COUNTS") == "full" else 3


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    async with mosquitto(tmp_path / "broker") as running:
        yield running


def products(serial: int) -> bytes:
    rows = [{"gtin": GTIN, "names": {"en": f"Trainers {serial}"}, "attributes": {"padding": "x" * 200_000}}]
    return json.dumps({"document": "products", "serial": serial, "products": rows}).encode()


async def shown(ours: GatewayProcess) -> int:
    """Which version of the product the gateway shows as soon as it is ready."""
    async with asyncio.timeout(60), httpx.AsyncClient(base_url=f"http://{ours.http}") as shopper:
        while True:
            try:
                if (await shopper.get("/readyz")).is_success:
                    break
            except httpx.TransportError:
                await asyncio.sleep(0.02)
        answer = await shopper.get(f"/v1/products/{GTIN}")
        return int(answer.raise_for_status().json()["product"]["names"]["en"].split()[1])


async def test_a_gateway_killed_between_the_steps_of_a_swap(tmp_path: Path, broker: Mosquitto) -> None:
    chance = random.Random(11)
    certificate = issue(tmp_path)
    async with HeadOffice(broker.url, STORE) as office, DocumentServer(certificate) as server:
        environ = {"PROXIMITY_TRUST__CA": str(certificate.authority)}
        ours = office_gateway(tmp_path, broker, office.signer, environ=environ)

        def publish(serial: int) -> None:
            url = server.put(f"/products-{serial}", products(serial))
            office.publish_document("products", products(serial), serial, url)

        async def taken(serial: int) -> None:
            wanted = {"serial": serial, "status": "accepted"}
            told = ("gw-1", "products")
            await office.until(lambda: wanted.items() <= office.statuses.get(told, {}).items(), timeout_s=60)

        publish(1)
        async with ours:
            await taken(1)
            began_s = time.monotonic()
            publish(2)
            await taken(2)
            swap_s = time.monotonic() - began_s
        for serial in range(2, KILLS + 2):
            async with ours:  # and killed where this ends
                assert await shown(ours) in {serial - 1, serial}
                await taken(serial)
                publish(serial + 1)
                await asyncio.sleep(chance.uniform(0.0, 1.2 * swap_s))
        async with ours:
            assert await shown(ours) in {serial, serial + 1}
