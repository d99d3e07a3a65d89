"""Announced documents: taken, kept and answered, or refused while the last good one stays."""

import asyncio
import base64
import json
import weakref
from pathlib import Path

import pytest

from gateway.documents.mapping import MAX_CHANGES
from gateway.documents.verify import TrustOptions
from gateway.model.documents import DOCUMENT_NAMES, Members
from gateway.model.event import STREAMS
from gateway.model.health import Condition
from gateway.model.inputs import DocumentReady
from gateway.model.store import StoreRef
from gateway.uplink.topics import AckTopic, DocumentTopic, Topics
from tests.uplink.desk import SIGNER, STORE, Desk, library, members

CAMPAIGNS = {"document": "campaigns", "serial": 55, "campaigns": [], "content": {}}


def told(serial: int) -> bytes:
    """A campaigns document that says something."""
    words = {"hello": {"en": {"title": "Hello"}}}
    variants = [{"id": "a", "weight": 1, "content": "hello"}]
    campaign = {"id": "welcome", "trigger": {"checked_in": {}}, "variants": variants}
    return json.dumps({**CAMPAIGNS, "serial": serial, "campaigns": [campaign], "content": words}).encode()


async def test_the_answer_to_an_accepted_document(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path))
    answer = await desk.send("campaigns", json.dumps(CAMPAIGNS).encode(), 55)
    digest = desk.taken[0].digest
    assert answer == {
        "name": "campaigns",
        "serial": 55,
        "digest": digest,
        "status": "accepted",
        "reason": None,
        "problem": None,
        "key": None,
        "hint": None,
        "at": "1970-01-01T00:00:00.000Z",
    }
    assert desk.documents.in_use["campaigns"].digest == digest


async def test_a_manifest_heard_again_is_answered_again_and_changes_nothing(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path))
    manifest = SIGNER.manifest(members(1, "a"), STORE, "members", 1)
    answers = [await desk.judge("members", manifest) for _ in range(2)]
    assert [answer["status"] for answer in answers] == ["accepted", "accepted"]
    assert len(desk.taken) == 1


def altered(**facts: object) -> bytes:
    manifest = json.loads(SIGNER.manifest(json.dumps(CAMPAIGNS).encode(), STORE, "campaigns", 55))
    return json.dumps({key: value for key, value in (manifest | facts).items() if value is not None}).encode()


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (b"no manifest", "bad_manifest"),
        (b"[" * 100_000, "bad_manifest"),
        (altered(serial=56), "bad_signature"),
        (altered(key="unknown"), "unknown_key"),
        (altered(inline=base64.b64encode(b"x").decode()), "wrong_size"),
        (altered(inline=None), "bad_manifest"),
        (altered(inline=None, url="http://hq.example/campaigns.json"), "bad_url"),
        (altered(inline=None, url="https://u:p@hq.example/campaigns.json"), "bad_url"),
        (altered(size=1 << 40), "too_large"),
        (SIGNER.manifest(b"{}", STORE, "campaigns", 55), "invalid"),
        (
            SIGNER.manifest(json.dumps(CAMPAIGNS).encode(), StoreRef("acme", "1", "gw-1"), "campaigns", 55),
            "bad_signature",
        ),
    ],
)
async def test_what_is_wrong_is_answered_and_the_good_one_stays(tmp_path: Path, manifest: bytes, reason: str) -> None:
    desk = Desk(library(tmp_path))
    await desk.send("campaigns", json.dumps(CAMPAIGNS | {"serial": 54}).encode(), 54)
    answer = await desk.judge("campaigns", manifest)
    assert (answer["status"], answer["reason"]) == ("refused", reason)
    assert answer["problem"]
    assert [ready.serial for ready in desk.taken] == [54]
    assert [condition.severity for condition in desk.conditions] == ["ok", "warning"]


async def test_a_serial_counts_for_one_content_only(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path))
    await desk.send("members", members(3, "a"), 3)
    assert (await desk.send("members", members(3, "b"), 3))["reason"] == "serial_reused"
    assert (await desk.send("members", members(2, "b"), 2))["reason"] == "older_serial"


