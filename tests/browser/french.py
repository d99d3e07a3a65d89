"""What of a page that speaks French is English all the same: nothing may be."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from playwright.async_api import Page

from tests.page_words import catalogue

_TEXTS = """() => {
    const [texts, own] = [[], "q, .zone-name, .desk-place, .bubble.offer, :is(.offer, .moment) > * > .detail"];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const within = walk.currentNode.parentElement;
        if (within.checkVisibility() && within.closest(own) === null) {
            texts.push(walk.currentNode.textContent.replace(/\\s+/g, " ").trim());
        }
    }
    const labels = [...document.querySelectorAll("[aria-label]:not([lang]), [title]:not([lang])")];
    return [...texts, ...labels.flatMap((each) => [each.ariaLabel, each.title])].filter(Boolean);
}"""
"""Everything that is shown or read out, but for the shop's own words, what others said (`q`) and names of languages."""


async def english_on(page: Page) -> list[str]:
    """Texts that are a sentence of the English catalogue, or have a piece of one of two words or more."""
    english, french = (set(_texts(catalogue(language))) for language in ("en", "fr"))
    pieces = {piece for each in english for piece in _pieces(each)} - {
        piece for each in french for piece in _pieces(each)
    }
    zones = set(await page.locator(".zone-name").all_inner_texts())
    texts = [re.sub("«[^»]*»", "«»", text) for text in await page.evaluate(_TEXTS)]
    unworded = await page.locator(".hint[lang]").all_inner_texts()
    found = [text for text in texts if text in english - french - zones or any(piece in text for piece in pieces)]
    return [*unworded, *found]


def _texts(words: Mapping[str, Any]) -> Iterator[str]:
    for value in words.values():
        if isinstance(value, str):
            yield value
        else:
            yield from _texts(value)


def _pieces(sentence: str) -> Iterator[str]:
    """What stands between the names of a sentence, where that is two words at least."""
    for piece in re.split(r"\{\w+\}", sentence):
        if len(piece) >= 8 and " " in piece.strip():
            yield piece.strip()
