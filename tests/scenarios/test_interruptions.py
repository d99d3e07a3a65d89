"""Gateway, broker and consumer killed at random moments, a broker away for long: head office learns the same, once."""

import asyncio
import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gateway.storage.secret import derive, load_secret
from simulators.arrival import Fact
from simulators.broker import Broker
from simulators.capture_player import CapturePlayer, PlayerOptions
from simulators.head_office import HeadOffice
from simulators.recorded_walk import TimedLine
from tests.brokers import MOSQUITTO
from tests.postgres import postgres, why_not
from tests.scenarios import far_tills, far_zones, replayed
from tests.scenarios.consumed_shop import VICTIMS, ConsumedShop, Place, Victim, consumed_shop
from tests.scenarios.far_tills import REPLAYED, with_baskets
from tests.scenarios.restartable_gateway import RestartableGateway

SECONDS = 900
BUSY_S = 600
SCAN_EVERY_S = 1
TRIALS = 20
"""Kills of one run. Each gateway's leaves a list of what was committed, which the table must hold at the end."""
RUNS = 15 if os.environ.get("PROXIMITY_TEST_COUNTS") == "full" else 1
SEED = os.environ.get("PROXIMITY_TEST_SEED", "kill")
REASON = why_not() or (None if MOSQUITTO else "mosquitto is not installed: apt install mosquitto")
UNSURE = ("zone.dwelled", "occupancy.measured")
"""A restart smooths signals anew, so a stay may come out a report longer or shorter: enough to reach a mark or not.
And it counts people anew: one at the end of a quarter of an hour may leave nothing to tell of it."""
OF_A_VISIT = ("visit.started", "visit.ended", "zone.entered", "zone.left")
OF_A_TILL = ("redemption.reserved", "redemption.committed", "redemption.cancelled", "redemption.refused")
ONCE = "SELECT count(*), count(DISTINCT (source, id)), count(DISTINCT (source, sequence)), sum(deliveries) FROM events"
FACTS = "SELECT subject, type, coalesce(data->>'campaign', data->>'zone'), count(*) FROM events GROUP BY 1, 2, 3"


@pytest.fixture
def database() -> Iterator[str]:
    with postgres() as address:
        yield address


@pytest.mark.slow
@pytest.mark.skipif(REASON is not None, reason=str(REASON))
@pytest.mark.parametrize("run", range(RUNS))
async def test_whatever_is_killed_every_committed_event_is_stored_once(tmp_path, database, run):
    chance = Random(f"{SEED} {run}")
    heard = list(far_zones.capture(BUSY_S, run, empty_s=far_zones.LONG_S, scan_every=SCAN_EVERY_S))
    expected = replayed.facts(tmp_path / "replayed", with_baskets(heard, BUSY_S, run, REPLAYED))
    directory = tmp_path / "shop"
    day = with_baskets(heard, BUSY_S, run, _first_start(directory / "state"))
    async with consumed_shop(directory, database, _player(directory, day)) as shop:
        killed = await _strike(shop, chance, day)
        await shop.gateway.until_empty()
        stored, deliveries = await _stored_once(shop)
        facts = await _learnt(shop)
    assert _but(UNSURE, facts) == _but(UNSURE, expected)
    assert _only(OF_A_VISIT, facts) == far_zones.truth(BUSY_S, run)
    assert _only(OF_A_TILL, facts) == far_tills.truth(BUSY_S, run)
    repeats = f"{deliveries - stored} delivered again before they were told apart"
    print(f"run {run}, killed {dict(killed)}: {stored} events stored once, {repeats}")  # noqa: T201 - its figures are asked for


def _first_start(state: Path) -> bytes:
    """Give a gateway its secret; the key that it will make ids by."""
    state.mkdir(parents=True, mode=0o700)
    return derive(load_secret(state), "ids")


def _player(directory: Path, day: list[TimedLine]) -> CapturePlayer:
    socket = directory / "state" / "capture.sock"
    return CapturePlayer(socket, far_zones.STARTED_UTC_S, day, PlayerOptions(speed=25, window=200))


