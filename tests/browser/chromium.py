"""Debian's Chromium, headless, and what a page did in it."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright

FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""`--no-sandbox`, as the tests may run as root; the others keep Chromium from asking its maker's servers."""

PHONE: Final = {"width": 390, "height": 844}
LAPTOP: Final = {"width": 1280, "height": 800}

_WATCH_POLICY: Final = """
    window.refusedByPolicy = [];
    document.addEventListener("securitypolicyviolation", (event) => {
        window.refusedByPolicy.push(`${event.violatedDirective} ${event.blockedURI}`);
    });
"""


@asynccontextmanager
async def launched(*flags: str) -> AsyncIterator[Browser]:
    """The browser that `apt-get install chromium` gives, with further flags."""
    path = shutil.which("chromium")
    assert path is not None, "no chromium on the PATH: scripts/setup.sh installs it"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            await browser.close()


class Watched:
    """A page, what it asked of the network, what it complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.urls: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._asked)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def refused_by_policy(self) -> list[str]:
        """Violations of the Content-Security-Policy of the document shown now."""
        return list(await self.page.evaluate("window.refusedByPolicy"))

    def _asked(self, request: Request) -> None:
        self.urls.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


@asynccontextmanager
async def watched(browser: Browser, **options: Any) -> AsyncIterator[Watched]:
    """A page in a context of its own (`options` are the context's)."""
    context = await browser.new_context(**{"viewport": LAPTOP, "locale": "en-GB"} | options)
    try:
        await context.add_init_script(_WATCH_POLICY)
        yield Watched(await context.new_page())
    finally:
        await context.close()
