"""How the pages look: nothing overflows, text can be read, in both languages, light and dark, phone and laptop."""

from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, Page

from tests.browser.chromium import LAPTOP, watched
from tests.browser.stand_in import COOKIE, StandIn

pytestmark = pytest.mark.asyncio(loop_scope="package")

FAINT_TEXT = (Path(__file__).parent / "faint_text.js").read_text()
LEAST_CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3 (AA)."""
SMALL_PHONE: Final = {"width": 320, "height": 640}
"""As narrow as a page may be asked to be (success criterion 1.4.10), or a laptop at 400 %."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("screen", "locale"), [(SMALL_PHONE, "fr-FR"), (LAPTOP, "en-GB")], ids=["phone", "laptop"])
async def test_everything_fits_and_can_be_read(
    browser: Browser, gateway: StandIn, screen: dict[str, int], locale: str, scheme: str
) -> None:
    gateway.snapshot["simulator"] = gateway.origin
    async with watched(browser, viewport=screen, locale=locale, color_scheme=scheme, reduced_motion="reduce") as tab:
        page = tab.page
        await page.goto(gateway.origin)
        await page.wait_for_selector("#languages button")
        await fits_and_reads(page)
        await page.context.add_cookies([{"name": COOKIE, "value": "t", "url": gateway.origin}])
        await page.goto(f"{gateway.origin}/live")
        await page.wait_for_selector("body[data-ready]")
        await fits_and_reads(page)
        assert tab.complaints == []


async def fits_and_reads(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await page.evaluate(FAINT_TEXT, LEAST_CONTRAST) == []
