"""A shopper holds a phone to a poster: filmed where the browser allows it, else photographed; a real child looks."""

from collections.abc import AsyncIterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from simulators.posters import View, poster, view
from tests.browser.chromium import PHONE, Watched, launched, watched
from tests.web.shop import Shop, open_shop, served
from tests.web.test_pictures import recognised, told

pytestmark = pytest.mark.asyncio(loop_scope="package")
PATIENCE_MS = 60_000
CLEARLY = View(0.3, 0.3, 0.3)


@pytest_asyncio.fixture(loop_scope="package")
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    cv2.imwrite(str(tmp_path / "A7.png"), poster(1))
    async with open_shop(tmp_path) as opened, recognised(opened, tmp_path):
        yield opened


@pytest_asyncio.fixture(loop_scope="package")
async def origin(shop: Shop) -> AsyncIterator[str]:
    async with served(shop.site) as port:
        yield f"http://localhost:{port}"


@pytest_asyncio.fixture(loop_scope="package")
async def phone(browser: Browser, origin: str) -> AsyncIterator[Watched]:
    """A phone whose browser has no camera to film with; it asks nobody else, and keeps no cookie."""
    async with watched(browser, viewport=PHONE, locale="fr-FR") as opened:
        yield opened
        await seemly(opened, origin)


async def seemly(opened: Watched, origin: str) -> None:
    assert {url for url in opened.urls if not url.startswith(f"{origin}/")} == set()
    assert await opened.refused_by_policy() == []
    assert await opened.page.context.cookies() == []
    assert opened.complaints == []


def photograph(folder: Path, number: int | None) -> Path:
    """What a phone's own camera takes: large, in colour."""
    seen = view(None if number is None else poster(number), 4, CLEARLY)
    path = folder / f"IMG_{number}.jpg"
    large = cv2.resize(seen, (4032, 2268), interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(path), cv2.cvtColor(large, cv2.COLOR_GRAY2BGR))
    return path


async def take(page: Page, path: Path, words: str) -> None:
    async with page.expect_file_chooser() as chosen:
        await page.get_by_role("button", name=words).click()
    await (await chosen.value).set_files(path)


async def test_a_photograph_of_a_poster_says_what_it_is(
    phone: Watched, shop: Shop, origin: str, tmp_path: Path
) -> None:
    page, status = phone.page, phone.page.locator("#finder [role=status]")
    await page.goto(f"{origin}/m/S1")
    await take(page, photograph(tmp_path, None), "Regarder avec l’appareil photo")
    await expect(status).to_contain_text("ne connaît pas cette image", timeout=PATIENCE_MS)
    await take(page, photograph(tmp_path, 1), "Regarder avec l’appareil photo")
    await expect(page.get_by_role("heading", name="Trainers")).to_be_visible(timeout=PATIENCE_MS)
    await expect(status).to_contain_text("Le voici")
    await page.get_by_role("button", name="English").click()
    await expect(status).to_contain_text("Here it is")
    assert [(event.subject, event.data["marker"]) for event in told(shop)] == [(None, "A7")]
    phone.complaints[:] = [each for each in phone.complaints if "404" not in each]


async def test_what_is_no_picture_is_said_kindly(phone: Watched, origin: str, tmp_path: Path) -> None:
    text = tmp_path / "shopping.jpg"
    text.write_text("milk, bread")
    await phone.page.goto(f"{origin}/m/A7")
    await take(phone.page, text, "Regarder avec l’appareil photo")
    status = phone.page.locator("#finder [role=status]")
    await expect(status).to_contain_text("pas une image", timeout=PATIENCE_MS)


async def test_where_no_pictures_are_known_nothing_is_offered(browser: Browser, tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop, served(shop.site) as port, watched(browser, locale="fr-FR") as opened:
        await opened.page.goto(f"http://localhost:{port}/m/A7")
        await expect(opened.page.get_by_role("heading", name="Trainers")).to_be_visible()
        await expect(opened.page.locator("#finder")).to_be_hidden()


def film(path: Path) -> Path:
    """A film as Chromium's fake camera plays it: a room, then somebody holds a poster into it."""
    frames = [view(None, 4), *[view(poster(1), 4, CLEARLY)] * 9]
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W1280 H720 F5:1 Ip A1:1 C420\n")
        for each in frames:
            file.write(b"FRAME\n" + each.tobytes() + np.full(1280 * 720 // 2, 128, np.uint8).tobytes())
    return path


async def test_a_film_of_a_poster_ends_when_it_is_found(shop: Shop, origin: str, tmp_path: Path) -> None:
    fake = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    playing = f"--use-file-for-fake-video-capture={film(tmp_path / 'film.y4m')}"
    async with launched(*fake, playing) as browser, watched(browser, viewport=PHONE) as opened:
        page = opened.page
        await page.goto(f"{origin}/m/A7")
        await page.get_by_role("button", name="Look with the camera").click()
        await expect(page.locator("#finder [role=status]")).to_contain_text("Here it is", timeout=PATIENCE_MS)
        await expect(page.get_by_role("heading", name="Trainers")).to_be_visible()
        await expect(page.locator("#finder video")).to_be_hidden()
        assert await page.evaluate("document.querySelector('#finder video').srcObject") is None
        assert [event.data["marker"] for event in told(shop)] == ["A7"]
        await seemly(opened, origin)


async def test_a_film_is_stopped_by_hand(origin: str, tmp_path: Path) -> None:
    fake = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    async with launched(*fake) as browser, watched(browser, viewport=PHONE) as opened:
        page = opened.page
        await page.goto(f"{origin}/m/A7")
        await page.get_by_role("button", name="Look with the camera").click()
        await expect(page.locator("#finder video")).to_be_visible()
        await page.get_by_role("button", name="Stop").click()
        await expect(page.locator("#finder video")).to_be_hidden()
        await expect(page.get_by_role("button", name="Look with the camera")).to_be_visible()
        await seemly(opened, origin)


REMEMBER_TRACKS = """
    window.tracks = [];
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await open(wanted);
      window.tracks.push(...stream.getTracks());
      return stream;
    };
"""


async def test_pressed_twice_no_camera_stays_on(origin: str) -> None:
    fake = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    async with launched(*fake) as browser, watched(browser, viewport=PHONE) as opened:
        page = opened.page
        await page.add_init_script(REMEMBER_TRACKS)
        await page.goto(f"{origin}/m/A7")
        button = page.locator("#finder button")
        await expect(button).to_be_visible()
        await button.evaluate("button => { button.click(); button.click(); }")
        await page.get_by_role("button", name="Stop").click()
        await expect(page.locator("#finder video")).to_be_hidden()
        assert await page.evaluate("window.tracks.map((each) => each.readyState)") == ["ended"]
        await seemly(opened, origin)