async def test_a_document_that_cannot_be_kept_is_not_used(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path))
    desk.disk.full = True
    assert (await desk.send("members", members(1, "a"), 1))["reason"] == "not_kept"
    assert desk.taken == []
    desk.disk.full = False
    assert (await desk.send("members", members(1, "a"), 1))["status"] == "accepted"


async def test_changes_of_the_members_are_applied_to_those_in_use(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path))
    await desk.send("members", members(1, "a", "b"), 1)
    await desk.send("members", members(2, "c", base=1, removed=("a",)), 2)
    assert handles(desk.taken[-1]) == {"b", "c"}
    assert (await desk.send("members", members(4, "d", base=3), 4))["reason"] == "wrong_base"
    assert handles(desk.taken[-1]) == {"b", "c"}


async def test_a_change_without_members_is_refused(tmp_path: Path) -> None:
    assert (await Desk(library(tmp_path)).send("members", members(2, "a", base=1), 2))["reason"] == "wrong_base"


async def test_after_many_changes_the_members_have_to_come_whole(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path))
    await desk.send("members", members(1, "a"), 1)
    for serial in range(2, 2 + MAX_CHANGES):
        assert (await desk.send("members", members(serial, base=serial - 1), serial))["status"] == "accepted"
    serial = 2 + MAX_CHANGES
    assert (await desk.send("members", members(serial, base=serial - 1), serial))["reason"] == "too_many_changes"
    assert (await desk.send("members", members(serial, "a"), serial))["status"] == "accepted"


async def test_what_was_kept_is_in_use_again_after_a_restart(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path))
    await desk.send("members", members(1, "x"), 1)
    await desk.send("members", members(2, "left over", base=1), 2)
    await desk.send("members", members(5, "a", "b"), 5)
    await desk.send("members", members(6, base=5, removed=("a",)), 6)
    await desk.send("campaigns", json.dumps(CAMPAIGNS).encode(), 55)
    found = await desk.restored()
    assert {name: in_use.ready for name, in_use in found.items()} == {
        "members": desk.taken[-2],
        "campaigns": desk.taken[-1],
    }
    assert handles(found["members"].ready) == {"b"}


async def test_what_is_trusted_no_more_is_left_out(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path))
    await desk.send("members", members(1, "x"), 1)
    told: list[Condition] = []
    assert await desk.restored(TrustOptions(), told) == {}
    assert [(condition.part, condition.code) for condition in told] == [("documents:members", "unknown_key")]


def handles(ready: DocumentReady) -> set[str]:
    assert isinstance(ready.content, Members)
    return set(ready.content.members)


def test_topics_read_back() -> None:
    topics = Topics(STORE)
    for stream in STREAMS:
        assert topics.parse(f"{topics.root}acks/9f2c/{stream}") == AckTopic("9f2c", stream)
    for name in DOCUMENT_NAMES:
        assert topics.parse(f"{topics.root}documents/{name}") == DocumentTopic(name)
        assert topics.parse(topics.document_status(name)) is None
    for unknown in (
        "",
        "a/b",
        f"{topics.root}acks/9f2c/other",
        f"{topics.root}documents/other",
        f"{topics.root}feeds/weather",
    ):
        assert topics.parse(unknown) is None


async def test_campaigns_that_are_replaced_are_given_back_once_nobody_decides_by_them(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path))
    await desk.send("campaigns", told(1), 1)
    (first,) = desk.taken
    before = weakref.ref(first.content)
    del first
    desk.documents.receive(DocumentTopic("campaigns"), SIGNER.manifest(told(2), STORE, "campaigns", 2))
    running = asyncio.create_task(desk.documents.run())
    async with asyncio.timeout(60):
        while len(desk.answers) < 2:
            await asyncio.sleep(0.001)
        assert before() is not None, "the engine holds it until it takes the next"
        desk.taken.clear()
        while before() is not None or desk.documents._replaced:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
