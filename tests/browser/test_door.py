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


@pytest.mark.parametrize("status", [500, 503])
async def test_a_gateway_that_cannot_says_nothing_of_the_code(tab: Watched, gateway: StandIn, status: int) -> None:
    page = tab.page
    await page.route("**/v1/sessions", lambda route: route.fulfill(status=status, json={}))
    await page.goto(f"{gateway.origin}/#code={CODE}")
    await page.get_by_role("button", name="Enter").click()
    await expect(page.get_by_role("alert")).to_contain_text("cannot do this just now")
    tab.complaints[:] = [each for each in tab.complaints if str(status) not in each]


async def test_a_session_for_something_else_is_told_so(tab: Watched, gateway: StandIn) -> None:
    page = tab.page
    await page.context.add_cookies([{"name": COOKIE, "value": "t", "url": gateway.origin}])
    await page.route("**/v1/live", lambda route: route.fulfill(status=403, json={}))
    await page.goto(f"{gateway.origin}/live")
    await expect(page.get_by_role("alert")).to_contain_text("Ask for one with the scope staff or display.")
    await page.get_by_role("button", name="Français").click()
    await expect(page.get_by_role("alert")).to_contain_text("de portée staff ou display")
    tab.complaints[:] = [each for each in tab.complaints if "403" not in each]


async def test_leaving_while_the_gateway_is_lost_stays_here(tab: Watched, gateway: StandIn) -> None:
    page = tab.page
    await page.context.add_cookies([{"name": COOKIE, "value": "t", "url": gateway.origin}])
    await page.goto(f"{gateway.origin}/live")
    await page.wait_for_selector("body[data-ready]")
    await page.route("**/v1/sessions", lambda route: route.abort())
    async with page.expect_event("requestfailed"):
        await page.get_by_role("button", name="Leave").click()
    await expect(page.locator("#desk")).to_be_visible()
    assert page.url == f"{gateway.origin}/live"
    tab.complaints[:] = [each for each in tab.complaints if "ERR_FAILED" not in each]
