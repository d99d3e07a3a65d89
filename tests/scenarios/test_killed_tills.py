"""A real gateway killed between reserve and commit, again and again: nothing is spent twice, nothing is lost."""

import asyncio
import json
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.codecs.cose import key_octets
from gateway.model.event import Event
from gateway.model.store import StoreRef
from gateway.storage.outbox import open_outbox
from gateway.storage.secret import find_secret
from simulators.coupon_book import IssuedCoupon
from simulators.signer import Signer
from tests.brokers import free_port
from tests.scenarios.restartable_gateway import RestartableGateway
from tests.web.shop import bearer

STORE = StoreRef("acme", "0042", "gw-1")
PLAN = """[store]
id = "0042"
tenant = "acme"
timezone = "Europe/Paris"
languages = ["en"]
[[zones]]
id = "floor"
kind = "aisle"
"""
LIVES = ("reserved", "committed")
"""Each life of the gateway ends when tills heard some answers of this kind."""
HEARD = 4
BASKETS_A_LIFE = 12
APART_S = 0.015
"""Between two baskets of a life, so that a kill finds them at every step: before, in and between both commits."""
TILLS = ("till-1", "till-2")
HANDLES = tuple(f"m{number}" for number in range(len(LIVES) * BASKETS_A_LIFE))
ISSUER = Ed25519PrivateKey.generate()
COUPONS = {
    handle: IssuedCoupon.issue("gift", ("acme", "0042"), "loyalty", ISSUER, time.time(), handle).text
    for handle in HANDLES[::2]
}
"""Every other member brings a personal coupon; the others use the offer that they were made here."""
CAMPAIGN = {
    "id": "gift",
    "trigger": {"checked_in": {}},
    "variants": [{"id": "a", "weight": 1, "content": "gift"}],
    "benefit": {"kind": "percent", "value": 10, "code": "single_use"},
}


def documents() -> dict[str, tuple[bytes, int]]:
    campaigns = {
        "document": "campaigns",
        "serial": 1,
        "campaigns": [CAMPAIGN],
        "content": {"gift": {"en": {"title": "-10 %"}}},
    }
    header = {"document": "members", "tenant": "acme", "store": "0042", "serial": 1}
    members = [{"handle": handle, "purposes": ["presence", "offers"]} for handle in HANDLES]
    lines = "\n".join(json.dumps(each) for each in (header, *members))
    key = b64encode(key_octets(ISSUER.public_key())).decode()
    issuers = {"document": "issuers", "serial": 1, "keys": {"loyalty": key}}
    return {
        "campaigns": (json.dumps(campaigns).encode(), 1),
        "members": (lines.encode(), 1),
        "issuers": (json.dumps(issuers).encode(), 1),
    }


def wanted(handle: str) -> Mapping[str, str]:
    """What a till sends for this member's basket."""
    return {"coupon": COUPONS[handle]} if handle in COUPONS else {"member": handle, "campaign": "gift"}


class Tills:
    """Tills that ask until they are answered, whoever is killed meanwhile."""

    def __init__(self, port: int, signer: Signer) -> None:
        self._url = f"http://127.0.0.1:{port}"
        self._signer = signer
        self._client = self.client("till")
        self.heard = Counter[str]()

    def client(self, scope: str, subject: str | None = None) -> httpx.AsyncClient:
        credential = bearer(scope, subject, key=self._signer.key, iss=self._signer.name)
        return httpx.AsyncClient(base_url=self._url, headers={"authorization": f"Bearer {credential}"}, timeout=60)

    async def answered(self, client: httpx.AsyncClient, path: str, **request: object) -> httpx.Response:
        while True:
            try:
                response = await client.post(path, **request)  # type: ignore[arg-type]
            except httpx.TransportError:
                await asyncio.sleep(0.05)
                continue
            if response.status_code not in {429, 503}:
                return response
            await asyncio.sleep(0.05)

    async def close(self) -> None:
        """Leave no connection open."""
        await self._client.aclose()

    async def ready(self) -> None:
        """Return when the gateway serves again."""
        async with httpx.AsyncClient(base_url=self._url) as anybody, asyncio.timeout(60):
            while True:
                with suppress(httpx.TransportError):
                    if (await anybody.get("/readyz")).status_code == 200:
                        return
                await asyncio.sleep(0.02)

    async def check_in(self, handles: Iterable[str]) -> None:
        for handle in handles:
            async with self.client("member", handle) as phone:
                (decision,) = (await self.answered(phone, "/v1/checkins")).json()["decisions"]
                assert decision["decision"] == "offered"

    async def until(self, state: str, count: int) -> None:
        """Return when tills heard `count` redemptions in this state."""
        async with asyncio.timeout(60):
            while self.heard[state] < count:
                await asyncio.sleep(0.001)

    async def redeem(self, till: str, handle: str, after_s: float) -> bool:
        """Whether this till's basket got the offer."""
        await asyncio.sleep(after_s)
        key, basket = {"idempotency-key": f"basket-{handle}"}, {**wanted(handle), "till": till}
        held = await self.answered(self._client, "/v1/redemptions", json=basket, headers=key)
        if held.status_code == 409:
            assert held.json()["reason"] == "spent"
            return False
        self.heard["reserved"] += 1
        spent = await self.answered(self._client, f"/v1/redemptions/{held.json()['redemption']}/commit")
        assert spent.json()["state"] == "committed"
        self.heard["committed"] += 1
        return True


async def told(state: Path) -> list[Event]:
    async with open_outbox(state, find_secret(state)) as outbox:
        (stream,) = [each for each in await outbox.standing() if each.stream == "redemption"]
        return list(await outbox.after(stream.incarnation, "redemption", 0, 10_000))


@pytest.mark.slow
async def test_two_tills_want_each_offer_of_a_gateway_that_is_killed(tmp_path: Path) -> None:
    signer, port = Signer("hq"), free_port()
    gateway, tills = RestartableGateway(tmp_path, STORE, signer), Tills(port, signer)
    gateway.write(PLAN, documents(), f'[http]\nlisten = "127.0.0.1:{port}"\n')
    live = gateway.settings.read_text().replace('kind = "capture"', 'kind = "input"')
    gateway.settings.write_text(live)
    await gateway.start()
    await tills.check_in(HANDLES)
    baskets: list[asyncio.Task[bool]] = []
    for life, state in enumerate(LIVES):
        for place, handle in enumerate(HANDLES[life * BASKETS_A_LIFE :][:BASKETS_A_LIFE]):
            baskets += [asyncio.create_task(tills.redeem(till, handle, place * APART_S)) for till in TILLS]
        await tills.until(state, HEARD + tills.heard[state])
        await gateway.kill()
        await gateway.start()
        await tills.ready()
    got = await asyncio.wait_for(asyncio.gather(*baskets), 60)
    await tills.close()
    assert await gateway.stop() == 0
    assert [sum(pair) for pair in zip(got[::2], got[1::2], strict=True)] == [1] * len(HANDLES)
    events = await told(tmp_path / "state")
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    kinds = Counter((event.type, event.subject) for event in events if event.type != "redemption.refused")
    once = {(f"redemption.{kind}", f"m.{handle}"): 1 for kind in ("reserved", "committed") for handle in HANDLES}
    assert dict(kinds) == once
    used = [event.data["coupon"] for event in events if event.type == "redemption.committed"]
    assert Counter(coupon is None for coupon in used) == {True: len(HANDLES) - len(COUPONS), False: len(COUPONS)}
