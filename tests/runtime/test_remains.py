"""A large value is given back in slices, once nobody holds it."""

import asyncio
import weakref

from gateway.core.offers.index import CampaignIndex
from gateway.documents.campaigns import parts_of
from gateway.model.documents import Campaigns
from gateway.runtime.remains import Remains
from tests.core.offers import CONTENT, WELCOME


class Page:
    """Something that can be seen to go."""


class Book:
    def __init__(self, pages: int) -> None:
        self.pages: list[object] = [Page() for _ in range(pages)]


async def test_it_is_alone_when_nobody_else_holds_it_and_then_gives_all_back() -> None:
    book = Book(1_000)
    last = weakref.ref(book.pages[0])
    remains = Remains(book, list(book.pages))
    assert not remains.alone
    del book
    assert remains.alone
    assert last() is not None, "its parts are held"
    await remains.let_go()
    assert last() is None


async def test_the_loop_has_its_turn_meanwhile() -> None:
    remains = Remains(Book(1), [Page() for _ in range(200_000)])
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await remains.let_go()
    counting.cancel()
    assert turns > 1
    assert remains.parts == []


def test_the_parts_of_campaigns_are_all_that_there_are_many_of() -> None:
    campaigns = Campaigns(1, (WELCOME,), CONTENT, index=CampaignIndex.of((WELCOME,)))
    assert parts_of(campaigns) == [[0], *CONTENT.values(), WELCOME]
    assert parts_of(Campaigns(1, (WELCOME,), CONTENT)) == [*CONTENT.values(), WELCOME]
