"""Batches of feeds at the edge: verified, handed on, answered; refused with a reason and without a person's facts."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from gateway.documents.feed import MAX_BATCH_BYTES, MAX_ROWS
from gateway.model.feeds import (
    BatchRefused,
    Brief,
    FeedBatch,
    FeedName,
    FeedPlace,
    FeedTaken,
    Gone,
    Order,
    OrderLine,
    Stock,
)
from gateway.model.health import Condition
from gateway.model.store import StoreRef
from gateway.mqtt.message import ACCEPTED, Published
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.inbox import TooManyAsks
from gateway.uplink.feeds import MOST_WAITING, Feeds
from gateway.uplink.topics import FeedTopic, Topics
from simulators.signer import Signer
from tests.uplink.desk import SIGNER, STORE, TRUST

STOCK = {"gtin": "9506000134352", "store": "0042", "quantity": 3, "at": "2026-11-21T10:00:00Z"}
ORDER = {"order": "o-1", "handle": "q3lzt7", "state": "arrived", "lines": [{"gtin": "9506000134352", "quantity": 1}]}
BRIEF = {
    "handle": "q3lzt7",
    "wish_list": ["9506000134352"],
    "sizes": {"shoes": "42"},
    "last_categories": ["running"],
    "contacts_24h": 1,
}


@dataclass
class Counter:
    """Feeds at work between a broker that takes everything and an engine that gives `gives`."""

    gives: object = FeedTaken(1)
    taken: list[FeedBatch] = field(default_factory=list)
    answers: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)

    def __post_init__(self) -> None:
        place = FeedPlace("stock", 7, "sha256:0")
        self.feeds = Feeds(self, STORE, TRUST, self._ask, [place], report=self.conditions.append, utc_s=lambda: 0.0)

    async def connected(self) -> asyncio.Future[Exception]:
        return asyncio.get_running_loop().create_future()

    async def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, content_type: str | None = None
    ) -> Published:
        assert retain
        self.answers.append((topic, json.loads(payload)))
        return ACCEPTED

    async def judge(self, payload: bytes, feed: FeedName = "stock") -> dict[str, object]:
        running = asyncio.create_task(self.feeds.run())
        self.feeds.receive(FeedTopic(feed), payload)
        async with asyncio.timeout(60):
            while not self.answers:
                await asyncio.sleep(0.001)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        topic, answer = self.answers.pop()
        assert topic == f"proximity/v1/acme/0042/gw-1/feeds/{feed}/status"
        return answer

    async def _ask(self, batch: FeedBatch) -> object:
        if isinstance(self.gives, Exception):
            raise self.gives
        self.taken.append(batch)
        return self.gives


def signed(*rows: Mapping[str, object], feed: str = "stock", base: int | None = None, serial: int = 8) -> bytes:
    return SIGNER.batch(STORE, feed, serial, rows, base)


async def test_the_answer_to_a_batch() -> None:
    counter = Counter()
    assert await counter.judge(signed(STOCK, base=7)) == {
        "feed": "stock",
        "serial": 8,
        "status": "accepted",
        "in_use": 8,
        "rows": 1,
        "left_out": 0,
        "reason": None,
        "problem": None,
        "at": "1970-01-01T00:00:00.000Z",
    }
    (batch,) = counter.taken
    assert (batch.rows, batch.base_serial) == ((Stock("09506000134352", "0042", 3, 1795255200.0),), 7)


async def test_orders_and_briefs_are_read() -> None:
    counter = Counter()
    await counter.judge(signed(ORDER, {"order": "o-2", "removed": True}, feed="orders"), "orders")
    await counter.judge(signed(BRIEF, {"handle": "w8mmxa", "removed": True}, feed="briefs"), "briefs")
    orders, briefs = counter.taken
    assert orders.rows == (Order("o-1", "q3lzt7", "arrived", (OrderLine("09506000134352", 1),)), Gone(("o-2",)))
    assert briefs.rows == (Brief("q3lzt7", ("09506000134352",), {"shoes": "42"}, ("running",), 1), Gone(("w8mmxa",)))


def altered(**facts: object) -> bytes:
    return json.dumps(json.loads(signed(STOCK)) | facts).encode()


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"no batch", "malformed"),
        (b"[" * 50_000, "malformed"),
        (b"x" * (MAX_BATCH_BYTES + 1), "too_large"),
        (altered(serial=9), "bad_signature"),
        (altered(batch='{"rows":[]}'), "bad_signature"),
        (altered(batch="\ud800"), "malformed"),
        (altered(key="unknown"), "unknown_key"),
        (Signer().batch(STORE, "stock", 8, [STOCK]), "bad_signature"),
        (SIGNER.batch(StoreRef("acme", "1", "gw-1"), "stock", 8, [STOCK]), "bad_signature"),
        (signed(STOCK, feed="orders"), "bad_signature"),
        (signed(STOCK, base=8), "invalid"),
        (signed(*[STOCK] * (MAX_ROWS + 1)), "invalid"),
        (signed(STOCK | {"gtin": "9506000134353"}), "invalid"),
        (signed(STOCK | {"quantity": -1}), "invalid"),
        (signed(STOCK | {"at": "today"}), "invalid"),
        (signed(STOCK | {"colour": "red"}), "invalid"),
        (signed({"gtin": "9506000134352", "store": "0042", "removed": False}), "invalid"),
    ],
)
async def test_what_is_wrong_is_answered_and_goes_no_further(payload: bytes, reason: str) -> None:
    counter = Counter()
    answer = await counter.judge(payload)
    assert (answer["status"], answer["reason"], answer["in_use"]) == ("refused", reason, 7)
    assert counter.taken == []
    assert [(each.part, each.code, each.severity) for each in counter.conditions] == [
        ("feeds:stock", reason, "warning")
    ]


@pytest.mark.parametrize("wrong", [{"handle": "q3 lzt7"}, {"contacts_24h": "q3lzt7"}, {"wish_list": ["q3lzt7"]}])
async def test_no_refusal_says_whose_row_it_is(wrong: dict[str, object]) -> None:
    counter = Counter()
    answer = await counter.judge(signed(BRIEF | wrong, feed="briefs"), "briefs")
    assert answer["reason"] == "invalid"
    assert "rows[0]." in str(answer["problem"])
    assert "lzt7" not in str(answer) + str(counter.conditions)


@pytest.mark.parametrize(
    ("gives", "reason"),
    [
        (BatchRefused("gap", "Send all rows."), "gap"),
        (StorageUnavailable("the disk is full", "free room on it"), "not_kept"),
        (TooManyAsks(), "busy"),
    ],
)
async def test_what_the_shop_does_not_take_is_told(gives: object, reason: str) -> None:
    counter = Counter(gives)
    answer = await counter.judge(signed(STOCK))
    assert (answer["status"], answer["reason"], answer["in_use"]) == ("refused", reason, 7)
    counter.gives = FeedTaken(1)
    assert (await counter.judge(signed(STOCK)))["status"] == "accepted"
    assert [each.severity for each in counter.conditions] == ["warning", "ok"]


async def test_a_retained_batch_heard_again_is_no_trouble() -> None:
    counter = Counter(BatchRefused("older_serial", "8 was taken already."))
    assert (await counter.judge(signed(STOCK)))["reason"] == "older_serial"
    assert counter.conditions == []


async def test_what_comes_too_fast_is_dropped_and_shown() -> None:
    counter = Counter()
    counter.feeds.receive(FeedTopic("stock"), b"")
    for _ in range(MOST_WAITING + 1):
        counter.feeds.receive(FeedTopic("stock"), b"x")
    assert [each.code for each in counter.conditions] == ["flooded"]


def test_only_the_three_feeds_have_topics() -> None:
    topics = Topics(STORE)
    assert topics.parse(f"{topics.root}feeds/stock") == FeedTopic("stock")
    assert topics.parse(f"{topics.root}feeds/weather") is None
    assert topics.parse(f"{topics.root}feeds/stock/status") is None
