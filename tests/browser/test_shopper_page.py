"""The page behind a marker's code, on a real gateway: what it stands for, and "I am here" as nobody."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from gateway.model.documents import Campaigns, Products, Trigger
from gateway.model.inputs import DocumentReady
from simulators.member_card import MemberCard
from tests.browser.chromium import PHONE, Watched, watched
from tests.web.shop import CAMPAIGNS, GTIN, Shop, open_shop, served
from tests.web.test_visitors import ISSUER, ISSUERS, told

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest_asyncio.fixture(loop_scope="package")
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path, inputs=[ISSUERS]) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="package")
async def origin(shop: Shop) -> AsyncIterator[str]:
    async with served(shop.site) as port:
        yield f"http://127.0.0.1:{port}"


@pytest_asyncio.fixture(loop_scope="package")
async def phone(browser: Browser, origin: str) -> AsyncIterator[Watched]:
    """A shopper's phone; whatever the test did, it asked nobody else and kept no cookie."""
    async with watched(browser, viewport=PHONE, locale="fr-FR") as opened:
        yield opened
        assert {url for url in opened.urls if not url.startswith(f"{origin}/")} == set()
        assert await opened.refused_by_policy() == []
        assert await opened.page.context.cookies() == []
        assert opened.complaints == []


async def test_a_shopper_says_i_am_here_once_in_their_language(phone: Watched, shop: Shop, origin: str) -> None:
    page = phone.page
    await page.goto(f"{origin}/m/A7")
    await expect(page.get_by_role("heading", name="Trainers")).to_be_visible()
    await page.get_by_role("button", name="Je suis là").click()
    await expect(page.get_by_role("status")).to_contain_text("Bonne visite")
    await expect(page.get_by_role("button", name="Je suis là")).to_be_hidden()
    await page.reload()
    await expect(page.get_by_role("status")).to_contain_text("Bonne visite")
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("status")).to_contain_text("Enjoy your visit")
    assert [event.subject for event in told(shop)] == [None]


async def test_the_page_goes_on_when_the_wi_fi_is_back(phone: Watched, shop: Shop, origin: str) -> None:
    page = phone.page
    await page.goto(f"{origin}/m/A7")
    await expect(page.get_by_role("heading", name="Trainers")).to_be_visible()
    await page.context.set_offline(True)
    await page.get_by_role("button", name="Je suis là").click()
    await expect(page.get_by_role("alert")).to_contain_text("Wi-Fi")
    await page.context.set_offline(False)
    await page.get_by_role("button", name="Je suis là").click()
    await expect(page.get_by_role("status")).to_contain_text("Bonne visite")
    await expect(page.get_by_role("alert")).to_be_hidden()
    assert len(told(shop)) == 1
    phone.complaints[:] = [each for each in phone.complaints if "ERR_INTERNET_DISCONNECTED" not in each]


async def test_the_app_hands_its_code_over_in_the_fragment(phone: Watched, shop: Shop, origin: str) -> None:
    page, now_utc_s = phone.page, shop.inbox.now().utc_s
    code = MemberCard.issue("ada", "proximity:acme/0042", "loyalty", ISSUER, now_utc_s).text(now_utc_s)
    await page.goto(f"{origin}/m/A7")
    await page.evaluate("code => { location.hash = new URLSearchParams({ code }).toString(); }", code)
    await page.reload()
    assert page.url == f"{origin}/m/A7"
    await page.get_by_role("button", name="Je suis là").click()
    await expect(page.get_by_role("status")).to_contain_text("Bonne visite")
    assert [(event.subject, event.data["assurance"]) for event in told(shop)] == [("m.ada", "proven")]
    assert [url for url in phone.urls if "PX1" in url.split("#")[0]] == []


async def test_a_code_of_another_shop_says_so(phone: Watched, origin: str) -> None:
    page = phone.page
    await page.goto(f"{origin}/m/ZZZ")
    await expect(page.get_by_role("alert")).to_contain_text("pas de ce magasin")
    await expect(page.get_by_role("heading", name="Bienvenue")).to_be_visible()
    phone.complaints[:] = [each for each in phone.complaints if "404" not in each]


async def test_a_product_is_shown_with_its_price(phone: Watched, shop: Shop, origin: str) -> None:
    priced = {"gtin": GTIN, "names": {"fr": "Baskets"}, "price": 79.9, "currency": "EUR"}
    await shop.inbox.put(DocumentReady("products", 2, "sha256:p", Products(2, {GTIN: priced})))
    await shop.settle()
    await phone.page.goto(f"{origin}/m/A7")
    await expect(phone.page.get_by_role("heading", name="Baskets")).to_be_visible()
    await expect(phone.page.locator("#price")).to_contain_text("79,90")