async def _strike(shop: ConsumedShop, chance: Random, day: list[TimedLine]) -> Counter[str]:
    """Kill one of the three at random moments of the capture, and the gateway once more after the last line."""
    killed: Counter[str] = Counter()
    for moment_s in sorted(chance.uniform(5, day[-1][0] - 20) for _ in range(TRIALS - 1)):
        line = bisect_left(day, (moment_s,))
        async with asyncio.timeout(120):
            while shop.player.sent < line:
                await asyncio.sleep(0.01)
        killed["under load"] += shop.player.committed < len(day)
        victim = chance.choice(VICTIMS)
        await _strike_down(shop, victim, chance.uniform(0, 0.5))
        killed[victim] += 1
    assert killed["under load"] >= TRIALS // 2, "the capture was over too early"
    await shop.player.done()
    await _strike_down(shop, "gateway", 0)  # one that starts sends at once what is not acked, another only in a while
    return killed + Counter(gateway=1)


async def _strike_down(shop: ConsumedShop, victim: Victim, away_s: float) -> None:
    await shop.kill(victim)
    await asyncio.sleep(away_s)
    await shop.start(victim)


async def _stored_once(shop: ConsumedShop) -> tuple[int, int]:
    """Every event that was ever given a sequence is in the table, once; how many, and how often they came."""
    standing = await shop.gateway.outbox()
    [(stored, events, sequences, deliveries)] = await shop.table(ONCE)
    assert stored == events == sequences == sum(int(str(stream["next_sequence"])) - 1 for stream in standing)
    assert len({stream["incarnation"] for stream in standing}) == 1
    assert await shop.table("SELECT * FROM gaps") == []
    assert await shop.table("SELECT * FROM discrepancies") == []
    assert shop.committed
    assert shop.committed <= {_place(row) for row in await shop.table("SELECT source, sequence, id FROM events")}
    return stored, int(deliveries)


def _but(kinds: Collection[str], facts: Counter[Fact]) -> Counter[Fact]:
    return Counter({fact: n for fact, n in facts.items() if fact[1] not in kinds})


def _only(kinds: Collection[str], facts: Counter[Fact]) -> Counter[Fact]:
    return Counter({fact: n for fact, n in facts.items() if fact[1] in kinds})


async def _learnt(shop: ConsumedShop) -> Counter[Fact]:
    rows = await shop.table(FACTS)
    return Counter({(subject, kind, place): n for subject, kind, place, n in rows if not kind.startswith(replayed.OWN)})


def _place(row: tuple[Any, ...]) -> Place:
    return row[0], row[1], str(row[2])


@pytest.mark.slow
async def test_a_broker_away_for_the_middle_third_of_a_run_loses_nothing(tmp_path):
    day = list(far_zones.capture(SECONDS))
    expected = replayed.facts(tmp_path / "replayed", day)
    directory = tmp_path / "away"
    directory.mkdir()
    async with Broker() as broker, HeadOffice(broker.url, far_zones.STORE) as head_office:
        gateway = RestartableGateway(directory, far_zones.STORE, head_office.signer, broker.url)
        gateway.write(far_zones.FLOORPLAN, far_zones.documents())
        await gateway.start()
        async with CapturePlayer(gateway.socket, far_zones.STARTED_UTC_S, day, PlayerOptions(speed=30)) as player:
            await _committed(player, len(day) // 3)
            await broker.kill()
            offers_before = await _offers(gateway)
            await _committed(player, 2 * len(day) // 3)
            assert await _offers(gateway) > offers_before
            await broker.start()
            await player.done()
        await gateway.until_empty()
        assert await gateway.stop() == 0
        assert _facts(head_office) == expected
        assert head_office.gaps == 0
        assert sum(account.late for account in head_office.streams.values()) == 0


def _facts(head_office: HeadOffice) -> Counter[Fact]:
    return Counter({fact: n for fact, n in head_office.facts.items() if not fact[1].startswith(replayed.OWN)})


async def _committed(player: CapturePlayer, lines: int) -> None:
    async with asyncio.timeout(120):
        while player.committed < lines:
            await asyncio.sleep(0.1)


async def _offers(gateway: RestartableGateway) -> int:
    """How many offers and refusals the gateway has given a sequence."""
    return next(int(str(stream["next_sequence"])) for stream in await gateway.outbox() if stream["class"] == "offer")
