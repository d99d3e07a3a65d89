"""The live view over HTTP: what each scope sees, how soon, and what happens to the slow, the many and at the end."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path
from time import monotonic, process_time, time
from typing import Any

import httpx
import pytest

from gateway.model.health import Condition
from gateway.model.inputs import DocumentReady, ReceiverHealth
from gateway.model.sighting import CheckIn, Sighting
from gateway.web.credentials import LEEWAY_S, Credential, Scope
from gateway.web.in_force import InForce
from gateway.web.live import KEPT_FOR_STAFF, MOST_EACH, MOST_NEWS, MOST_STREAMS, WAITING
from gateway.web.live_messages import Messages, Standing
from gateway.web.problems import Problem
from gateway.web.shop_view import ShopView
from tests.core.shops import heard, plan
from tests.web.shop import ADA, BOB, DISPLAY, STAFF, STORE, TILL, Shop, bearer, open_shop, served

FIXTURES = Path(__file__).parents[1] / "fixtures"
Message = tuple[str, dict[str, Any]]


@asynccontextmanager
async def watched(port: int, credential: str) -> AsyncIterator[AsyncIterator[Message]]:
    """The messages of a stream."""
    headers = {"authorization": f"Bearer {credential}"}
    async with (
        httpx.AsyncClient(timeout=60) as client,
        client.stream("GET", f"http://127.0.0.1:{port}/v1/live", headers=headers) as answer,
    ):
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        yield messages(answer)


async def messages(answer: httpx.Response) -> AsyncIterator[Message]:
    name = ""
    async for line in answer.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


async def check_in(shop: Shop, handle: str) -> None:
    await shop.inbox.ask(Sighting("app", "app", CheckIn(handle, "app")))


async def until(stream: AsyncIterator[Message], wanted: str) -> dict[str, Any]:
    async for name, message in stream:
        if name == wanted:
            return message
    raise AssertionError(wanted)


def viewer_of(scope: Scope, name: str) -> Credential:
    return Credential(scope, None, 0.0, name)


def shape(value: Any) -> Any:
    """The keys of a message, at every depth; lists by their first element."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items() if key != "data"}
    if isinstance(value, list):
        return [shape(value[0])] if value and isinstance(value[0], dict) else None
    return None


async def test_staff_see_the_whole_shop_as_documented(tmp_path: Path) -> None:
    documented = json.loads((FIXTURES / "live_snapshot.json").read_text())
    begin = [
        ReceiverHealth("rx-shoes", "down"),
        heard("rx-shoes", -50.0),
        Sighting("app", "app", CheckIn("ada", "app")),
    ]
    async with open_shop(tmp_path, inputs=begin) as shop, served(shop.site) as port:
        shop.health.report(Condition("mqtt", "connected", "ok"))
        while "b.fob" not in shop.site.view.here:
            await asyncio.sleep(0.01)
        async with watched(port, STAFF) as stream:
            name, message = await anext(stream)
    assert name == "snapshot"
    assert list(message) == list(documented)
    for key in ("me", "store", "zones", "visitors", "receivers", "beacons", "outbox", "health"):
        assert shape(message[key]) == shape(documented[key]), key
    for key in ("zones", "receivers", "beacons", "markers"):
        assert shape(message["floorplan"][key]) == shape(documented["floorplan"][key]), key
    assert {tuple(each) for each in message["decisions"]} <= {tuple(each) for each in documented["decisions"]}
    assert {tuple(each) for each in message["events"]} <= {tuple(each) for each in documented["events"]}
    assert {each["receiver"]: each["status"] for each in message["receivers"]}["rx-shoes"] == "down"
    assert {each["subject"] for each in message["visitors"]} == {"m.ada", "b.fob"}
    assert message["outbox"]["online"] is True


