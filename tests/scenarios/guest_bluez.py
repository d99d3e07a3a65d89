"""Stands in for bluetoothd on the system bus of a booted guest: who may call what is the bus's own decision.

Runs as root with the gateway's libraries until it is killed; makes the file named once it is there.
"""

import asyncio
import sys
from pathlib import Path

from dbus_fast import BusType, PropertyAccess
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_property, method

ADAPTER = "/org/bluez/hci0"
DEVICE = f"{ADAPTER}/dev_C0_00_00_00_00_01"


class Adapter(ServiceInterface):
    """An adapter that is switched on."""

    def __init__(self) -> None:
        super().__init__("org.bluez.Adapter1")

    @dbus_property(access=PropertyAccess.READ)
    def Address(self) -> "s":  # type: ignore[name-defined] # noqa: F821, N802
        return "C0:00:00:00:00:FE"

    @dbus_property(access=PropertyAccess.READ)
    def Powered(self) -> "b":  # type: ignore[name-defined] # noqa: F821, N802 - D-Bus's signature and name
        return True

    @method()
    def StartDiscovery(self) -> None:  # noqa: N802
        """Begin nothing."""


class Monitors(ServiceInterface):
    """What `bluetoothd --experimental` offers; here it is only there."""

    def __init__(self) -> None:
        super().__init__("org.bluez.AdvertisementMonitorManager1")


class Device(ServiceInterface):
    """A device that could be connected to."""

    def __init__(self) -> None:
        super().__init__("org.bluez.Device1")

    @method()
    def Connect(self) -> None:  # noqa: N802
        """Connect to nothing."""


async def serve(ready: Path) -> None:
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    for path, interface in ((ADAPTER, Adapter()), (ADAPTER, Monitors()), (DEVICE, Device())):
        bus.export(path, interface)
    await bus.request_name("org.bluez")
    ready.touch()
    await bus.wait_for_disconnect()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
