"""Two real shops of a brand, a till in each, and one coupon: head office keeps it for one of them, or settles it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from gateway.core.coupons import coupon_digest
from gateway.model.store import StoreRef
from simulators.brand_locks import BrandLocks
from simulators.credentials import credential
from simulators.fault_proxy import FaultProxy
from simulators.gateway_process import GatewayProcess
from simulators.head_office import HeadOffice
from simulators.signer import Signer
from tests.brokers import MOSQUITTO, Mosquitto, free_port, mosquitto
from tests.small_office import PLAN

pytestmark = [pytest.mark.slow, pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")]

WITHIN_S = 60.0
COUPONS = ("BRAND-1", "BRAND-2")
CAMPAIGNS = {
    "document": "campaigns",
    "serial": 1,
    "campaigns": [
        {
            "id": "brand",
            "trigger": {"checked_in": {}},
            "variants": [{"id": "a", "weight": 1, "content": "brand"}],
            "benefit": {"kind": "amount", "value": 5},
            "cost": 2.5,
            "codes": {"digests": [coupon_digest(each) for each in COUPONS], "scope": "brand", "offline_up_to": 5.0},
        }
    ],
    "content": {"brand": {"en": {"title": "5 off"}}},
}


@dataclass(frozen=True, slots=True)
class Branch:
    """A shop with its till, and what head office has of it; its way to the broker can be cut."""

    office: HeadOffice
    till: httpx.AsyncClient
    way: FaultProxy

    async def ask(self, path: str, key: str = "", **body: object) -> httpx.Response:
        """The gateway's answer, once it gives one."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                try:
                    answer = await self.till.post(path, json=body or None, headers={"idempotency-key": key})
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
                    continue
                if answer.status_code not in {429, 503}:
                    return answer
                await asyncio.sleep(0.1)

    async def reserve(self, coupon: str) -> dict[str, object]:
        """The redemption of this coupon as it stands."""
        held: dict[str, object] = (await self.ask("/v1/redemptions", coupon, coupon=coupon, till="t", value=5)).json()
        return held

    async def until(self, coupon: str, **facts: object) -> dict[str, object]:
        """The redemption of this coupon, once these facts are true of it."""
        async with asyncio.timeout(WITHIN_S):
            while not facts.items() <= (held := await self.reserve(coupon)).items():
                await asyncio.sleep(0.1)
        return held

    async def commit(self, coupon: str) -> httpx.Response:
        return await self.ask(f"/v1/redemptions/{(await self.reserve(coupon))['redemption']}/commit")


@asynccontextmanager
async def branch(
    name: str, folder: Path, broker: Mosquitto, signer: Signer, locks: BrandLocks
) -> AsyncIterator[Branch]:
    store, port = StoreRef("demo", name, "gw-1"), free_port()
    folder.mkdir()
    (folder / "floorplan.toml").write_text(PLAN.replace('"office"', f'"{name}"'))
    async with AsyncExitStack() as stack:
        way = await stack.enter_async_context(FaultProxy(broker.port))
        office = await stack.enter_async_context(HeadOffice(broker.url, store, signer, locks=locks))
        office.publish_document("campaigns", json.dumps(CAMPAIGNS).encode(), 1)
        process = GatewayProcess(
            folder,
            store=store,
            floorplan=folder / "floorplan.toml",
            broker_url=f"mqtt://127.0.0.1:{way.port}",
            signer=signer,
            http=f"127.0.0.1:{port}",
            sources=[{"kind": "input", "socket": "input.sock"}],
        )
        await stack.enter_async_context(process)
        token = credential(signer, store, "till", time.time() + 3_600.0)
        client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers={"authorization": f"Bearer {token}"}, timeout=30
        )
        till = await stack.enter_async_context(client)
        await office.until(lambda: office.statuses.get(("gw-1", "campaigns"), {}).get("status") == "accepted", WITHIN_S)
        yield Branch(office, till, way)


async def test_a_coupon_of_the_brand_in_two_shops(tmp_path: Path) -> None:
    signer, locks = Signer(), BrandLocks()
    async with (
        mosquitto(tmp_path / "broker") as broker,
        branch("office", tmp_path / "office", broker, signer, locks) as here,
        branch("annexe", tmp_path / "annexe", broker, signer, locks) as there,
    ):
        await here.until("BRAND-1", lock="granted")
        await there.until("BRAND-1", state="cancelled")
        assert (await here.commit("BRAND-1")).json()["state"] == "committed"
        assert (await there.commit("BRAND-1")).json()["reason"] == "cancelled"

        there.way.cut()
        assert (await there.reserve("BRAND-2"))["lock"] == "asked"
        assert (await there.commit("BRAND-2")).json()["state"] == "committed", "so little is given meanwhile"
        await here.until("BRAND-2", lock="granted")
        assert (await here.commit("BRAND-2")).json()["state"] == "committed"
        await there.way.mend()
        await there.office.until(lambda: there.office.count("redemption.rejected") == 1, WITHIN_S)
        assert (await there.until("BRAND-2", lock="refused"))["state"] == "committed"
        await here.office.until(lambda: here.office.count("redemption.committed") == 2, WITHIN_S)
        assert there.office.count("redemption.committed") == 1
        assert locks.rejected == 1
