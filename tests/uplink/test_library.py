"""Documents on a real disk, compiled by real children: killed, damaged, fetched, restored."""

import asyncio
import base64
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.codecs.signing import digest_of
from gateway.documents.apart import IN_A_CHILD
from gateway.documents.verify import TrustOptions
from gateway.model.documents import Member, Members, Products
from gateway.model.health import Condition
from gateway.runtime.child import Bounds
from gateway.uplink.restore import restore
from gateway.uplink.topics import DocumentTopic
from simulators.authority import issue
from simulators.document_server import DocumentServer
from tests.uplink.desk import SIGNER, STORE, TRUST, Desk, in_process, library, members

FULL: dict[str, object] = {
    "handle": "q3lzt7",
    "keys": {"20778": "AAAAAAAAAAAAAAAAAAAAAA=="},
    "languages": ["fr", "en"],
    "purposes": ["offers", "presence"],
    "segments": ["sneakers"],
    "units": {"brand": 4711},
    "caps": {"push": 1},
    "campaigns_seen": ["ig-2026-11"],
    "minor": True,
}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[DocumentServer]:
    async with DocumentServer(issue(tmp_path)) as running:
        yield running


def by_url(server: DocumentServer, content: bytes, serial: int, name: str = "members") -> bytes:
    manifest = json.loads(SIGNER.manifest(content, STORE, name, serial))
    del manifest["inline"]
    return json.dumps(manifest | {"url": server.put(f"/{name}-{serial}", content)}).encode()


def held(desk: Desk) -> set[str]:
    content = desk.taken[-1].content
    assert isinstance(content, Members)
    return set(content.members)


async def test_a_member_is_found_in_the_map_as_it_was_written(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path, ask=IN_A_CHILD))
    lines = [{"document": "members", "serial": 1, "valid_from": "2026-01-05T09:00:00Z"}, FULL, {"handle": "é"}]
    await desk.send("members", "\n".join(json.dumps(line) for line in lines).encode(), 1)
    content = desk.taken[-1].content
    assert isinstance(content, Members)
    assert (content.serial, content.valid_from_utc_s, content.valid_until_utc_s) == (1, 1767603600.0, None)
    assert content.members["q3lzt7"] == Member(
        "q3lzt7",
        {},
        ("fr", "en"),
        frozenset({"offers", "presence"}),
        ("sneakers",),
        {"brand": 4711},
        {"push": 1},
        ("ig-2026-11",),
        minor=True,
    )
    assert content.day_keys is not None
    assert list(content.day_keys.of_day(20778)) == [("q3lzt7", bytes(16))]
    assert list(content.day_keys.of_day(20779)) == []
    assert content.members["é"] == Member("é")
    assert content.members.get("nobody") is None
    assert desk.files == ["members.keys", "members.manifest", "members.map"]


async def test_products_are_found_in_the_map(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path, ask=IN_A_CHILD))
    product = {"gtin": "9506000134352", "names": {"fr": "Basket"}, "price": 79.9, "currency": "EUR"}
    raw = json.dumps({"document": "products", "serial": 7, "products": [product]}).encode()
    assert (await desk.send("products", raw, 7))["status"] == "accepted"
    content = desk.taken[-1].content
    assert isinstance(content, Products)
    assert content.products == {"09506000134352": product | {"gtin": "09506000134352"}}


@pytest.mark.parametrize("name", ["members", "floorplan"])
async def test_a_document_of_another_store_is_refused(tmp_path: Path, name: str) -> None:
    desk = Desk(library(tmp_path))
    written = {
        "members": members(1, "a").replace(b'"0042"', b'"0041"'),
        "floorplan": floorplan(store="0041"),
    }
    assert (await desk.send(name, written[name], 1))["reason"] == "wrong_store"


def floorplan(store: str = "0042", receiver: str = "gw-1") -> bytes:
    shop = f'[store]\nid = "{store}"\ntenant = "acme"\ntimezone = "Europe/Paris"\nlanguages = ["fr"]\n'
    return (
        shop + f'[[zones]]\nid = "shoes"\nkind = "aisle"\n[[receivers]]\nid = "{receiver}"\nzone = "shoes"\n'
    ).encode()


async def test_a_floor_plan_without_our_receiver_is_refused(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path, receivers=frozenset({"gw-1"})))
    assert (await desk.send("floorplan", floorplan(), 1))["status"] == "accepted"
    answer = await desk.send("floorplan", floorplan(receiver="gw-2"), 2)
    assert (answer["status"], answer["reason"]) == ("refused", "no_receiver")
    assert [ready.serial for ready in desk.taken] == [1]


