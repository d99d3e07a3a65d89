"""Whatever happens to the radio, nobody leaves the shop for it."""

import asyncio
from pathlib import Path

import pytest

from gateway.core.engine import Engine
from gateway.core.options import CoreOptions
from gateway.model.documents import Beacon, FloorPlan, Receiver, Zone
from gateway.model.event import Event
from gateway.model.inputs import Started
from gateway.model.sighting import IBEACON, BeaconId
from gateway.pipeline import CommitOptions, Pipeline
from gateway.runtime.clock import SystemClock
from gateway.runtime.feed import Feed
from gateway.runtime.health import Health
from gateway.runtime.inbox import Inbox
from gateway.sensing.ble.options import BleOptions
from gateway.sensing.ble.source import BleSource
from gateway.sensing.source import Surroundings, listen
from gateway.storage.batch import Batch
from simulators.bluez import SimulatedBluez
from tests.integration.bluez_side import UUID, no_document, on_bus, transmit, until

OUTAGE_S = 3.0
HASTY = CoreOptions(expiry_min_s=2.0, expiry_max_s=2.0, visit_gap_s=1.0)
"""Presence that lets go long before an outage is over, if it is let."""
PLAN = FloorPlan(
    tenant="acme",
    store="0042",
    timezone="UTC",
    languages=("en",),
    zones={"shop": Zone("shop", "entrance")},
    receivers={"gw-1": Receiver("gw-1", zone="shop")},
    beacons={"fob": Beacon("fob", BeaconId(IBEACON, f"{UUID}/1/1"), mobile=True)},
    markers={},
)


class MemoryStore:
    """Keeps the events of every batch."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def commit(self, batch: Batch) -> None:
        self.events += batch.events

    async def evict_telemetry(self) -> int:
        return 0

    def types(self) -> list[str]:
        return [event.type for event in self.events]


async def unplugged(bluez: SimulatedBluez) -> None:
    bluez.unplug("hci0")
    await asyncio.sleep(OUTAGE_S)
    bluez.plug("hci0")


async def switched_off(bluez: SimulatedBluez) -> None:
    bluez.power("hci0", on=False)
    await asyncio.sleep(OUTAGE_S)
    bluez.power("hci0", on=True)


async def killed(bluez: SimulatedBluez) -> None:
    await bluez.kill_daemon()
    await asyncio.sleep(OUTAGE_S)
    await bluez.start_daemon()


async def bus_restarted(bluez: SimulatedBluez) -> None:
    await bluez.restart_bus()


@pytest.mark.slow
async def test_nobody_leaves_while_the_radio_is_away() -> None:
    inbox, store, begin = Inbox(SystemClock()), MemoryStore(), asyncio.Event()
    engine = Engine(incarnation="0" * 16, id_key=bytes(32), floorplan=PLAN, options=HASTY)
    prompt = CommitOptions(urgent_s=0.01, radio_s=0.05)
    pipeline = Pipeline(inbox=inbox, engine=engine, store=store, feed=Feed(), health=Health(), options=prompt)
    async with on_bus(SimulatedBluez()) as bluez:
        source = BleSource(BleOptions("gw-1", "hci0"), Surroundings(Path(), Health(), no_document))
        await inbox.put(Started("test"))
        begin.set()
        running = asyncio.create_task(pipeline.run())
        listening = asyncio.create_task(listen(source, inbox, begin))
        sending = asyncio.create_task(transmit(bluez, "hci0"))
        await until(lambda: "zone.entered" in store.types())
        for number, fault in enumerate((unplugged, switched_off, killed, bus_restarted), start=1):
            await fault(bluez)
            await until(lambda back=number * 2: store.types().count("receiver.changed") == back)
            assert {"zone.left", "visit.ended"}.isdisjoint(store.types()), fault.__name__
        sending.cancel()
        await until(lambda: "visit.ended" in store.types())
        listening.cancel()
        await asyncio.wait({listening, sending})
        inbox.close()
        await running
