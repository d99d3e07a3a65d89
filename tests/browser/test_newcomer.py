"""The first five minutes of a newcomer, on the real demo: enter, offer, cap, internet cut, back without a gap."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, Page, expect

from tests.architecture.tree import ROOT
from tests.browser.chromium import LAPTOP, PHONE, watched
from tests.browser.french import english_on

IMAGES: Final = ROOT / "docs" / "images"
KEEP: Final = "KEEP_SCREENSHOTS"
"""Set in the environment, the pictures of the documents are taken again."""
LARGEST_IMAGE: Final = 300_000
DEMO_S: Final = 600
"""So long that the story is told, and the demo ended, before it breaks anything by itself."""
PATIENCE_MS: Final = 150_000
"""How long anything of the story may take to come."""
FAULTS: Final = {
    "kill_adapter": "source:gw-1",
    "stop_camera": "source:cam-1",
    "unplug_scanner": "source:scan-1",
    "cut": "mqtt",
}
"""What the simulator breaks, and of which part health tells it."""
ADDRESS: Final = re.compile(rb"(http://[\d.:]+)/#code=([A-Z0-9-]+)")


@asynccontextmanager
async def demo() -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The demo as anybody starts it, and the address that it prints."""
    command = (sys.executable, "-m", "simulators", "demo", "--seconds", str(DEMO_S))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=pipe, stderr=pipe)
    assert process.stderr is not None
    said = b""
    try:
        async with asyncio.timeout(60):
            while (found := ADDRESS.search(said)) is None:
                piece = await process.stderr.read(4_096)
                assert piece, said.decode()
                said += piece
        draining = asyncio.create_task(process.stderr.read())
        yield process, found[0].decode()
        await draining
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def picture(page: Page, name: str, folder: Path) -> None:
    """What is to be seen when everybody has walked to where they are."""
    await page.wait_for_timeout(1_000)
    await page.screenshot(path=folder / f"{name}.png")


async def enter_and_offer(page: Page, address: str) -> None:
    await page.goto(address)
    await page.get_by_role("button", name="Enter").click()
    await page.wait_for_selector("body[data-ready]")
    await expect(page.locator(".person.member .face").first).to_be_visible(timeout=PATIENCE_MS)
    await expect(page.locator(".happening.offer").first).to_be_visible(timeout=PATIENCE_MS)
    await page.locator("#story-filters").get_by_role("button", name="Offers").click()
    await expect(page.locator(".bubble.offer").first).to_be_visible(timeout=PATIENCE_MS)


async def second_entry_withheld(page: Page) -> None:
    await page.locator("#story-filters").get_by_role("button", name="Withheld").click()
    refusal = page.locator(".happening", has_text="“Welcome”: it was offered as often as it may be.")
    await expect(refusal.first).to_be_visible(timeout=PATIENCE_MS)


async def cut_and_offers_go_on(page: Page) -> None:
    await page.locator("#story-filters").get_by_role("button", name="Offers").click()
    await page.get_by_label("Faults last").select_option("20")
    await page.get_by_role("button", name="Cut the internet").click()
    await expect(page.locator("#headline")).to_contain_text("the shop notices nothing", timeout=PATIENCE_MS)
    await page.get_by_role("button", name="Send a shopper in").click()
    await expect(page.locator("#headline")).to_contain_text(
        re.compile(r"[1-9]\d* offers? made all the same"), timeout=PATIENCE_MS
    )


async def back_without_a_gap(page: Page) -> None:
    await expect(page.locator("#headline")).to_contain_text("It has received all of it: gaps 0.", timeout=PATIENCE_MS)
    await expect(page.locator("#outbox-verdict")).to_contain_text("Gaps: 0.")
    await expect(page.locator("[data-status='health']")).to_have_text("All is well", timeout=PATIENCE_MS)


async def on_a_phone(browser: Browser, page: Page, folder: Path) -> None:
    """The same session at night, in French."""
    session = await page.context.storage_state()
    looks = {"viewport": PHONE, "device_scale_factor": 2, "color_scheme": "dark", "locale": "fr-FR"}
    async with watched(browser, storage_state=session, **looks) as tab:
        await tab.page.goto(page.url)
        await expect(tab.page.locator(".person.member .face").first).to_be_visible(timeout=PATIENCE_MS)
        await picture(tab.page, "phone", folder)


async def faults_in_french(browser: Browser, page: Page) -> None:
    """Whatever breaks is told in French alone, on every page."""
    session = await page.context.storage_state()
    origin = page.url.removesuffix("/live")
    async with watched(browser, storage_state=session, viewport=LAPTOP, locale="fr-FR") as tab:
        await tab.page.goto(page.url)
        await tab.page.wait_for_selector("body[data-ready]")
        await tab.page.get_by_label("Durée des pannes").select_option("10")
        for deed, part in FAULTS.items():
            await tab.page.locator(f"[data-deed={deed}]").click()
            await expect(tab.page.locator(f"#conditions [data-part='{part}']")).to_be_visible(timeout=PATIENCE_MS)
            assert await english_on(tab.page) == []
        await tab.page.locator("#sound-conditions summary").click()
        assert await english_on(tab.page) == []
        await expect(tab.page.locator("[data-status='link']")).to_contain_text("Siège joignable", timeout=PATIENCE_MS)
        for address in ("", "/m/A7", "/m/nowhere"):
            await tab.page.goto(origin + address)
            await expect(tab.page.get_by_role("button", name="Français")).to_be_visible()
            assert await english_on(tab.page) == []


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="package")
async def test_within_five_minutes_a_newcomer_understands(browser: Browser, tmp_path: Path) -> None:
    folder = IMAGES if KEEP in os.environ else tmp_path
    async with demo() as (process, address), watched(browser, viewport=LAPTOP) as tab:
        page = tab.page
        await enter_and_offer(page, address)
        await picture(page, "offer", folder)
        await second_entry_withheld(page)
        await picture(page, "cap", folder)
        await cut_and_offers_go_on(page)
        await picture(page, "cut", folder)
        await back_without_a_gap(page)
        await picture(page, "back", folder)
        await on_a_phone(browser, page, folder)
        await faults_in_french(browser, page)
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        figures = json.loads((await process.stdout.read()).splitlines()[-1])
    assert figures["gaps"] == 0
    assert figures["recovered"] >= 1


@pytest.mark.parametrize("name", ["offer", "cap", "cut", "back", "phone"])
def test_the_pictures_of_the_documents_are_there_and_light(name: str) -> None:
    assert 20_000 < (IMAGES / f"{name}.png").stat().st_size < LARGEST_IMAGE
