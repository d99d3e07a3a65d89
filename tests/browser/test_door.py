"""The door: a one-time code in, the live page behind it."""

import pytest
from playwright.async_api import expect

from tests.browser.chromium import Watched
from tests.browser.stand_in import CODE, COOKIE, StandIn

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_code_in_the_fragment_opens_the_shop(tab: Watched, gateway: StandIn) -> None:
    page = tab.page
    await page.goto(f"{gateway.origin}/#code={CODE}")
    await expect(page.get_by_label("One-time code")).to_have_value(CODE)
    assert page.url == f"{gateway.origin}/"
    await page.keyboard.press("Enter")
    await page.wait_for_selector("body[data-ready]")
    assert page.url == f"{gateway.origin}/live"
    assert gateway.codes == [CODE]
    assert [url for url in tab.urls if CODE in url] == []
    assert {cookie["name"]: cookie["httpOnly"] for cookie in await page.context.cookies()} == {COOKIE: True}


async def test_a_wrong_code_is_refused_in_the_reader_s_language(tab: Watched, gateway: StandIn) -> None:
    page = tab.page
    await page.goto(gateway.origin)
    await page.get_by_label("One-time code").fill("AAAA-BBBB")
    await page.get_by_role("button", name="Enter").click()
    await expect(page.get_by_role("alert")).to_have_text("This code is unknown, used or too old. Ask for a new one.")
    await page.get_by_role("button", name="Français").click()
    await expect(page.get_by_role("alert")).to_contain_text("Demandez-en un nouveau")
    await expect(page.locator("html")).to_have_attribute("lang", "fr")
    tab.complaints.remove("Failed to load resource: the server responded with a status of 401 (Unauthorized)")


async def test_without_a_session_the_live_page_leads_to_the_door(tab: Watched, gateway: StandIn) -> None:
    page = tab.page
    await page.goto(f"{gateway.origin}/live")
    await expect(page.get_by_role("alert")).to_have_text("Your session has ended. Enter with a new code.")
    tab.complaints.remove("Failed to load resource: the server responded with a status of 401 (Unauthorized)")


async def test_leaving_ends_the_session(tab: Watched, gateway: StandIn) -> None:
    page = tab.page
    await page.context.add_cookies([{"name": COOKIE, "value": "t", "url": gateway.origin}])
    await page.goto(f"{gateway.origin}/live")
    await page.get_by_role("button", name="Leave").click()
    await expect(page.get_by_label("One-time code")).to_be_visible()
    assert await page.context.cookies() == []
