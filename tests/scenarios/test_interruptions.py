"""A gateway killed at random moments, and a broker that goes away: head office learns the same, without a gap."""

import asyncio
import os
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from simulators.broker import Broker
from simulators.capture_player import CapturePlayer, PlayerOptions
from simulators.head_office import HeadOffice
from tests.scenarios import far_zones
from tests.scenarios.gateway_process import GatewayProcess

SECONDS = 900
KILLS = 50
OWN = ("gateway.", "receiver.", "clock.")
"""Events of the gateway itself: a restart adds some."""


def _gateway(directory: Path, head_office: HeadOffice, url: str) -> GatewayProcess:
    gateway = GatewayProcess(directory, far_zones.STORE, head_office.signer, url)
    documents = {"campaigns": (far_zones.campaigns_document(), 3), "members": (far_zones.members(), 7)}
    gateway.write(far_zones.FLOORPLAN, documents)
    return gateway


def _player(gateway: GatewayProcess, speed: float) -> CapturePlayer:
    lines = far_zones.capture(SECONDS)
    return CapturePlayer(gateway.socket, far_zones.STARTED_UTC_S, lines, PlayerOptions(speed=speed))


def _facts(head_office: HeadOffice) -> Counter[tuple[str | None, str, str | None]]:
    return Counter({fact: n for fact, n in head_office.facts.items() if not fact[1].startswith(OWN)})


async def _undisturbed(directory: Path) -> Counter[tuple[str | None, str, str | None]]:
    directory.mkdir()
    async with Broker() as broker, HeadOffice(broker.url, far_zones.STORE) as head_office:
        gateway = _gateway(directory, head_office, broker.url)
        await gateway.start()
        async with _player(gateway, speed=0) as player:
            await player.done()
        await gateway.until_empty()
        assert await gateway.stop() == 0
        assert head_office.gaps == 0
        facts = _facts(head_office)
    told = {kind for _, kind, _ in facts}
    assert told >= {"visit.started", "visit.ended", "zone.entered", "zone.left", "offer.made", "offer.withheld"}
    assert facts.total() > 150
    return facts


@pytest.mark.slow
async def test_killed_at_50_random_moments_head_office_learns_the_same_facts(tmp_path):
    expected = await _undisturbed(tmp_path / "undisturbed")
    directory = tmp_path / "killed"
    directory.mkdir()
    chance = Random(os.environ.get("PROXIMITY_TEST_SEED", "50"))
    total = sum(1 for _ in far_zones.capture(SECONDS))
    async with Broker() as broker, HeadOffice(broker.url, far_zones.STORE) as head_office:
        gateway = _gateway(directory, head_office, broker.url)
        async with _player(gateway, speed=5) as player:
            for life in range(KILLS):
                await gateway.start()
                await _connected(player, life)
                await asyncio.sleep(chance.uniform(0.02, 1.2))
                assert player.committed < total, "the run was over before the last kill"
                await gateway.kill()
            await gateway.start()
            await player.done()
        await gateway.until_empty()
        standing = await gateway.outbox()
        assert await gateway.stop() == 0
        assert _facts(head_office) == expected
        assert head_office.gaps == 0
        assert {stream["incarnation"] for stream in standing} == {next(iter(head_office.streams)).incarnation}
        made = Counter(
            subject
            for subject, kind, campaign in head_office.facts.elements()
            if (kind, campaign) == ("offer.made", "welcome")
        )
        assert made
        assert set(made.values()) == {1}


@pytest.mark.slow
async def test_a_broker_away_for_the_middle_third_of_a_run_loses_nothing(tmp_path):
    expected = await _undisturbed(tmp_path / "undisturbed")
    directory = tmp_path / "away"
    directory.mkdir()
    async with Broker() as broker, HeadOffice(broker.url, far_zones.STORE) as head_office:
        gateway = _gateway(directory, head_office, broker.url)
        await gateway.start()
        async with _player(gateway, speed=30) as player:
            total = sum(1 for _ in far_zones.capture(SECONDS))
            await _committed(player, total // 3)
            await broker.kill()
            offers_before = await _offers(gateway)
            await _committed(player, 2 * total // 3)
            assert await _offers(gateway) > offers_before
            await broker.start()
            await player.done()
        await gateway.until_empty()
        assert await gateway.stop() == 0
        assert _facts(head_office) == expected
        assert head_office.gaps == 0
        assert sum(account.late for account in head_office.streams.values()) == 0


async def _connected(player: CapturePlayer, lives_before: int) -> None:
    async with asyncio.timeout(30):
        while player.connections <= lives_before:
            await asyncio.sleep(0.02)


async def _committed(player: CapturePlayer, lines: int) -> None:
    async with asyncio.timeout(120):
        while player.committed < lines:
            await asyncio.sleep(0.1)


async def _offers(gateway: GatewayProcess) -> int:
    """How many offers and refusals the gateway has given a sequence."""
    return next(int(str(stream["next_sequence"])) for stream in await gateway.outbox() if stream["class"] == "offer")
