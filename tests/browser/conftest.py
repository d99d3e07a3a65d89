"""One browser for all of this folder's tests, a page and a stand-in of the gateway for each."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.chromium import Watched, launched, watched
from tests.browser.stand_in import StandIn


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="package")
async def gateway() -> AsyncIterator[StandIn]:
    async with StandIn.served() as stand_in:
        yield stand_in


@pytest_asyncio.fixture(loop_scope="package")
async def tab(browser: Browser, gateway: StandIn) -> AsyncIterator[Watched]:
    """A page; at the end, whatever the test did, nothing was asked of others and no rule was broken."""
    async with watched(browser) as opened:
        yield opened
        assert {url for url in opened.urls if not url.startswith(f"{gateway.origin}/")} == set()
        assert await opened.refused_by_policy() == []
        assert opened.complaints == []
