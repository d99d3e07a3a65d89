"""The desk over HTTP: who may ask for what, what is answered after the commit, and why not."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.model.documents import Campaign, Products, Trigger, Variant
from gateway.model.feeds import Brief, FeedBatch, Order, OrderLine, Stock
from gateway.model.inputs import DocumentReady
from gateway.model.sighting import CheckIn, Sighting
from gateway.web.live import Subscription
from tests.web.shop import ADA, BOB, CAMPAIGNS, GTIN, MEMBERS, STAFF, TILL, Shop, open_shop

OTHER = "09506000134369"
TRAINERS = {"gtin": GTIN, "names": {"en": "Trainers"}, "price": 89.9, "currency": "EUR"}
PRODUCTS = Products(2, {GTIN: TRAINERS | {"alternatives": [OTHER], "complements": [OTHER]}, OTHER: {"gtin": OTHER}})
AGREED = replace(MEMBERS.members["ada"], purposes=frozenset({"presence", "offers", "staff_assist"}))
FED = (
    DocumentReady("products", 2, "sha256:p2", PRODUCTS),
    DocumentReady("members", 2, "sha256:m2", replace(MEMBERS, serial=2, members={**MEMBERS.members, "ada": AGREED})),
    FeedBatch("orders", 1, "o", (Order("o-1", "ada", "arrived", (OrderLine(GTIN, 1),), code="7731"),)),
    FeedBatch("briefs", 1, "b", (Brief("ada", wish_list=(GTIN,), sizes={"shoes": "42"}),)),
    FeedBatch(
        "stock", 1, "s", (Stock(GTIN, "0042", 0, 0.0), Stock(OTHER, "0042", 2, 0.0), Stock(GTIN, "0043", 5, 0.0))
    ),
    Sighting("app", "app", CheckIn("ada", "app")),
)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """Ada is here, and so is her order; what she wants is sold out."""
    async with open_shop(tmp_path, inputs=FED) as running:
        await running.settle()
        yield running


async def post(shop: Shop, credential: str | None, path: str, **body: object) -> httpx.Response:
    async with shop.client(credential) as client:
        return await client.post(f"/v1/{path}", json=body)


async def desk(shop: Shop) -> dict[str, Any]:
    async with shop.client(STAFF) as client:
        answer: dict[str, Any] = (await client.get("/v1/desk")).json()
    return answer


@contextmanager
def watching(shop: Shop, credential: str) -> Iterator[Subscription]:
    """The live view as a credential has it."""
    with shop.site.live.subscribe(shop.site.door.recognise(credential, "")) as subscription:
        yield subscription


async def told(stream: Subscription) -> dict[str, Any]:
    """The next message of a live view."""
    message: dict[str, Any] = json.loads((await anext(stream)).split(b"data: ")[1])
    return message


async def until_told(stream: Subscription, of: str) -> dict[str, Any]:
    """The next event whose type begins like this."""
    while True:
        for event in (await told(stream)).get("events", ()):
            if event["type"].startswith(f"proximity.{of}"):
                found: dict[str, Any] = event
                return found


async def test_help_goes_from_a_member_to_a_seller_and_ends(shop: Shop) -> None:
    asked = await post(shop, ADA, "help", size="42", notes="in black", marker="A7")
    assert (asked.status_code, asked.json()["product"], asked.json()["seller"]) == (201, GTIN, None)
    name = asked.json()["help"]
    (waiting,) = (await desk(shop))["help"]
    assert (waiting["notes"], waiting["size"], waiting["names"]) == ("in black", "42", {"en": "Trainers"})
    assert (await post(shop, STAFF, f"help/{name}/claim", seller="nils")).json()["seller"] == "nils"
    other = await post(shop, STAFF, f"help/{name}/claim", seller="maud")
    assert (other.status_code, other.json()["code"], other.json()["reason"]) == (409, "not_served", "claimed")
    assert (await post(shop, STAFF, f"help/{name}/close", outcome="served")).status_code == 200
    assert (await post(shop, STAFF, f"help/{name}/close")).status_code == 404
    assert (await desk(shop))["help"] == []


async def test_a_guest_asks_for_help_and_not_too_often(shop: Shop) -> None:
    answers = [(await post(shop, None, "help", marker="A7")).status_code for _ in range(7)]
    assert answers == [201] * 6 + [429]
    assert {each["subject"] for each in (await desk(shop))["help"]} == {None}
    assert (await post(shop, None, "help", marker="Z9")).status_code in {404, 429}


async def test_an_order_is_shown_with_what_goes_with_it_and_given_out_against_its_code(shop: Shop) -> None:
    (order,) = (await desk(shop))["orders"]
    assert (order["order"], order["complements"]) == ("o-1", [OTHER])
    assert order["lines"] == [{"gtin": GTIN, "quantity": 1, "names": {"en": "Trainers"}}]
    assert (await desk(shop))["products"] == {GTIN: {"en": "Trainers"}, OTHER: {}}
    wrong = await post(shop, STAFF, "orders/o-1/handover", code="0000", seller="maud")
    assert (wrong.status_code, wrong.json()["reason"]) == (409, "wrong_code")
    given = await post(shop, STAFF, "orders/o-1/handover", code="7731", seller="maud")
    assert (given.status_code, given.json()["order"]) == (200, "o-1")
    assert (await desk(shop))["orders"] == []


async def test_sellers_see_the_brief_of_who_is_here_until_it_is_taken_back(shop: Shop) -> None:
    (brief,) = (await desk(shop))["briefs"]
    assert (brief["subject"], brief["wish_list"], brief["sizes"]) == ("m.ada", [GTIN], {"shoes": "42"})
    await shop.inbox.put(DocumentReady("members", 3, "sha256:m3", replace(MEMBERS, serial=3)))
    await shop.settle()
    assert (await desk(shop))["briefs"] == []


async def test_what_is_said_to_a_seller_is_not_the_member_s_to_hear(tmp_path: Path) -> None:
    advice = Campaign("advice", Trigger("checked_in"), (Variant("a", 1, "hello"),), "staff_assist", channels=("staff",))
    spring = replace(advice, id="spring", control_per_10000=10_000)
    hello = Campaign("hello", Trigger("checked_in"), (Variant("a", 1, "hello"),))
    document = DocumentReady(
        "campaigns", 2, "sha256:c2", replace(CAMPAIGNS, serial=2, campaigns=(advice, spring, hello))
    )
    async with open_shop(tmp_path, inputs=(document, *FED)) as shop:
        await shop.settle()
        (wanted,) = (await desk(shop))["help"]
        assert (wanted["cause"], wanted["campaign"]) == ("campaign", "advice")
        with watching(shop, ADA) as own, watching(shop, STAFF) as staff:
            for seen, of_sellers in ((own, set()), (staff, {"advice", "spring"})):
                assert {each["campaign"] for each in (await told(seen))["decisions"]} == {"hello"} | of_sellers
            await post(shop, STAFF, f"help/{wanted['help']}/claim", seller="nils")
            await post(shop, STAFF, f"help/{wanted['help']}/close")
            assert (await until_told(staff, "help.closed"))["data"]["cause"] == "campaign"
            asked = (await post(shop, ADA, "help")).json()["help"]
            await post(shop, STAFF, f"help/{asked}/claim", seller="nils")
            first = await until_told(own, "help.")
            assert (first["type"], first["data"]["help"]) == ("proximity.help.requested.v1", asked)
        async with shop.client(ADA) as ada:
            assert [each["campaign"] for each in (await ada.get("/v1/offers")).json()["offers"]] == ["hello"]
            decided = (await ada.post("/v1/checkins")).json()["decisions"]
        assert {each["campaign"] for each in decided} <= {"hello"}


async def test_what_is_sold_out_comes_with_what_is_not(shop: Shop) -> None:
    scanned = await post(shop, ADA, "scans", text=GTIN[1:], symbology="ean_13")
    assert scanned.status_code == 200
    assert (scanned.json()["product"], scanned.json()["quantity"]) == (GTIN, 0)
    assert scanned.json()["rescue"] == {"alternatives": {OTHER: 2}, "elsewhere": {"0043": 5}}
    assert (await post(shop, ADA, "scans", text="nothing of ours")).status_code == 404


async def test_a_slip_goes_from_phone_to_till_and_the_ticket_back_to_the_phone(shop: Shop) -> None:
    slip = (await post(shop, ADA, "slips", lines=[{"gtin": GTIN, "quantity": 1}])).json()["slip"]
    taken = await post(shop, TILL, f"slips/{slip}/take", till="till-3")
    assert (taken.json()["member"], taken.json()["lines"]) == ("ada", [{"gtin": GTIN, "quantity": 1}])
    assert (await post(shop, TILL, f"slips/{slip}/take", till="till-4")).json()["reason"] == "taken"
    sale = {"till": "till-3", "number": "1", "total": 89.9, "currency": "EUR", "member": "ada"}
    sold = await post(shop, TILL, "tickets", **sale, receipt="https://shop.example/r/1")
    assert sold.status_code == 201
    assert sold.json()["visit"] is not None
    assert (await post(shop, TILL, "tickets", **sale)).json() == sold.json()
    assert (await post(shop, TILL, "tickets", **sale | {"total": 1.0})).json()["code"] == "idempotency_reused"
    unsound = await post(shop, TILL, "tickets", **sale, lines=[{"gtin": GTIN, "quantity": 3, "amount": 0.12345}])
    assert unsound.json()["detail"] == "body.lines[0].amount is no amount of money: write at most 4 decimals."
    async with shop.client(ADA) as ada, shop.client(BOB) as bob:
        assert [each["receipt"] for each in (await ada.get("/v1/receipts")).json()["receipts"]] == [
            "https://shop.example/r/1"
        ]
        assert (await bob.get("/v1/receipts")).json() == {"receipts": []}


async def test_a_return_puts_what_is_sound_on_sale_again(shop: Shop) -> None:
    back = (await post(shop, STAFF, "returns", product=GTIN, quantity=1, reason="size")).json()["id"]
    assert (await post(shop, STAFF, f"returns/{back}/restock")).json()["reason"] == "not_checked"
    assert (await post(shop, STAFF, f"returns/{back}/check", sound=True)).json()["state"] == "checked"
    assert [each["id"] for each in (await desk(shop))["returns"]] == [back]
    assert (await post(shop, STAFF, f"returns/{back}/restock")).status_code == 200
    async with shop.client() as client:
        assert (await client.get(f"/v1/products/{GTIN}")).json()["stock"]["quantity"] == 1


async def test_a_price_is_compared_with_ours(shop: Shop) -> None:
    lower = await post(shop, ADA, "price-matches", product=GTIN, price=79.9, seen_at="online")
    assert lower.json() == {"lower": True, "ours": 89.9, "currency": "EUR"}
    assert (await post(shop, None, "price-matches", product=GTIN, price=99.0, seen_at="shelf")).json()["lower"] is False
    assert (await post(shop, ADA, "price-matches", product=OTHER, price=1.0, seen_at="shelf")).status_code == 404


@pytest.mark.parametrize(
    ("path", "credential"),
    [
        ("help/h.x/claim", ADA),
        ("orders/o-1/handover", ADA),
        ("tickets", STAFF),
        ("slips", STAFF),
        ("slips/s.x/take", ADA),
        ("returns", TILL),
        ("scans", STAFF),
        ("help", STAFF),
    ],
)
async def test_everything_is_for_those_it_is_for(shop: Shop, path: str, credential: str) -> None:
    assert (await post(shop, credential, path)).status_code in {403, 422}
    assert (await post(shop, credential, path)).json()["code"] in {"forbidden", "invalid"}


async def test_a_wrong_number_is_named(shop: Shop) -> None:
    answer = await post(shop, ADA, "help", product="9506000134353")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
