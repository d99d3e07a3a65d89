"""The sellers' desk on the live page, over a real gateway: what waits appears by itself, and is done by a click."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import time

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from gateway.model.feeds import FeedBatch
from tests.browser.chromium import Watched, watched
from tests.browser.stand_in import COOKIE, SNAPSHOT, StandIn
from tests.web.shop import ADA, GTIN, Shop, open_shop, served
from tests.web.test_desk import FED, desk, post

pytestmark = pytest.mark.asyncio(loop_scope="package")


@asynccontextmanager
async def opened(browser: Browser, directory: Path, scope: str = "staff") -> AsyncIterator[tuple[Shop, Watched]]:
    """The live page of a shop where Ada, whose order is here, came in; whoever sees it has this scope."""
    async with open_shop(directory, inputs=FED) as shop, served(shop.site) as port, watched(browser) as tab:
        await shop.settle()
        origin = f"http://127.0.0.1:{port}"
        async with shop.client() as client:
            code = shop.invites.make(scope, time() + 60, time())
            token = (await client.post("/v1/sessions", json={"code": code})).json()["token"]
        await tab.page.context.add_cookies([{"name": COOKIE, "value": token, "url": origin}])
        await tab.page.goto(f"{origin}/live")
        await tab.page.wait_for_selector("body[data-ready]")
        yield shop, tab
        assert tab.complaints == []


def rows(page: Page, of: str) -> Locator:
    return page.locator(f"[data-list='{of}'] .desk-row")


async def call_oneself(page: Page, name: str) -> None:
    await page.get_by_label("You are").fill(name)


async def test_a_request_appears_and_is_claimed_and_closed_by_a_click(browser: Browser, tmp_path: Path) -> None:
    async with opened(browser, tmp_path) as (shop, tab):
        page = tab.page
        await expect(page.locator("[data-list='help']")).to_contain_text("Nobody wants a seller.")
        await post(shop, ADA, "help", size="42", notes="in black", marker="A7")
        row = rows(page, "help")
        await expect(row).to_contain_text("Trainers · size 42")
        await expect(row).to_contain_text("“in black”")
        await expect(row.locator(".desk-since")).to_contain_text("has waited")
        await row.get_by_role("button", name="I go there").click()
        await expect(page.locator("#desk-answer")).to_contain_text("Say first who you are")
        await expect(page.get_by_label("You are")).to_be_focused()
        await page.keyboard.type("nils")
        await row.get_by_role("button", name="I go there").focus()
        await page.keyboard.press("Enter")
        await expect(row).to_contain_text("nils goes there")
        await expect(row.get_by_role("button", name="Served")).to_be_focused()
        assert [each["seller"] for each in (await desk(shop))["help"]] == ["nils"]
        await page.keyboard.press("Enter")
        await expect(row).to_have_count(0)
        assert (await desk(shop))["help"] == []


async def test_an_order_is_handed_over_against_its_code_and_no_other(browser: Browser, tmp_path: Path) -> None:
    async with opened(browser, tmp_path) as (shop, tab):
        page, row = tab.page, rows(tab.page, "orders")
        await expect(row).to_contain_text("Order o-1")
        await expect(row).to_contain_text("1 × Trainers")
        await call_oneself(page, "maud")
        await row.get_by_role("textbox").fill("0000")
        await row.get_by_role("button", name="Hand over").click()
        await expect(row.get_by_role("alert")).to_contain_text("This is not the order’s code.")
        assert [each["order"] for each in (await desk(shop))["orders"]] == ["o-1"]
        await row.get_by_role("textbox").fill("7731")
        await page.keyboard.press("Enter")
        await expect(row).to_have_count(0)
        await expect(page.locator("#desk-answer")).to_have_text("The order is handed over.")
        assert (await desk(shop))["orders"] == []
        tab.complaints[:] = [each for each in tab.complaints if "409" not in each]


async def test_what_is_being_typed_stays_when_others_come(browser: Browser, tmp_path: Path) -> None:
    async with opened(browser, tmp_path) as (shop, tab):
        code = rows(tab.page, "orders").get_by_role("textbox")
        await code.press_sequentially("77")
        await post(shop, None, "help", marker="A7")
        await expect(rows(tab.page, "help")).to_contain_text("Somebody")
        await expect(code).to_be_focused()
        await tab.page.keyboard.type("31")
        await expect(code).to_have_value("7731")


async def test_an_order_that_is_no_more_goes_within_half_a_minute_and_at_the_next_word(
    browser: Browser, tmp_path: Path
) -> None:
    async with opened(browser, tmp_path) as (shop, tab):
        await expect(rows(tab.page, "orders")).to_have_count(1)
        await shop.inbox.put(FeedBatch("orders", 2, "o2", ()))
        await shop.settle()
        await post(shop, None, "help", marker="A7")
        await expect(rows(tab.page, "orders")).to_have_count(0)


async def test_goods_that_come_back_are_taken_looked_at_and_on_sale_again(browser: Browser, tmp_path: Path) -> None:
    async with opened(browser, tmp_path) as (shop, tab):
        page, row = tab.page, rows(tab.page, "returns")
        await page.get_by_text("Take something back").click()
        form, product = page.locator("#take-back"), page.get_by_label("Digits under the bar code")
        await product.fill("9506000134353")
        await page.keyboard.press("Enter")
        await expect(form.get_by_role("alert")).to_contain_text("These are not a bar code’s digits")
        await expect(product).to_be_focused()
        await product.fill(GTIN)
        await page.get_by_label("How many").fill("0")
        await page.get_by_role("button", name="Take back").click()
        await expect(form.get_by_role("alert")).to_contain_text("a whole number from 1 to 1,000")
        await page.get_by_label("How many").fill("2")
        await page.get_by_label("Ticket’s number").fill("4711")
        await page.get_by_label("Why").select_option(label="wrong size")
        await page.get_by_role("button", name="Take back").click()
        await expect(row).to_contain_text("2 × Trainers")
        await expect(page.locator("#desk-answer")).to_contain_text("Look at it next.")
        await expect(form.get_by_role("alert")).to_be_hidden()
        await expect(product).to_have_value("")
        await row.get_by_role("button", name="As good as new").click()
        await row.get_by_role("button", name="Back on the shelf").click()
        await expect(row).to_have_count(0)
        async with shop.client() as client:
            answer = (await client.get(f"/v1/products/{GTIN}")).json()
        assert answer["stock"]["quantity"] == 2


async def test_only_sellers_have_a_desk(browser: Browser, tmp_path: Path) -> None:
    async with opened(browser, tmp_path, "display") as (_, tab):
        await expect(tab.page.locator("#plan")).to_be_visible()
        await expect(tab.page.locator("#desk")).to_be_hidden()
        assert [url for url in tab.urls if "/v1/desk" in url] == []


async def test_everything_that_waits_is_shown_in_the_reader_s_language(tab: Watched, gateway: StandIn) -> None:
    page = tab.page
    await page.context.add_cookies([{"name": COOKIE, "value": "t", "url": gateway.origin}])
    await page.goto(f"{gateway.origin}/live")
    await expect(rows(page, "queues")).to_contain_text("Tills: 6 wait. Open a till?")
    await expect(rows(page, "help").last).to_contain_text("maud goes there")
    await expect(rows(page, "returns").first).to_contain_text("to be looked at")
    await expect(rows(page, "briefs")).to_contain_text("Wishes for: Scarf")
    await page.get_by_role("button", name="Français").click()
    await expect(rows(page, "orders")).to_contain_text("1 × Baskets")
    await expect(rows(page, "orders").get_by_role("button", name="Remettre")).to_have_accessible_description(
        "Commande o-2041"
    )
    await expect(rows(page, "orders")).to_contain_text("Va avec : Écharpe")
    await expect(rows(page, "help").first.locator(".desk-place")).to_have_text("Shoes")


async def test_a_refusal_without_words_is_told_in_english_to_those_alone_who_read_it(
    tab: Watched, gateway: StandIn
) -> None:
    page, row = tab.page, rows(tab.page, "orders").first
    unforeseen = {"code": "unforeseen", "detail": "The stars are wrong. Wait for better ones."}
    await page.route("**/v1/orders/**", lambda route: route.fulfill(status=409, json=unforeseen))
    await page.context.add_cookies([{"name": COOKIE, "value": "t", "url": gateway.origin}])
    await page.goto(f"{gateway.origin}/live")
    await call_oneself(page, "maud")
    await row.get_by_role("textbox").fill("7731")
    await page.keyboard.press("Enter")
    await expect(row.get_by_role("alert")).to_have_text("The stars are wrong. Wait for better ones.")
    await page.get_by_role("button", name="Français").click()
    await expect(row.get_by_role("button", name="Remettre")).to_be_visible()
    await row.get_by_role("textbox").fill("7731")
    await page.keyboard.press("Enter")
    await expect(row.get_by_role("alert")).to_contain_text("Quelque chose s’est mal passé")
    tab.complaints[:] = [each for each in tab.complaints if "409" not in each]


async def test_a_desk_that_cannot_be_read_says_so_and_is_asked_again(tab: Watched, gateway: StandIn) -> None:
    page, gateway.desk = tab.page, None
    await page.context.add_cookies([{"name": COOKIE, "value": "t", "url": gateway.origin}])
    await page.goto(f"{gateway.origin}/live")
    await expect(page.locator("#desk-answer")).to_contain_text("The gateway does not say what waits.")
    gateway.desk = {"help": [], "orders": [], "returns": [], "briefs": [], "queues": [], "products": {}}
    gateway.say("snapshot", SNAPSHOT)
    await expect(page.locator("#desk-answer")).to_be_empty()
    await expect(page.locator("[data-list='orders']")).to_contain_text("Nobody is here for an order.")
    tab.complaints[:] = [each for each in tab.complaints if "503" not in each]


async def test_nothing_typed_is_lost_by_another_language(tab: Watched, gateway: StandIn) -> None:
    page = tab.page
    await page.context.add_cookies([{"name": COOKIE, "value": "t", "url": gateway.origin}])
    await page.goto(f"{gateway.origin}/live")
    order = rows(page, "orders").first
    await order.get_by_role("textbox").fill("77")
    await order.get_by_role("button", name="Hand over").click()
    await call_oneself(page, "maud")
    await page.get_by_text("Take something back").click()
    await page.get_by_label("Digits under the bar code").fill("123")
    await page.get_by_label("Why").select_option("fault")
    await page.get_by_role("button", name="Take back").click()
    await page.get_by_role("button", name="Français").click()
    await expect(order.get_by_role("button", name="Remettre")).to_be_visible()
    await expect(order.get_by_role("textbox")).to_have_value("77")
    await expect(page.locator("#desk-answer")).to_contain_text("Dites d’abord qui vous êtes")
    await expect(page.get_by_label("Vous êtes")).to_have_value("maud")
    await expect(page.get_by_label("Chiffres sous le code-barres")).to_have_value("123")
    await expect(page.get_by_label("Pourquoi")).to_have_value("fault")
    await expect(page.locator("#take-back").get_by_role("alert")).to_contain_text("Ce ne sont pas les chiffres")
    await expect(page.get_by_role("button", name="Français")).to_be_focused()


async def test_who_types_goes_on_typing_when_what_it_is_about_changes(tab: Watched, gateway: StandIn) -> None:
    page = tab.page
    await page.context.add_cookies([{"name": COOKIE, "value": "t", "url": gateway.origin}])
    await page.goto(f"{gateway.origin}/live")
    code = rows(page, "orders").first.get_by_role("textbox")
    await code.press_sequentially("731")
    await page.keyboard.press("Home")
    assert gateway.desk is not None
    gateway.desk["orders"][0]["lines"][0]["quantity"] = 5
    gateway.say("snapshot", SNAPSHOT)
    await expect(rows(page, "orders").first).to_contain_text("5 × Trainers")
    await expect(code).to_be_focused()
    await page.keyboard.type("7")
    await expect(code).to_have_value("7731")