class Killer:
    """Real children, of which the first `times` are killed while they work."""

    def __init__(self, times: int) -> None:
        self.left = times

    async def __call__(self, question: bytes, bounds: Bounds) -> bytes:
        asking = asyncio.create_task(IN_A_CHILD(question, bounds))
        if self.left:
            self.left -= 1
            while not (children := _children()):
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.1)
            for child in children:
                os.kill(child, signal.SIGKILL)
        return await asking


def _children() -> list[int]:
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    found = [int(child) for task in tasks for child in task.read_text().split()]
    return [child for child in found if b"gateway.documents.job" in Path(f"/proc/{child}/cmdline").read_bytes()]


@pytest.mark.parametrize(("times", "status"), [(1, "accepted"), (2, "accepted"), (3, "refused")])
async def test_a_killed_child_is_started_again_and_given_up_in_the_end(tmp_path: Path, times: int, status: str) -> None:
    desk = Desk(library(tmp_path, ask=Killer(times)))
    manifest = SIGNER.manifest(members(1, *(f"h{number}" for number in range(2_000))), STORE, "members", 1)
    answer = await desk.judge("members", manifest, timeout_s=60)
    assert answer["status"] == status
    assert answer["reason"] == (None if status == "accepted" else "not_compiled")
    assert desk.files == (["members.manifest", "members.map"] if status == "accepted" else [])


async def test_what_costs_too_much_is_refused_and_the_good_one_stays(tmp_path: Path) -> None:
    async def scant(question: bytes, bounds: Bounds) -> bytes:
        asked = json.loads(question)
        few = Bounds(bounds.memory_bytes, bounds.cpu_s, 0.5 if asked["new"]["serial"] == 2 else bounds.wall_s)
        return await IN_A_CHILD(question, few)

    desk = Desk(library(tmp_path, ask=scant))
    await desk.send("members", members(1, "good"), 1)
    big = members(2, *(f"h{number}" for number in range(20_000)))
    answer = await desk.judge("members", SIGNER.manifest(big, STORE, "members", 2), timeout_s=60)
    assert (answer["reason"], held(desk)) == ("too_costly", {"good"})


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip(path: Path) -> None:
    file = bytearray(path.read_bytes())
    file[len(file) // 2] ^= 1
    path.write_bytes(file)


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [cut, flip, empty, Path.unlink])
async def test_a_damaged_map_is_made_again(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    desk = Desk(library(tmp_path))
    product = {"gtin": "9506000134352", "names": {"fr": "Basket"}}
    await desk.send("products", json.dumps({"document": "products", "serial": 7, "products": [product]}).encode(), 7)
    (path,) = (tmp_path / "documents").glob("*.map")
    damage(path)
    content = (await desk.restored())["products"].ready.content
    assert isinstance(content, Products)
    assert set(content.products) == {"09506000134352"}


@pytest.mark.parametrize("damage", [cut, flip, empty, Path.unlink])
async def test_with_its_map_damaged_the_change_is_left_out(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    desk = Desk(library(tmp_path))
    change = members(2, "b", base=1)
    await desk.send("members", members(1, "a"), 1)
    await desk.send("members", change, 2)
    damage(desk.disk.compiled("members", digest_of(change)))
    content = (await desk.restored())["members"].ready.content
    assert isinstance(content, Members)
    assert set(content.members) == {"a"}


@pytest.mark.parametrize("kind", ["map", "keys"])
@pytest.mark.parametrize("damage", [cut, flip])
async def test_damaged_members_are_left_out_and_come_again(
    tmp_path: Path, damage: Callable[[Path], None], kind: str
) -> None:
    """Their bytes are not kept, for the keys of all days are in them."""
    desk = Desk(library(tmp_path))
    content = "\n".join(json.dumps(line) for line in [{"document": "members", "serial": 1}, FULL]).encode()
    await desk.send("members", content, 1)
    (path,) = (tmp_path / "documents").glob(f"*.{kind}")
    damage(path)
    told: list[Condition] = []
    assert await desk.restored(told=told) == {}
    assert [(condition.part, condition.code) for condition in told] == [("documents:members", "missing")]
    again = Desk(library(tmp_path))
    assert (await again.send("members", content, 1))["status"] == "accepted"
    assert held(again) == {"q3lzt7"}


async def test_members_sealed_by_another_device_are_left_out(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path))
    await desk.send("members", members(1, "a"), 1)
    other = replace(desk.library, device_key=b"another device".ljust(32))
    told: list[Condition] = []
    assert await restore(other, {}, told.append) == {}
    assert [condition.code for condition in told] == ["missing"]


async def test_no_handle_and_no_key_lies_on_the_disk_in_clear(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path))
    key = b"sixteen bytes it"
    named = {"handle": "q3lzt7handle", "keys": {"20778": base64.b64encode(key).decode()}, "segments": ["sneakers"]}
    header = {"document": "members", "serial": 1}
    await desk.send("members", "\n".join(json.dumps(line) for line in [header, named]).encode(), 1)
    files = list((tmp_path / "documents").iterdir())
    assert len(files) == 3
    for path in files:
        content = path.read_bytes()
        assert not [
            secret for secret in (b"q3lzt7handle", key, base64.b64encode(key), b"sneakers") if secret in content
        ]


