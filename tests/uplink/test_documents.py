"""Announced documents: taken, kept and answered, or refused while the last good one stays."""

import asyncio
import base64
import json
from dataclasses import dataclass, field

import pytest

from gateway.documents.refusal import DocumentRefused
from gateway.documents.verify import TrustOptions
from gateway.model.documents import DOCUMENT_NAMES, Members
from gateway.model.event import STREAMS
from gateway.model.health import Condition
from gateway.model.inputs import DocumentReady
from gateway.model.store import StoreRef
from gateway.mqtt.message import ACCEPTED, Published
from gateway.runtime.errors import StorageUnavailable
from gateway.uplink.documents import Documents
from gateway.uplink.judge import MAX_CHANGES, InUse
from gateway.uplink.restore import restore
from gateway.uplink.topics import AckTopic, DocumentTopic, Topics
from simulators.signer import Signer

STORE = StoreRef("acme", "0042", "gw-1")
SIGNER = Signer()
TRUST = TrustOptions({SIGNER.name: SIGNER.public_key})
CAMPAIGNS = {"document": "campaigns", "serial": 55, "campaigns": [], "content": {}}


def members(serial: int, *handles: str, base: int | None = None, removed: tuple[str, ...] = ()) -> bytes:
    header = {"document": "members", "tenant": "acme", "store": "0042", "serial": serial}
    lines: list[dict[str, object]] = [header if base is None else header | {"base_serial": base}]
    lines += [{"handle": handle} for handle in handles]
    lines += [{"handle": handle, "removed": True} for handle in removed]
    return "\n".join(json.dumps(line) for line in lines).encode()


@dataclass(frozen=True, slots=True)
class Kept:
    manifest: bytes
    content: bytes


@dataclass
class Desk:
    """Documents between a broker and a disk that both take everything, unless `full`."""

    kept: dict[str, Kept] = field(default_factory=dict)
    taken: list[DocumentReady] = field(default_factory=list)
    answers: list[dict[str, object]] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    announced: int = 0
    full: bool = False

    def __post_init__(self) -> None:
        self.documents = self.open()

    def open(self) -> Documents:
        return Documents(
            self, STORE, TRUST, {}, keep=self._keep, put=self._put, report=self.conditions.append, utc_s=lambda: 0.0
        )

    async def connected(self) -> asyncio.Future[Exception]:
        return asyncio.get_running_loop().create_future()

    async def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, content_type: str | None = None
    ) -> Published:
        assert retain
        assert topic.endswith("/status")
        self.answers.append(json.loads(payload))
        return ACCEPTED

    async def announce(self) -> None:
        self.announced += 1

    async def judge(self, name: str, manifest: bytes) -> dict[str, object]:
        """The answer to a manifest."""
        before = len(self.answers)
        self.documents.receive(DocumentTopic(name), manifest)
        running = asyncio.create_task(self.documents.run())
        async with asyncio.timeout(5):
            while len(self.answers) == before:
                await asyncio.sleep(0.001)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return self.answers[-1]

    async def send(self, name: str, content: bytes, serial: int) -> dict[str, object]:
        return await self.judge(name, SIGNER.manifest(content, STORE, name, serial))

    async def _put(self, ready: DocumentReady) -> None:
        self.taken.append(ready)

    async def _keep(self, name: str, manifest: bytes, content: bytes) -> None:
        if self.full:
            raise StorageUnavailable("the disk is full", "free room on it")
        self.kept[name] = Kept(manifest, content)


async def test_the_answer_to_an_accepted_document() -> None:
    desk = Desk()
    answer = await desk.send("campaigns", json.dumps(CAMPAIGNS).encode(), 55)
    digest = desk.taken[0].digest
    assert answer == {
        "name": "campaigns",
        "serial": 55,
        "digest": digest,
        "status": "accepted",
        "reason": None,
        "problem": None,
        "at": "1970-01-01T00:00:00.000Z",
    }
    assert desk.documents.in_use["campaigns"].digest == digest


