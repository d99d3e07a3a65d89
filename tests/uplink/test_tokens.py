"""Token tables computed in a child: the engine recognises the same members as it would by itself."""

import asyncio
import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gateway.codecs.token_table import TokenTable, pack_tokens
from gateway.codecs.tokens import day_of, slot_of, token
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