async def test_a_map_in_use_stays_readable_after_the_next_took_its_place(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path))
    await desk.send("members", members(1, "a"), 1)
    old = desk.taken[-1].content
    await desk.send("members", members(2, "b"), 2)
    assert isinstance(old, Members)
    assert old.members["a"] == Member("a")
    assert len(list((tmp_path / "documents").glob("*.map"))) == 1


async def test_changes_are_laid_over_the_whole(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path))
    await desk.send("members", members(1, "a", "b", "c"), 1)
    await desk.send("members", members(2, "d", base=1, removed=("a", "nobody")), 2)
    await desk.send("members", members(3, "a", "e", base=2, removed=("d", "b")), 3)
    content = desk.taken[-1].content
    assert isinstance(content, Members)
    assert (set(content.members), len(content.members)) == ({"a", "c", "e"}, 3)
    assert "b" not in content.members


async def test_a_document_is_fetched_where_its_url_says(tmp_path: Path, server: DocumentServer) -> None:
    trust = TrustOptions(TRUST.keys, tmp_path / "authority.pem")
    desk = Desk(library(tmp_path / "state", trust, IN_A_CHILD))
    server.trouble.cuts = [10_000]
    content = members(1, *(f"h{number}" for number in range(5_000)))
    answer = await desk.judge("members", by_url(server, content, 1), timeout_s=60)
    assert answer["status"] == "accepted"
    assert len(held(desk)) == 5_000
    assert [asked.status for asked in server.asked] == [200, 206]


async def test_a_newer_manifest_ends_a_fetch_that_hangs(tmp_path: Path, server: DocumentServer) -> None:
    trust = TrustOptions(TRUST.keys, tmp_path / "authority.pem")
    desk = Desk(library(tmp_path / "state", trust, IN_A_CHILD))
    server.trouble.pause_s = 60.0
    slow = by_url(server, members(1, "a"), 1)
    answer = await desk.judge("members", slow, SIGNER.manifest(members(2, "b"), STORE, "members", 2), timeout_s=60)
    assert (answer["serial"], answer["status"], held(desk)) == (2, "accepted", {"b"})
    assert _children() == []


async def test_a_server_that_is_away_is_asked_again(tmp_path: Path) -> None:
    answers = iter([{"unreachable": "the server hq.example gives no more of it: it says nothing"}])

    async def away(question: bytes, bounds: Bounds) -> bytes:
        if json.loads(question)["job"] == "fetch":
            answer = next(answers, None)
            if answer is not None:
                return json.dumps(answer).encode()
            wanted = json.loads(question)
            Path(wanted["path"]).write_bytes(content)
            return b'{"done": {}}'
        return await in_process(question, bounds)

    content = members(1, "a")
    manifest = json.loads(SIGNER.manifest(content, STORE, "members", 1)) | {
        "inline": None,
        "url": "https://hq.example/m",
    }
    desk = Desk(library(tmp_path, ask=away), pauses=lambda: iter([0.01]))
    running = asyncio.create_task(desk.documents.run())
    desk.documents.receive(DocumentTopic("members"), json.dumps(manifest).encode())
    async with asyncio.timeout(60):
        while len(desk.answers) < 2:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert [(answer["status"], answer["reason"]) for answer in desk.answers] == [
        ("refused", "unreachable"),
        ("accepted", None),
    ]
    assert "it is asked again by itself" in str(desk.answers[0]["problem"])
    assert [condition.code for condition in desk.conditions] == ["unreachable", "in_use"]
