"""The demo's story: its documents are taken, its feeds name who is there, and its errands go the way they should."""

import time

from gateway.documents.campaigns import compile_campaigns
from gateway.documents.feed import read_rows
from gateway.documents.products import compile_products
from gateway.model.feeds import FEED_NAMES
from simulators.box.crowd import Crowd
from simulators.box.store import read_store
from simulators.campaigns import SAMPLE_CONTENT, campaigns_document, sample_campaigns
from simulators.stage import SHOPS
from simulators.stories import STORY_CONTENT, feeds, products_document, story_campaigns


def test_the_documents_of_the_story_compile() -> None:
    content = {**SAMPLE_CONTENT, **STORY_CONTENT}
    compiled = compile_campaigns(campaigns_document([*sample_campaigns(), *story_campaigns()], 1, content))
    assert len(compiled.campaigns) == len(sample_campaigns()) + len(story_campaigns())
    assert len(compile_products(products_document(1)).products) == 3


def test_the_feeds_of_the_story_are_of_who_is_in_the_shop() -> None:
    crowd = Crowd(read_store(SHOPS / "boutique.toml"), seed=1)
    fed = feeds(crowd.members, "0042", time.time())
    assert set(fed) == set(FEED_NAMES)
    rows = [row for name, each in fed.items() for row in read_rows(name, each)]
    assert len(rows) == 7
