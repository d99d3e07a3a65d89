"""Token tables computed in a child: the engine recognises the same members as it would by itself."""

import asyncio
import base64
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from gateway.codecs.token_table import TokenTable, pack_tokens
from gateway.codecs.tokens import DAY_S, SLOT_S, day_of, slot_of, token
from gateway.core.identity import Identity
from gateway.core.shop import Shop
from gateway.documents.apart import IN_A_CHILD, Apart
from gateway.documents.checks import Here
from gateway.documents.mapping import FEW
from gateway.model.documents import FloorPlan, Members
from gateway.model.health import Condition
from gateway.model.inputs import TokensReady
from gateway.model.sighting import MemberToken, Sighting
from gateway.model.time import Now
from gateway.runtime.feed import Committed
from gateway.uplink.tokens import AHEAD, TokenTables
from tests.uplink.desk import STORE, Desk, library

UTC_S = 1_795_000_000.0
NOW = Now(10.0, UTC_S, "synced", "boot")
SHOP = Shop.of(FloorPlan("0042", "acme", "UTC", ("en",), {}, {}, {}, {}))


def key_of(number: int) -> bytes:
    return number.to_bytes(16, "big")


def document(serial: int, numbers: range, base: int | None = None, removed: tuple[str, ...] = ()) -> bytes:
    day = day_of(UTC_S)
    header = {"document": "members", "serial": serial} | ({} if base is None else {"base_serial": base})
    keys = {number: {str(day): base64.b64encode(key_of(number)).decode()} for number in numbers}
    lines = [{"handle": f"h{number}", "keys": keys[number], "purposes": ["presence"]} for number in numbers]
    gone = [{"handle": handle, "removed": True} for handle in removed]
    return "\n".join(json.dumps(line) for line in [header, *lines, *gone]).encode()


def known(identity: Identity, number: int) -> str | None:
    heard = Sighting("ble", "gw-1", MemberToken(token(key_of(number), slot_of(UTC_S))), -60.0)
    visitor = identity.resolve(heard, SHOP, NOW)
    return None if visitor is None else visitor.subject


async def handed(desk: Desk, count: int, now: Callable[[], Now] = lambda: NOW) -> list[TokensReady]:
    """The first inputs that follow the members last taken."""
    inputs: list[TokensReady] = []
    conditions: list[Condition] = []

    async def put(ready: TokensReady) -> None:
        inputs.append(ready)

    apart = Apart(Here(STORE.tenant, STORE.store), IN_A_CHILD)
    tables = TokenTables(replace(desk.library, apart=apart), now=now, put=put, report=conditions.append)
    tables.hear(Committed((), (), {}, (desk.taken[-1],)))
    running = asyncio.create_task(tables.run())
    async with asyncio.timeout(60):
        while len(inputs) < count:
            await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert conditions[0] == Condition("tokens", "computed", "ok")
    return inputs


async def test_many_members_are_recognised_by_tables_that_are_handed_over(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path))
    await desk.send("members", document(1, range(FEW + 1)), 1)
    await desk.send("members", document(2, range(FEW + 1, FEW + 3), base=1, removed=("h7",)), 2)
    members = desk.taken[-1].content
    assert isinstance(members, Members)
    assert members.tokens_handed
    identity = Identity()
    identity.use(members)
    assert known(identity, 3) is None
    inputs = await handed(desk, AHEAD + 2)
    assert [each.slot - slot_of(UTC_S) for each in inputs] == [0, -1, 1, 2]
    for each in inputs:
        identity.use_tokens(each.serial, each.slot, each.table)
    assert [known(identity, number) for number in (3, FEW + 1, FEW + 2, 7, 9_999)] == [
        "m.h3",
        f"m.h{FEW + 1}",
        f"m.h{FEW + 2}",
        None,
        None,
    ]


async def test_tables_of_other_members_are_of_no_use(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path))
    await desk.send("members", document(1, range(FEW + 1)), 1)
    members = desk.taken[-1].content
    assert isinstance(members, Members)
    identity = Identity()
    identity.use(members)
    table = TokenTable(memoryview(pack_tokens([(3, key_of(3))], slot_of(UTC_S))), str)
    identity.use_tokens(2, slot_of(UTC_S), table)
    assert known(identity, 3) is None


