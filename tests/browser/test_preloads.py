"""The shopper's page names every script at once: on a slow link each further step would be a round trip more."""

import re

from gateway.web.page_files import FOLDER


def imported(script: str) -> set[str]:
    """The scripts that one asks for, and those that they ask for."""
    own = set(re.findall(r'from "/pages/scripts/(\w+\.js)"', (FOLDER / "scripts" / script).read_text()))
    return own.union(*map(imported, own))


def test_what_the_shoppers_page_needs_is_asked_for_at_once() -> None:
    page = (FOLDER / "shopper.html").read_text()
    assert set(re.findall(r'rel="modulepreload" href="/pages/scripts/(\w+\.js)"', page)) == imported("shopper.js")
