"""A Bluetooth source on a simulated BlueZ: what it yields, gathered."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.codecs.adverts import IBeacon, encode_payload
from gateway.model.inputs import DocumentReady, ReceiverHealth
from gateway.model.sighting import Sighting
from gateway.runtime.health import Health
from gateway.sensing.ble.options import BleOptions
from gateway.sensing.ble.source import BleSource
from gateway.sensing.source import Surroundings
from simulators.bluez import SimulatedBluez

UUID = "5f1d0000-0000-4000-8000-00805f9b0001"
ADDRESS = "C0:00:00:00:00:01"
PERIOD_S = 0.05


def beacon(minor: int = 1) -> bytes:
    return encode_payload(IBeacon(UUID, 1, minor, -59))


def no_document(_path: Path, _name: str) -> DocumentReady:
    raise NotADirectoryError


class Listener:
    """Takes all that a source yields, as the inbox would.

    Attributes:
        sightings: In order; `told`: every word of the receiver's health, in order.
    """

    def __init__(self, options: BleOptions) -> None:
        self.health = Health()
        self.sightings: list[Sighting] = []
        self.told: list[str] = []
        self.source = BleSource(options, Surroundings(Path(), self.health, no_document))

    async def listen(self) -> None:
        async with self.source:
            async for sensed in self.source:
                match sensed.input:
                    case ReceiverHealth(_, status):
                        assert not sensed.lossy
                        self.told.append(status)
                    case Sighting() as sighting:
                        assert sensed.lossy
                        self.sightings.append(sighting)

    @property
    def code(self) -> str:
        """The receiver's condition; empty while there is none."""
        return next((each.code for each in self.health.conditions() if each.part == "source:gw-1"), "")

    async def hears(self) -> None:
        """Return when another packet came through."""
        so_far = len(self.sightings)
        await until(lambda: len(self.sightings) > so_far)


async def until(true: Callable[[], bool], within_s: float = 90.0) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def on_bus(bluez: SimulatedBluez) -> AsyncIterator[SimulatedBluez]:
    """The simulated BlueZ as this process's system bus; bleak's connection to it ends with it."""
    before = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS")
    try:
        async with bluez:
            os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = bluez.address
            yield bluez
        await asyncio.sleep(0.1)
    finally:
        os.environ.pop("DBUS_SYSTEM_BUS_ADDRESS", None)
        if before is not None:
            os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = before


@asynccontextmanager
async def listening(
    bluez: SimulatedBluez, *, adapter: str | None = "hci0", silence_s: float = 30.0, beacon_on: str | None = "hci0"
) -> AsyncIterator[Listener]:
    """A receiver gw-1, and one beacon in the air of `beacon_on`, twenty times a second, always the same."""
    async with on_bus(bluez):
        listener = Listener(BleOptions("gw-1", adapter, silence_s))
        tasks = [asyncio.create_task(listener.listen())]
        if beacon_on is not None:
            tasks.append(asyncio.create_task(transmit(bluez, beacon_on)))
        try:
            yield listener
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(result, asyncio.CancelledError) for result in results), results


async def transmit(bluez: SimulatedBluez, adapter: str) -> None:
    while True:
        bluez.advertise(adapter, ADDRESS, -60, beacon())
        await asyncio.sleep(PERIOD_S)
