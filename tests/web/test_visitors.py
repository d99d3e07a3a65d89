"""A visitor on the shop's Wi-Fi: here by their own word, once, as nobody; a member where they show their code."""

import asyncio
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.codecs.cose import key_octets
from gateway.model.event import Event
from gateway.model.inputs import DocumentReady
from gateway.model.issuers import Issuers
from gateway.web.visitors import RATE, VISITOR_S
from simulators.member_card import MemberCard
from tests.web.shop import ADA, Shop, bearer, open_shop
from tests.web.test_routes import ask

ISSUER = Ed25519PrivateKey.generate()
ISSUERS = DocumentReady("issuers", 1, "sha256:i", Issuers(1, {"loyalty": key_octets(ISSUER.public_key())}))


def told(shop: Shop) -> list[Event]:
    events = [event for batch in shop.store.batches for event in batch.events]
    return [event for event in events if event.type == "visitor.checked_in"]


async def token(shop: Shop, address: str = "192.0.2.7") -> str:
    async with shop.client(address=address) as client:
        answer = await client.post("/v1/visitors")
    assert answer.status_code == 201, answer.text
    assert "set-cookie" not in answer.headers
    return str(answer.json()["token"])


async def test_a_visitor_is_told_once_as_nobody(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        visitor = await token(shop)
        arrived: dict[str, object] = {"visit": None, "zone": None, "decisions": []}
        assert await ask(shop, "POST", "/v1/checkins", visitor, json={"marker": "A7"}) == (200, arrived)
        assert await ask(shop, "POST", "/v1/checkins", visitor, json={"marker": "elsewhere"}) == (200, arrived)
        assert await ask(shop, "POST", "/v1/checkins", visitor) == (200, arrived)
        (event,) = told(shop)
        assert (event.subject, event.data["visit"], event.data["method"]) == (None, None, "page")
        assert event.data["assurance"] == "claimed"


async def test_one_told_twice_at_the_same_time_is_told_once(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        visitor = await token(shop)
        answers = await asyncio.gather(*(ask(shop, "POST", "/v1/checkins", visitor) for _ in range(8)))
        assert {status for status, _ in answers} == {200}
        assert len(told(shop)) == 1


async def test_tokens_have_nothing_in_common(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        first, second = [(await token(shop)).split(".") for _ in range(2)]
    assert first[:2] == second[:2] == ["s1", "visitor"]
    assert not set(first[3:]) & set(second[3:])


async def test_a_token_opens_nothing_else_and_ends(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        visitor = await token(shop)
        closed = ("GET /v1/offers", "POST /v1/sightings", "GET /v1/consents", "GET /v1/sessions", "DELETE /v1/sessions")
        for method, path in map(str.split, closed):
            status, answer = await ask(shop, method, path, visitor, json={"seen": [{"beacon": "b", "rssi_dbm": -60}]})
            assert (status, answer["code"]) == (403, "forbidden"), path
        *said, until, name, mac = visitor.split(".")
        assert time.time() < int(until) <= time.time() + VISITOR_S
        for other in ([*said, str(int(until) + 1), name, mac], [*said, until, name[::-1], mac]):
            status, answer = await ask(shop, "POST", "/v1/checkins", ".".join(other))
            assert (status, answer["code"]) == (401, "unauthorised")


async def test_an_address_that_asks_too_often_has_to_wait_and_others_go_on(tmp_path: Path) -> None:
    async with open_shop(tmp_path, mono_s=lambda: 1.0) as shop:
        for _ in range(RATE.burst):
            await token(shop)
        status, answer = await ask(shop, "POST", "/v1/visitors", None)
        assert (status, answer["code"]) == (429, "too_many_requests")
        await token(shop, address="192.0.2.8")


async def test_all_visitors_together_have_a_bound(tmp_path: Path) -> None:
    async with open_shop(tmp_path, mono_s=lambda: 1.0) as shop:
        statuses = []
        for number in range(80):
            async with shop.client(address=f"192.0.2.{number}") as client:
                statuses.append((await client.post("/v1/visitors")).status_code)
        assert (statuses.count(201), statuses.count(429)) == (60, 20)


async def test_who_shows_a_members_code_is_that_member_proven_and_once(tmp_path: Path) -> None:
    async with open_shop(tmp_path, inputs=[ISSUERS]) as shop:
        now_utc_s = shop.inbox.now().utc_s
        code = MemberCard.issue("ada", "proximity:acme/0042", "loyalty", ISSUER, now_utc_s).text(now_utc_s)
        status, answer = await ask(shop, "POST", "/v1/checkins", await token(shop), json={"code": code})
        assert (status, answer["visit"] is not None) == (200, True)
        (event,) = told(shop)
        assert (event.subject, event.data["assurance"], event.data["method"]) == ("m.ada", "proven", "code")
        status, answer = await ask(shop, "POST", "/v1/checkins", await token(shop), json={"code": code})
        assert (status, answer["code"], answer["reason"]) == (403, "not_recognised", "code_replayed")
        assert "shown here before" in answer["detail"]
        status, answer = await ask(shop, "POST", "/v1/checkins", await token(shop), json={"code": "A7"})
        assert (status, answer["code"]) == (422, "invalid")


async def test_the_apps_own_credential_checks_the_member_in(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        status, answer = await ask(shop, "POST", "/v1/checkins", ADA, json={"method": "qr", "marker": "A7"})
        assert (status, answer["visit"] is not None) == (200, True)
        assert told(shop)[0].subject == "m.ada"


async def test_check_ins_and_sightings_are_bounded_idempotent_and_dated_by_the_gateway(tmp_path: Path) -> None:
    """What a phone sends has no time of its own: one is a field that is not known."""
    async with open_shop(tmp_path) as shop:
        seen = [{"beacon": "b-7", "rssi_dbm": -60}]
        for path, body in (("/v1/checkins", {}), ("/v1/sightings", {"seen": seen})):
            status, answer = await ask(shop, "POST", path, ADA, json=body | {"at": "2001-01-01T00:00:00Z"})
            assert (status, answer["code"]) == (422, "invalid"), path
            key = {"headers": {"idempotency-key": "k"}}
            first = await ask(shop, "POST", path, ADA, json=body, **key)
            assert await ask(shop, "POST", path, ADA, json=body, **key) == first
        status, answer = await ask(shop, "POST", "/v1/sightings", ADA, json={"seen": seen * 101})
        assert (status, answer["code"]) == (422, "invalid")
        assert len(told(shop)) == 1
        assert abs(told(shop)[0].time_utc_s - shop.inbox.now().utc_s) < 60.0


async def test_head_office_makes_no_visitors(tmp_path: Path) -> None:
    """A credential of that scope says no more than a token of the page does."""
    async with open_shop(tmp_path) as shop:
        status, _ = await ask(shop, "POST", "/v1/checkins", bearer("visitor", None))
        assert status == 200
        assert told(shop)[0].subject is None