async def test_a_manifest_heard_again_is_answered_again_and_changes_nothing() -> None:
    desk = Desk()
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
        (altered(inline=None, url="https://hq.example/campaigns.json"), "unsupported"),
        (altered(size=1 << 40), "too_large"),
        (SIGNER.manifest(b"{}", STORE, "campaigns", 55), "invalid"),
        (
            SIGNER.manifest(json.dumps(CAMPAIGNS).encode(), StoreRef("acme", "1", "gw-1"), "campaigns", 55),
            "bad_signature",
        ),
    ],
)
async def test_what_is_wrong_is_answered_and_the_good_one_stays(manifest: bytes, reason: str) -> None:
    desk = Desk()
    await desk.send("campaigns", json.dumps(CAMPAIGNS | {"serial": 54}).encode(), 54)
    answer = await desk.judge("campaigns", manifest)
    assert (answer["status"], answer["reason"]) == ("refused", reason)
    assert answer["problem"]
    assert [ready.serial for ready in desk.taken] == [54]
    assert [condition.severity for condition in desk.conditions] == ["ok", "warning"]


async def test_a_serial_counts_for_one_content_only() -> None:
    desk = Desk()
    await desk.send("members", members(3, "a"), 3)
    assert (await desk.send("members", members(3, "b"), 3))["reason"] == "serial_reused"
    assert (await desk.send("members", members(2, "b"), 2))["reason"] == "older_serial"


async def test_a_document_that_cannot_be_kept_is_not_used() -> None:
    desk = Desk(full=True)
    assert (await desk.send("members", members(1, "a"), 1))["reason"] == "not_kept"
    assert desk.taken == []
    desk.full = False
    assert (await desk.send("members", members(1, "a"), 1))["status"] == "accepted"


async def test_changes_of_the_members_are_applied_to_those_in_use() -> None:
    desk = Desk()
    await desk.send("members", members(1, "a", "b"), 1)
    await desk.send("members", members(2, "c", base=1, removed=("a",)), 2)
    assert handles(desk.taken[-1]) == {"b", "c"}
    assert (await desk.send("members", members(4, "d", base=3), 4))["reason"] == "wrong_base"
    assert handles(desk.taken[-1]) == {"b", "c"}


async def test_a_change_without_members_is_refused() -> None:
    assert (await Desk().send("members", members(2, "a", base=1), 2))["reason"] == "wrong_base"


async def test_after_many_changes_the_members_have_to_come_whole() -> None:
    desk = Desk()
    await desk.send("members", members(1, "a"), 1)
    for serial in range(2, 2 + MAX_CHANGES):
        assert (await desk.send("members", members(serial, base=serial - 1), serial))["status"] == "accepted"
    serial = 2 + MAX_CHANGES
    assert (await desk.send("members", members(serial, base=serial - 1), serial))["reason"] == "too_many_changes"
    assert (await desk.send("members", members(serial, "a"), serial))["status"] == "accepted"


async def test_what_was_kept_is_in_use_again_after_a_restart() -> None:
    desk = Desk()
    await desk.send("members", members(1, "x"), 1)
    await desk.send("members", members(2, "left over", base=1), 2)
    await desk.send("members", members(5, "a", "b"), 5)
    await desk.send("members", members(6, base=5, removed=("a",)), 6)
    await desk.send("campaigns", json.dumps(CAMPAIGNS).encode(), 55)
    found = await restored(desk, TRUST)
    assert {name: in_use.ready for name, in_use in found.items()} == {
        "members": desk.taken[-2],
        "campaigns": desk.taken[-1],
    }
    assert handles(found["members"].ready) == {"b"}


async def test_what_is_trusted_no_more_is_left_out() -> None:
    desk = Desk()
    await desk.send("members", members(1, "x"), 1)
    refused: list[str] = []
    assert await restored(desk, TrustOptions(), refused) == {}
    assert refused == ["members"]


async def restored(desk: Desk, trust: TrustOptions, refused: list[str] | None = None) -> dict[str, InUse]:
    async def load(name: str) -> Kept | None:
        return desk.kept.get(name)

    def note(name: str, _refusal: DocumentRefused) -> None:
        if refused is not None:
            refused.append(name)

    return await restore(load, STORE, trust, note)


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
        f"{topics.root}feeds/stock",
    ):
        assert topics.parse(unknown) is None