async def test_the_tokens_of_few_members_need_no_table(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path))
    await desk.send("members", document(1, range(FEW)), 1)
    members = desk.taken[-1].content
    assert isinstance(members, Members)
    identity = Identity()
    identity.use(members)
    assert known(identity, 3) == "m.h3"


async def test_the_keys_of_a_day_that_is_over_are_erased(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path))
    day = day_of(UTC_S)
    await desk.send("members", lasting(1, range(3), days=(day, day + 1)), 1)
    kept = sorted((tmp_path / "documents").glob("*.keys"))
    assert [path.suffixes[-2] for path in kept] == [f".{day}", f".{day + 1}"]
    midnight = float((day + 1) * DAY_S)
    for now_s, left in ((midnight + SLOT_S - 1, 2), (midnight + SLOT_S, 1)):
        now = replace(NOW, utc_s=now_s)
        conditions: list[Condition] = []
        tables = TokenTables(desk.library, now=lambda now=now: now, put=nothing, report=conditions.append)
        await until_told(tables, conditions)
        assert conditions == [Condition("day_keys", "erased", "ok")]
        assert len(list((tmp_path / "documents").glob("*.keys"))) == left
    identity = Identity()
    content = desk.taken[-1].content
    assert isinstance(content, Members)
    assert content.day_keys is not None
    assert (list(content.day_keys.of_day(day)), len(list(content.day_keys.of_day(day + 1)))) == ([], 3)
    identity.use(content)
    today = replace(NOW, utc_s=midnight + SLOT_S)
    heard = Sighting("ble", "gw-1", MemberToken(token(key_of(2), slot_of(today.utc_s))), -60.0)
    assert identity.resolve(heard, SHOP, today) is not None


async def test_with_the_clock_unset_nothing_is_erased(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path))
    await desk.send("members", lasting(1, range(3), days=(1,)), 1)
    conditions: list[Condition] = []
    unset = replace(NOW, clock="unset")
    tables = TokenTables(desk.library, now=lambda: unset, put=nothing, report=conditions.append)
    with suppress(TimeoutError):
        async with asyncio.timeout(0.1):
            await tables.run()
    assert conditions == []
    assert len(list((tmp_path / "documents").glob("*.keys"))) == 1


async def test_after_a_restart_the_same_members_are_known(tmp_path: Path) -> None:
    desk = Desk(library(tmp_path))
    await desk.send("members", document(1, range(FEW + 1)), 1)
    await desk.send("members", document(2, range(FEW + 1, FEW + 3), base=1, removed=("h7",)), 2)
    await desk.send("members", document(3, range(8, 10), base=2, removed=(f"h{FEW + 2}",)), 3)
    known_by: list[list[str | None]] = []
    for ready in (desk.taken[-1], (await desk.restored())["members"].ready):
        identity = Identity()
        assert isinstance(ready.content, Members)
        identity.use(ready.content)
        for each in await handed(Desk(desk.library, taken=[ready]), AHEAD + 2):
            identity.use_tokens(each.serial, each.slot, each.table)
        known_by.append([known(identity, number) for number in range(FEW + 4)])
    live, restarted = known_by
    assert live == restarted
    gone = {7, FEW + 2, FEW + 3}
    assert live == [None if number in gone else f"m.h{number}" for number in range(FEW + 4)]


def lasting(serial: int, numbers: range, days: tuple[int, ...]) -> bytes:
    """Members with a key of their own for each of these days, the same every day."""
    keys = {number: base64.b64encode(key_of(number)).decode() for number in numbers}
    lines = [
        {"handle": f"h{number}", "keys": dict.fromkeys(map(str, days), key), "purposes": ["presence"]}
        for number, key in keys.items()
    ]
    return "\n".join(json.dumps(line) for line in [{"document": "members", "serial": serial}, *lines]).encode()


async def nothing(_ready: TokensReady) -> None:
    """Takes tables and keeps none."""


async def until_told(tables: TokenTables, conditions: list[Condition]) -> None:
    """Let it run until it has told something."""
    running = asyncio.create_task(tables.run())
    async with asyncio.timeout(60):
        while not conditions:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
