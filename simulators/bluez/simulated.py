"""The simulated Bluetooth stack: a private bus, a bluetoothd on it, its radios; and every way they fail."""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

from simulators.bluez.bus import PrivateBus
from simulators.bluez.controller import Controller
from simulators.bluez.daemon import Daemon
from simulators.bluez.discovery import Version
from simulators.bluez.peripherals import Peripherals
from simulators.bluez.phone import Phone

Refusal = Literal["InProgress", "NotReady"]
_ANY: Final = Controller()


class SimulatedBluez:
    """`org.bluez` as bleak finds it, of BlueZ 5.66 or 5.82, with or without `--experimental`.

    Inside the context a program started with DBUS_SYSTEM_BUS_ADDRESS set to `address` hears what `advertise` sends.
    It agrees with the two versions over a virtual controller in how many packets of a beacon reach bleak's callback.
    """

    def __init__(
        self,
        adapters: Sequence[str] = ("hci0",),
        *,
        version: Version = "5.82",
        experimental: bool = True,
        controllers: Mapping[str, Controller] | None = None,
    ) -> None:
        """`controllers` says by adapter what its radio is like; others filter duplicates by address."""
        self._controllers = {name: (controllers or {}).get(name, _ANY) for name in adapters}
        self._plugged = dict.fromkeys(adapters, True)
        self._version: Version = version
        self._experimental = experimental
        self._folder = tempfile.TemporaryDirectory(prefix="proximity-bluez-")
        self._bus = PrivateBus(Path(self._folder.name))
        self._daemon: Daemon | None = None
        self._refusing: Refusal | None = None
        self._refusing_advertisements: str | None = None

    @property
    def address(self) -> str:
        """What DBUS_SYSTEM_BUS_ADDRESS has to be."""
        return self._bus.address

    @property
    def lost(self) -> int:
        """Signals of this bluetoothd that the bus was too slow for."""
        return 0 if self._daemon is None else self._daemon.lost

    async def __aenter__(self) -> Self:
        try:
            await self._bus.start()
            await self.start_daemon()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    def advertise(self, adapter: str, address: str, rssi_dbm: int, payload: bytes) -> bool:
        """One packet arrives at the antenna of `adapter`; whether a D-Bus signal went out for it."""
        if self._daemon is None or adapter not in self._daemon.adapters:
            return False
        return self._daemon.adapters[adapter].receive(address, rssi_dbm, payload, asyncio.get_running_loop().time())

    def peripherals(self, adapter: str) -> Peripherals | None:
        """What clients registered on an adapter; None where it is off, or nobody serves it."""
        there = None if self._daemon is None else self._daemon.adapters.get(adapter)
        return there.peripherals if there is not None and there.powered else None

    def refuse_advertisements(self, error: str | None) -> None:
        """Answer every advertisement with this BlueZ error (`NotPermitted`) from now on; None: as it should be."""
        self._refusing_advertisements = error
        for adapter in self._daemon.adapters.values() if self._daemon else ():
            adapter.peripherals.refusing = error

    def phone(self, adapter: str, address: str = "5A:00:00:00:00:01") -> Phone:
        """A phone near `adapter` that can connect to what is advertised there."""
        return Phone(self, adapter, address)

    def scanning(self, adapter: str) -> bool:
        """Whether anybody listens through `adapter`."""
        return self._daemon is not None and adapter in self._daemon.adapters and self._daemon.adapters[adapter].scanning

    def unplug(self, adapter: str) -> None:
        """The radio is pulled out."""
        self._plugged[adapter] = False
        if self._daemon is not None and adapter in self._daemon.adapters:
            self._daemon.unplug(adapter)

    def plug(self, adapter: str) -> None:
        """It is put back."""
        self._plugged[adapter] = True
        if self._daemon is not None and adapter not in self._daemon.adapters:
            self._daemon.plug(adapter, self._controllers[adapter])

    def power(self, adapter: str, on: bool) -> None:
        """The radio is switched on or off (rfkill, `bluetoothctl power off`)."""
        if self._daemon is not None:
            self._daemon.adapters[adapter].power(on)

    def stall(self, adapter: str) -> None:
        """The radio hears nothing more, and nobody is told; a scan that is started anew hears again."""
        if self._daemon is not None:
            self._daemon.adapters[adapter].stalled = True

    def offer_monitors(self) -> None:
        """Be `--experimental` from now on: bluetoothd offers monitors a moment later than the adapter itself."""
        self._experimental = True
        if self._daemon is not None:
            self._daemon.experimental = True

    def refuse(self, error: Refusal | None) -> None:
        """Answer every StartDiscovery with this error from now on; None: as it should be."""
        self._refusing = error
        if self._daemon is not None:
            self._daemon.refusing = error

    async def kill_daemon(self) -> None:
        """Kill bluetoothd."""
        daemon, self._daemon = self._daemon, None
        if daemon is not None:
            await daemon.kill()

    async def start_daemon(self) -> None:
        """Start a new bluetoothd; it knows nothing of what the one before was asked for."""
        if self._daemon is not None:
            return
        daemon = Daemon(self._version, self._experimental)
        daemon.refusing = self._refusing
        plugged = {name: each for name, each in self._controllers.items() if self._plugged[name]}
        await daemon.start(self._bus.socket, plugged)
        self._daemon = daemon
        self.refuse_advertisements(self._refusing_advertisements)

    async def restart_bus(self) -> None:
        """The D-Bus daemon is restarted; bluetoothd goes with it and comes back."""
        await self.kill_daemon()
        await self._bus.stop()
        await self._bus.start()
        await self.start_daemon()

    async def _end(self) -> None:
        await self.kill_daemon()
        await self._bus.stop()
        self._folder.cleanup()
