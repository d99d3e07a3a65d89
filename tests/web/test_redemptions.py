"""Tills over HTTP: hold, spend, give back; refused with a reason; no answer before the commit."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from gateway.model.inputs import DocumentReady, Input
from gateway.model.savings import ShowSaved
from gateway.model.sighting import CheckIn, Sighting
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.inbox import InboxClosed, TooManyAsks
from gateway.web.in_force import InForce
from gateway.web.redemptions import redemptions_routes
from tests.core.shops import plan
from tests.web.shop import ADA, CAMPAIGNS, TILL, Shop, open_shop

BENEFIT = {"kind": "percent", "value": 10, "code": "single_use"}
GIFT = replace(CAMPAIGNS, serial=2, campaigns=tuple(replace(each, benefit=BENEFIT) for each in CAMPAIGNS.campaigns))
WANTED = {"member": "ada", "campaign": "hello", "till": "till-3", "value": 4.5}


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """Ada is here, with an offer that a till can take."""
    inputs = (DocumentReady("campaigns", 2, "sha256:gift", GIFT), Sighting("app", "app", CheckIn("ada", "app")))
    async with open_shop(tmp_path, inputs=inputs) as running:
        await running.settle()
        yield running


async def reserve(client: httpx.AsyncClient, key: str = "4711-1", **changed: object) -> httpx.Response:
    return await client.post("/v1/redemptions", json=WANTED | changed, headers={"idempotency-key": key})


async def test_a_till_holds_and_spends_an_offer(shop: Shop) -> None:
    async with shop.client(TILL) as till:
        held = await reserve(till)
        assert held.status_code == 201
        redemption = held.json()["redemption"]
        assert held.json() == {
            "redemption": redemption,
            "lock": None,
            "state": "reserved",
            "campaign": "hello",
            "till": "till-3",
            "value": 4.5,
            "benefit": BENEFIT,
            "until": held.json()["until"],
            "saved": None,
        }
        assert (await reserve(till)).json() == held.json()
        spent = await till.post(f"/v1/redemptions/{redemption}/commit", json={"value": 4.0})
        assert (spent.status_code, spent.json()["state"], spent.json()["value"]) == (200, "committed", 4.0)
        assert (await till.post(f"/v1/redemptions/{redemption}/commit")).json() == spent.json()
        assert spent.json()["until"] is None
        saved = spent.json()["saved"]
        assert (saved["in_visit"], saved["in_all"], saved["points"]) == (4.0, 4.0, 0.0)
        async with shop.client(ADA) as ada:
            assert (await ada.get("/v1/savings")).json() == saved
        again = await reserve(till, key="4711-2")
        assert (again.status_code, again.json()["code"], again.json()["reason"]) == (409, "not_redeemed", "spent")
        undone = await till.delete(f"/v1/redemptions/{redemption}")
        assert (undone.status_code, undone.json()["reason"]) == (409, "committed")
    kept = [event.type for batch in shop.store.batches for event in batch.events if event.stream == "redemption"]
    assert kept == ["redemption.reserved", "redemption.committed", "redemption.refused", "redemption.refused"]


async def test_what_is_given_back_can_be_held_again(shop: Shop) -> None:
    async with shop.client(TILL) as till:
        redemption = (await reserve(till)).json()["redemption"]
        for _ in range(2):
            assert (await till.delete(f"/v1/redemptions/{redemption}")).json()["state"] == "cancelled"
        assert (await reserve(till, key="4711-2")).status_code == 201


async def test_who_is_no_till_or_asks_wrongly(shop: Shop) -> None:
    async with shop.client(ADA) as member, shop.client(TILL) as till:
        assert (await reserve(member)).json()["code"] == "forbidden"
        assert (await till.post("/v1/redemptions", json=WANTED)).json()["code"] == "invalid"
        assert (await reserve(till, till="Ada's till")).json()["code"] == "invalid"
        assert (await reserve(till, value=-1)).json()["code"] == "invalid"
        unsound = (await reserve(till, value=0.30001)).json()
        assert unsound["detail"] == "body.value is no amount of money: write at most 4 decimals."
        assert (await till.delete("/v1/redemptions/r.nobody")).json()["code"] == "not_found"
        assert (await reserve(till)).status_code == 201
        assert (await reserve(till, campaign="shoes")).json()["code"] == "idempotency_reused"


async def test_a_till_hears_nothing_before_the_disk_has_it(shop: Shop) -> None:
    async with shop.client(TILL) as till:
        shop.store.failing = True
        refused = await reserve(till)
        assert (refused.status_code, refused.json()["code"]) == (503, "storage_unavailable")
        shop.store.failing = False
        while (held := await reserve(till)).status_code == 503:
            pass
        assert held.json()["state"] == "reserved"
    kept = [event.type for batch in shop.store.batches for event in batch.events if event.stream == "redemption"]
    assert kept == ["redemption.reserved"]


@pytest.mark.parametrize("fault", [StorageUnavailable("the disk is full", "free room"), TooManyAsks(), InboxClosed()])
async def test_what_is_committed_is_told_though_savings_cannot_be(shop: Shop, fault: Exception) -> None:
    async def ask(what: Input) -> object:
        if isinstance(what, ShowSaved):
            raise fault
        return await shop.inbox.ask(what)

    app = FastAPI()
    app.include_router(redemptions_routes(shop.site.door, ask, InForce(plan())))
    headers = {"authorization": f"Bearer {TILL}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop", headers=headers) as till:
        redemption = (await reserve(till)).json()["redemption"]
        spent = await till.post(f"/v1/redemptions/{redemption}/commit")
        assert (spent.status_code, spent.json()["state"], spent.json()["saved"]) == (200, "committed", None)
    async with shop.client(TILL) as till:
        assert (await till.post(f"/v1/redemptions/{redemption}/commit")).json()["saved"]["in_all"] == 4.5
