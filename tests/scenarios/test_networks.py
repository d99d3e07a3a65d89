"""Bad networks between a gateway and its broker: head office learns the same as over a good one, without a gap.

The faults come one after the other in one busy day; how long each took to recover from is printed. `make test-long`
lets them last longer, under the gateway's own patience.
"""

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.cli.outbox import standings
from simulators.arrival import Fact
from simulators.broker import Broker
from simulators.capture_player import CapturePlayer, PlayerOptions
from simulators.fault_proxy import FaultProxy, Line
from simulators.head_office import HeadOffice
from tests.brokers import MOSQUITTO, free_port, mosquitto
from tests.scenarios import far_zones
from tests.scenarios.far_network import FarNetwork
from tests.scenarios.restartable_gateway import RestartableGateway

pytestmark = [pytest.mark.slow, pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")]

FULL = os.environ.get("PROXIMITY_TEST_COUNTS") == "full"
SECONDS = 3_600 if FULL else 600
SPEED = 5.0 if FULL else 8.0
LONG_S = 90.0 if FULL else 12.0
"""A fault longer than it takes to notice that nobody is there (seconds)."""
WHILE_S = 60.0 if FULL else 4.0
SHORT_S = 20.0 if FULL else 2.0
IMPATIENT = {} if FULL else {"KEEPALIVE_S": "5", "RETRY_MAX_S": "2", "CONNECT_TIMEOUT_S": "5"}
RECOVERS_S = 150.0 if FULL else 30.0
WAITS_S = 30.0
"""Within this time something happens in the shop that head office is to know (seconds)."""
OWN = ("gateway.", "receiver.", "clock.")

Facts = Counter[Fact]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with the way: what begins it, how long it lasts, what ends it (None: it does not by itself)."""

    name: str
    begin: Callable[[], Awaitable[None]]
    lasts_s: float
    end: Callable[[], Awaitable[None]] | None


async def test_faults_of_a_proxy_between_gateway_and_broker(tmp_path: Path, undisturbed: Facts) -> None:
    async with (
        Broker() as broker,
        FaultProxy(broker.port) as proxy,
        HeadOffice(broker.url, far_zones.STORE) as office,
    ):
        gateway = _gateway(tmp_path, office, f"mqtt://127.0.0.1:{proxy.port}")
        await _endure(gateway, office, _proxy_faults(proxy))
        assert _facts(office) == undisturbed


async def test_faults_of_the_network_itself(tmp_path: Path, undisturbed: Facts) -> None:
    port = free_port()
    async with (
        FarNetwork() as network,
        mosquitto(tmp_path / "broker", extra=[f"listener {port} {network.near}"]) as broker,
        HeadOffice(broker.url, far_zones.STORE) as office,
    ):
        gateway = _gateway(tmp_path, office, f"mqtt://{network.near}:{port}", network.enter)
        await _endure(gateway, office, _network_faults(network))
        assert _facts(office) == undisturbed


def _proxy_faults(proxy: FaultProxy) -> Sequence[Fault]:
    async def cut() -> None:
        proxy.cut()

    async def forget() -> None:
        proxy.forget()

    async def resets() -> None:
        for _ in range(5):
            proxy.reset()
            await asyncio.sleep(SHORT_S / 5)

    def becomes(line: Line) -> Callable[[], Awaitable[None]]:
        async def change() -> None:
            proxy.line = line

        return change

    good = becomes(Line())
    return (
        Fault("cut", cut, SHORT_S, proxy.mend),
        Fault("resets", resets, 0.0, None),
        Fault("half-open", forget, SHORT_S, None),
        Fault("black hole", becomes(Line(stopped=True)), SHORT_S, good),
        Fault("2 s delay", becomes(Line(delay_s=2.0)), WHILE_S, good),
        Fault("1 kB/s", becomes(Line(bytes_per_s=1_000)), WHILE_S, good),
    )


def _network_faults(network: FarNetwork) -> Sequence[Fault]:
    return (
        Fault("30 % loss", network.lose(0.3), WHILE_S, network.mend),
        Fault("black hole", network.lose(1.0), LONG_S, network.mend),
        Fault("resets", network.reset, SHORT_S, network.mend),
        Fault("link down", network.unplug, SHORT_S, network.plug),
    )


async def _endure(gateway: RestartableGateway, office: HeadOffice, faults: Sequence[Fault]) -> None:
    """A day in which every fault happens and is recovered from; the gateway is stopped at its end."""
    await gateway.start()
    async with _player(gateway, SPEED) as player:
        await office.until(lambda: office.acked > 0, 30)
        for fault in faults:
            recovered_s = await _recover_from(fault, gateway, office)
            sys.stderr.write(f"{fault.name}: recovered in {recovered_s:.1f} s\n")
        player.hurry()
        await player.done()
    await gateway.until_empty()
    assert await gateway.stop() == 0
    assert office.gaps == 0
    assert office.complaints == []
    sys.stderr.write(f"{office.received} events, {office.duplicates} of them more than once\n")


async def _recover_from(fault: Fault, gateway: RestartableGateway, office: HeadOffice) -> float:
    """Seconds from the end of a fault until head office has all that then waited in the outbox, at least one event."""
    await fault.begin()
    await asyncio.sleep(fault.lasts_s)
    async with asyncio.timeout(WAITS_S):
        while (goal := await _given(gateway)) <= office.acked:
            await asyncio.sleep(0.1)
    began_s = time.monotonic()
    if fault.end is not None:
        await fault.end()
    await office.until(lambda: office.acked >= goal, RECOVERS_S)
    return time.monotonic() - began_s


async def _given(gateway: RestartableGateway) -> int:
    """How many events the gateway has committed so far."""
    standing = await standings(gateway.directory / "state", time.time())
    return sum(int(str(stream["next_sequence"])) - 1 for stream in standing)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """What head office learns of the day over a good network."""
    return asyncio.run(_undisturbed(tmp_path_factory.mktemp("undisturbed")))


async def _undisturbed(directory: Path) -> Facts:
    async with Broker() as broker, HeadOffice(broker.url, far_zones.STORE) as office:
        gateway = _gateway(directory, office, broker.url)
        await gateway.start()
        async with _player(gateway, speed=0.0) as player:
            await player.done()
        await gateway.until_empty()
        assert await gateway.stop() == 0
        return _facts(office)


def _gateway(directory: Path, office: HeadOffice, url: str, enter: Sequence[str] = ()) -> RestartableGateway:
    options = {"ALLOW_PLAIN_TEXT": "true", **IMPATIENT}
    under = ("env", *(f"PROXIMITY_MQTT__{name}={value}" for name, value in options.items()), *enter)
    gateway = RestartableGateway(directory, far_zones.STORE, office.signer, url, under)
    documents = {"campaigns": (far_zones.campaigns_document(), 3), "members": (far_zones.members(), 7)}
    gateway.write(far_zones.FLOORPLAN, documents)
    return gateway


def _player(gateway: RestartableGateway, speed: float) -> CapturePlayer:
    lines = far_zones.capture(SECONDS)
    return CapturePlayer(gateway.socket, far_zones.STARTED_UTC_S, lines, PlayerOptions(speed=speed))


def _facts(office: HeadOffice) -> Facts:
    return Counter({fact: n for fact, n in office.facts.items() if not fact[1].startswith(OWN)})