async def test_what_a_campaign_says_to_everybody_is_read_by_a_stranger(phone: Watched, shop: Shop, origin: str) -> None:
    content = {"shoes": {"en-GB": {"title": "Seen on the poster", "body": "Try it on."}, "fr": {"title": "Essayez-la"}}}
    poster = replace(CAMPAIGNS.campaigns[1], trigger=Trigger("code_scanned", marker="A7"), channels=("app", "display"))
    await shop.inbox.put(DocumentReady("campaigns", 2, "sha256:c", Campaigns(2, (poster,), content)))
    await shop.settle()
    page = phone.page
    await page.goto(f"{origin}/m/A7")
    await expect(page.get_by_role("heading", name="Trainers")).to_be_visible()
    await expect(page.locator("#title")).to_have_text("Essayez-la")
    await expect(page.locator("#body")).to_be_hidden()
    await page.get_by_role("button", name="English").click()
    await expect(page.locator("#title")).to_have_text("Seen on the poster")
    await expect(page.locator("#body")).to_have_text("Try it on.")
    assert told(shop) == []


async def test_an_address_that_is_badly_written_says_so(phone: Watched, origin: str) -> None:
    await phone.page.goto(f"{origin}/m/%E0%A4%A")
    await expect(phone.page.get_by_role("alert")).to_contain_text("pas de ce magasin")
    await expect(phone.page.get_by_role("button", name="Je suis là")).to_be_hidden()
    phone.complaints[:] = [each for each in phone.complaints if "404" not in each]


async def test_a_token_that_is_too_old_is_replaced_by_a_new_one(phone: Watched, shop: Shop, origin: str) -> None:
    page = phone.page
    await page.goto(f"{origin}/m/A7")
    await page.evaluate("sessionStorage.setItem('visitor', 'worn-out')")
    await page.get_by_role("button", name="Je suis là").click()
    await expect(page.get_by_role("status").first).to_contain_text("Bonne visite")
    assert len(told(shop)) == 1
    phone.complaints[:] = [each for each in phone.complaints if "401" not in each]


@pytest.mark.parametrize(
    ("status", "french", "english"),
    [
        (401, "ouverte trop longtemps", "open for too long"),
        (403, "n’a pas été accepté", "was not taken"),
        (429, "dans une minute", "Try again in a minute"),
        (500, "dites-le à un vendeur", "tell a seller"),
        (503, "dans une minute", "cannot take this just now"),
    ],
)
async def test_every_refusal_says_what_to_do_in_both_languages(
    phone: Watched, origin: str, status: int, french: str, english: str
) -> None:
    page = phone.page
    await page.route("**/v1/checkins", lambda route: route.fulfill(status=status, json={}))
    await page.goto(f"{origin}/m/A7")
    await page.get_by_role("button", name="Je suis là").click()
    await expect(page.get_by_role("alert")).to_contain_text(french)
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("alert")).to_contain_text(english)
    await page.unroute("**/v1/checkins")
    await page.get_by_role("button", name="I am here").click()
    await expect(page.get_by_role("status").first).to_contain_text("Enjoy your visit")
    phone.complaints[:] = [each for each in phone.complaints if str(status) not in each]


async def test_a_shop_that_was_silent_at_first_is_asked_again(phone: Watched, origin: str) -> None:
    page = phone.page
    await page.route("**/v1/markers/*", lambda route: route.abort())
    await page.goto(f"{origin}/m/A7")
    await expect(page.get_by_role("alert")).to_contain_text("Wi-Fi")
    await page.unroute("**/v1/markers/*")
    await page.get_by_role("button", name="Je suis là").click()
    await expect(page.get_by_role("heading", name="Trainers")).to_be_visible()
    await expect(page.get_by_role("alert")).to_be_hidden()
    phone.complaints[:] = [each for each in phone.complaints if "ERR_FAILED" not in each]


async def test_a_page_without_its_words_is_not_blank(phone: Watched, origin: str) -> None:
    page = phone.page
    await page.route("**/pages/words/**", lambda route: route.abort())
    await page.goto(f"{origin}/m/A7")
    await expect(page.get_by_role("alert")).to_contain_text("Le magasin ne répond pas")
    await expect(page.get_by_role("heading")).to_be_hidden()
    phone.complaints.clear()
