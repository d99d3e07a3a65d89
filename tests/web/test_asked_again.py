"""What is asked of the desk more than once, or by a page that is not the gateway's."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.model.documents import Products
from gateway.model.inputs import DocumentReady
from tests.web.shop import ADA, GTIN, Shop, open_shop

PRICED = Products(2, {GTIN: {"gtin": GTIN, "price": 89.9, "currency": "EUR"}})


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path, inputs=(DocumentReady("products", 2, "sha256:p2", PRICED),)) as running:
        await running.settle()
        yield running


@pytest.mark.parametrize("credential", [None, ADA])
async def test_what_is_asked_again_under_its_key_is_asked_once(shop: Shop, credential: str | None) -> None:
    headers = {"idempotency-key": "k-1"}
    async with shop.client(credential) as client:
        for path, body in (
            ("help", {"size": "42", "marker": "A7"}),
            ("price-matches", {"product": GTIN, "price": 70, "seen_at": "online"}),
            *((("slips", {}),) if credential else ()),
        ):
            first, again = [await client.post(f"/v1/{path}", json=body, headers=headers) for _ in range(2)]
            assert first.status_code in {200, 201}
            assert again.json() == first.json()
            headers = {"idempotency-key": f"{headers['idempotency-key']}+"}
    await shop.settle()
    events = [event.type for batch in shop.store.batches for event in batch.events]
    assert (events.count("help.requested"), events.count("price.mismatch")) == (1, 1)


async def test_a_page_of_another_origin_asks_for_nothing_as_nobody(shop: Shop) -> None:
    async with shop.client() as client:
        other = await client.post("/v1/help", json={}, headers={"origin": "https://elsewhere.example"})
        assert (other.status_code, other.json()["code"]) == (403, "cross_origin")
        assert (await client.post("/v1/help", json={}, headers={"origin": "http://shop"})).status_code == 201