async def test_a_commit_tells_what_changed_and_nothing_twice(tmp_path: Path) -> None:
    documented = json.loads((FIXTURES / "live_commit.json").read_text())
    async with open_shop(tmp_path) as shop, served(shop.site) as port, watched(port, STAFF) as stream:
        before = {each["id"] for each in (await until(stream, "snapshot"))["events"]}
        await check_in(shop, "ada")
        commit = await until(stream, "commit")
        assert list(commit) == list(documented)
        assert [each["subject"] for each in commit["visitors"]] == ["m.ada"]
        assert [each["type"] for each in commit["events"]][-3:] == [
            "proximity.visitor.checked_in.v1",
            "proximity.offer.made.v1",
            "proximity.offer.made.v1",
        ]
        assert {each["decision"] for each in commit["decisions"]} == {"offered"}
        await shop.inbox.put(ReceiverHealth("rx-door", "down"))
        other = await until(stream, "commit")
        assert [each["receiver"] for each in other["receivers"]] == ["rx-door"]
        seen = [each["id"] for message in (commit, other) for each in message["events"]]
        assert len(seen) == len({*seen, *before}) - len(before)


async def test_a_member_sees_its_own_and_a_display_counts(tmp_path: Path) -> None:
    async with (
        open_shop(tmp_path) as shop,
        served(shop.site) as port,
        watched(port, ADA) as member,
        watched(port, DISPLAY) as display,
    ):
        own, counts = await until(member, "snapshot"), await until(display, "snapshot")
        assert not {"zones", "receivers", "outbox", "health", "simulator"} & set(own)
        assert set(counts) == {"at", "version", "started_at", "me", "store", "floorplan", "zones"}
        await check_in(shop, "bob")
        await check_in(shop, "ada")
        own, counts = await until(member, "commit"), await until(display, "commit")
        assert set(counts) == {"at", "zones"}
        assert [each["subject"] for each in own["visitors"]] == ["m.ada"]
        assert set(own) == {"at", "visitors", "gone", "events", "decisions"}
        assert "bob" not in json.dumps(own) + json.dumps(counts)


