"""The office walk heard by twelve adapters: a real gateway, bleak and D-Bus decide what `replay` decides."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.cli.replay import played
from gateway.documents.registry import load_unsigned
from gateway.model.documents import FloorPlan
from gateway.model.event import Event
from gateway.storage.outbox import open_outbox
from gateway.storage.secret import load_secret
from simulators.bluez import SimulatedBluez
from tests.corpora import RADIO
from tests.scenarios.restartable_gateway import ROOT

OFFICE = RADIO / "office"
WALK = OFFICE / "straight_03.ndjson"
AGREEING = 0.97

SETTINGS = """
[store]
tenant = "corpus"
id = "office"
gateway = "gw-1"
floorplan = "{floorplan}"

[state]
directory = "state"
"""
SOURCE = """
[[sources]]
kind = "ble"
receiver = "{receiver}"
adapter = "{adapter}"
"""


@asynccontextmanager
async def gateway(directory: Path, adapters: dict[str, str], bus: str) -> AsyncIterator[Process]:
    """A gateway with a receiver for each adapter; at the end it has stopped in good order."""
    sources = "".join(SOURCE.format(receiver=receiver, adapter=adapter) for receiver, adapter in adapters.items())
    settings = directory / "settings.toml"
    settings.write_text(SETTINGS.format(floorplan=OFFICE / "floorplan.toml") + sources)
    with (directory / "gateway.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "gateway", "run", "--settings", str(settings)),
            cwd=ROOT,
            env=os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": bus},
            stdin=DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 60) == 0, (directory / "gateway.log").read_text()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def scanning(bluez: SimulatedBluez, adapters: Iterable[str]) -> None:
    async with asyncio.timeout(60):
        while not all(bluez.scanning(adapter) for adapter in adapters):
            await asyncio.sleep(0.1)
    await asyncio.sleep(2)


async def walk(bluez: SimulatedBluez, lines: Sequence[str], adapters: dict[str, str]) -> None:
    """Send every packet of the walk when it is due."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    for line in map(json.loads, lines):
        await asyncio.sleep(began_s + line["t"] - loop.time())
        sent = bluez.advertise(
            adapters[line["receiver"]], line["address"], line["rssi_dbm"], bytes.fromhex(line["payload"])
        )
        assert sent, line


async def told(state: Path) -> list[Event]:
    """What the stopped gateway wants head office to know of visits."""
    async with open_outbox(state, load_secret(state, {})) as outbox:
        stream = next(each for each in await outbox.standing() if each.stream == "visit")
        return await outbox.after(stream.incarnation, stream.stream, 0, 10_000)


def zones(events: Iterable[Event], seconds: int) -> list[object]:
    """The zone of the one tag in the middle of each second since the first event's visit began."""
    entries = [event for event in events if event.type in {"zone.entered", "zone.left"}]
    began_utc_s = entries[0].time_utc_s
    timeline = [
        (event.recorded_utc_s - began_utc_s, event.data["zone"] if event.type == "zone.entered" else None)
        for event in entries
    ]
    by_second: list[object] = []
    for second in range(seconds):
        known = [zone for at_s, zone in timeline if at_s <= second + 0.5]
        by_second.append(known[-1] if known else None)
    return by_second


@pytest.mark.slow
async def test_the_walk_through_twelve_adapters_gives_the_zones_of_its_replay(tmp_path: Path) -> None:
    _, *lines = WALK.read_text().splitlines()
    seconds = int(json.loads(lines[-1])["t"])
    receivers = sorted({json.loads(line)["receiver"] for line in lines})
    adapters = {receiver: f"hci{number}" for number, receiver in enumerate(receivers)}
    async with SimulatedBluez(tuple(adapters.values())) as bluez, gateway(tmp_path, adapters, bluez.address):
        await scanning(bluez, adapters.values())
        await walk(bluez, lines, adapters)
        await asyncio.sleep(0.5)
    plan = load_unsigned(OFFICE / "floorplan.toml", "floorplan").content
    assert isinstance(plan, FloorPlan)
    with WALK.open() as capture:
        expected = zones(played(capture, OFFICE, plan), seconds)
    found = zones(await told(tmp_path / "state"), seconds)
    agreeing = sum(one == other for one, other in zip(found, expected, strict=True)) / seconds
    assert len(adapters) == 12
    assert len(set(expected)) > 2
    assert agreeing >= AGREEING, list(zip(found, expected, strict=True))
