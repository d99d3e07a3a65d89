"""The page of the API: every route of the description, from this gateway alone, on a laptop and on a phone."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import LAPTOP, PHONE, watched
from tests.web.shop import open_shop, served

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest.mark.parametrize("viewport", [LAPTOP, PHONE], ids=["laptop", "phone"])
async def test_every_route_is_shown_with_its_fields(browser: Browser, tmp_path: Path, viewport: dict[str, int]) -> None:
    async with (
        open_shop(tmp_path) as shop,
        served(shop.site) as port,
        watched(browser, viewport=viewport) as tab,
    ):
        await tab.page.goto(f"http://127.0.0.1:{port}/api")
        await tab.page.wait_for_selector("article")
        described = shop.site.app.openapi()["paths"]
        assert await tab.page.locator("article").count() == sum(len(methods) for methods in described.values())
        assert "seen[].rssi_dbm" in await tab.page.inner_text("main")
        assert await tab.page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
        assert [url for url in tab.urls if not url.startswith(f"http://127.0.0.1:{port}/")] == []
        assert (await tab.refused_by_policy(), tab.complaints) == ([], [])