async def test_others_may_not_watch(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop, shop.client(TILL) as client:
        assert (await client.get("/v1/live")).json()["code"] == "forbidden"


async def test_health_and_outbox_come_without_a_commit(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop, served(shop.site) as port, watched(port, STAFF) as stream:
        await until(stream, "snapshot")
        shop.health.report(Condition("mqtt", "lost", "error", "wait"))
        standing = await until(stream, "standing")
        assert (standing["health"]["status"], standing["outbox"]["online"]) == ("error", False)


async def test_another_floor_plan_brings_a_new_snapshot(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop, served(shop.site) as port, watched(port, DISPLAY) as stream:
        await until(stream, "snapshot")
        await shop.inbox.put(DocumentReady("floorplan", 2, "sha256:2", plan()))
        assert (await until(stream, "snapshot"))["floorplan"]["zones"]


async def test_every_stream_ends_at_the_stop_within_two_seconds(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        async with served(shop.site) as port, watched(port, STAFF) as first, watched(port, ADA) as second:
            await until(first, "snapshot")
            await until(second, "snapshot")
            began_s = monotonic()
            shop.site.live.close()
            assert [each async for each in first] == []
            assert [each async for each in second] == []
        assert monotonic() - began_s < 10
        assert len(shop.site.live) == 0


async def test_a_stream_ends_with_its_credential(tmp_path: Path) -> None:
    asked_utc_s = int(time())  # however late the request comes
    soon = bearer("staff", None, exp=asked_utc_s + 2 - LEEWAY_S)
    async with (
        open_shop(tmp_path, utc_s=lambda: asked_utc_s) as shop,
        served(shop.site) as port,
        watched(port, soon) as stream,
    ):
        assert "snapshot" in [name async for name, _ in stream]


async def test_a_stream_ends_with_its_session(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop, served(shop.site) as port:
        code = shop.invites.make("staff", time() + 60, time())
        async with shop.client() as client:
            token = (await client.post("/v1/sessions", json={"code": code})).json()["token"]
            async with watched(port, token) as stream:
                await until(stream, "snapshot")
                assert (await client.delete("/v1/sessions")).status_code == 204
                assert [each async for each in stream] == []


async def test_one_stream_too_many_is_refused(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop, served(shop.site) as port:
        shop.site.live._most_streams = 1
        async with watched(port, STAFF) as stream, shop.client(BOB) as client:
            await until(stream, "snapshot")
            answer = await client.get("/v1/live")
            assert (answer.status_code, answer.json()["code"]) == (503, "too_many_streams")


async def test_one_credential_cannot_take_every_stream(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop, served(shop.site) as port, AsyncExitStack() as open_streams:
        streams = [await open_streams.enter_async_context(watched(port, DISPLAY)) for _ in range(MOST_EACH)]
        for stream in streams:
            await until(stream, "snapshot")
        async with shop.client(DISPLAY) as client:
            answer = await client.get("/v1/live")
        assert (answer.status_code, answer.json()["code"]) == (503, "too_many_streams")
        assert answer.json()["detail"].startswith("16 streams are open with this credential already. Close one")
        async with watched(port, ADA) as another:
            await until(another, "snapshot")


async def test_members_and_screens_leave_streams_to_staff(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        live = shop.site.live
        with ExitStack() as open_streams:
            for number in range(MOST_STREAMS - KEPT_FOR_STAFF):
                open_streams.enter_context(live.subscribe(viewer_of("member", f"m.{number}")))
            for scope in ("member", "display"):
                with pytest.raises(Problem, match="96 streams are open"), live.subscribe(viewer_of(scope, "late")):
                    pass
            for number in range(KEPT_FOR_STAFF):
                open_streams.enter_context(live.subscribe(viewer_of("staff", f"tablet {number}")))
            with pytest.raises(Problem, match="128 streams are open"), live.subscribe(viewer_of("staff", "late")):
                pass
        assert len(live) == 0


async def test_who_does_not_read_costs_no_memory_and_gets_a_snapshot(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        viewer = shop.site.door.recognise(STAFF, "")
        with shop.site.live.subscribe(viewer) as slow:
            assert b"event: snapshot" in await anext(slow)
            for _ in range(WAITING + 1):
                slow.add(b"event: commit\n\n")
            assert b"event: snapshot" in await anext(slow)
            slow.add(b"event: next\n\n")
            assert await anext(slow) == b"event: next\n\n"
    assert MOST_NEWS > WAITING


async def test_a_quiet_stream_is_kept_alive(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        viewer = shop.site.door.recognise(DISPLAY, "")
        shop.site.live._heartbeat_s = 0.01
        with shop.site.live.subscribe(viewer) as quiet:
            await anext(quiet)
            assert await anext(quiet) == b":\n\n"


@pytest.mark.slow
async def test_fifty_watch_at_once_and_none_is_a_second_behind(tmp_path: Path) -> None:
    """A second of this process, watchers and gateway together, whatever else keeps the machine busy."""
    async with open_shop(tmp_path) as shop, served(shop.site) as port:
        committed: dict[str, float] = {}
        late_s: list[float] = []

        async def watch(number: int) -> None:
            async with watched(port, bearer("staff", None, jti=str(number)) if number % 4 else ADA) as stream:
                await until(stream, "snapshot")
                ready.release()
                async for _, message in stream:
                    told = (event for event in message.get("events", ()) if "checked_in" in event["type"])
                    late_s.extend(process_time() - committed[event["id"]] for event in told)

        ready = asyncio.Semaphore(0)
        watching = [asyncio.create_task(watch(number)) for number in range(50)]
        for _ in watching:
            await ready.acquire()
        for _ in range(100):
            await check_in(shop, "ada")
            for batch in shop.store.batches[-1:]:
                committed |= {event.id: process_time() for event in batch.events}
            await asyncio.sleep(0.05)
        async with asyncio.timeout(60):
            while len(late_s) < 50 * 100:
                await asyncio.sleep(0.01)
        shop.site.live.close()
        await asyncio.gather(*watching)
        assert len(late_s) == 50 * 100
        assert max(late_s) < 1.0, max(late_s)


def test_guests_are_a_number_by_zone_where_they_are_counted():
    counted = Messages(
        ShopView(()),
        InForce(plan()),
        STORE,
        "1",
        envelope=lambda event: {"type": event.type},
        guests=lambda: {"shoes": 3},
        utc_s=lambda: 0.0,
        simulator=None,
    )
    body = json.loads(counted.snapshot(Credential("display", None, 0.0, "a screen"), Standing()).split(b"data: ")[1])
    by_zone = {zone["zone"]: zone["guests"] for zone in body["zones"]}
    assert by_zone["shoes"] == 3
    assert set(by_zone.values()) == {0, 3}
