"""Two scans of one adapter that together tell every packet.

A passive scan makes the kernel turn off the radio's filter of duplicates; an active one with a filter on the level
makes BlueZ signal each packet. Either alone loses most of what a beacon sends.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Literal

from bleak import BleakScanner
from bleak.args.bluez import BlueZDiscoveryFilters, BlueZScannerArgs
from bleak.backends.bluezdbus.manager import get_global_bluez_manager
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakDBusError, BleakError
from dbus_fast import DBusFastError

from gateway.sensing.ble.patterns import OR_PATTERNS
from gateway.sensing.ble.trouble import RadioTrouble

Mode = Literal["both", "active_only", "passive_only"]
Hear = Callable[[AdvertisementData, str], None]
"""Takes what bleak tells of one packet, and the transmitter's address."""

FAILURES: Final = (BleakError, DBusFastError, OSError, EOFError, AssertionError, TimeoutError)
"""What bleak raises for a radio, a bluetoothd or a bus that is not there or does not want to."""
STEP_S: Final = 5.0
"""The most that BlueZ may take to start or stop one scan (seconds)."""

_EVERY_PACKET: Final[BlueZDiscoveryFilters] = {"RSSI": -127, "DuplicateData": True}
_IN_PROGRESS: Final = "org.bluez.Error.InProgress"


class Scan:
    """The scans of one adapter from `start` to `stop`; `hear` is called by one of them only.

    Attributes:
        why_not_passive: What BlueZ said to the passive scan; None while it runs.
    """

    def __init__(self, adapter: str, hear: Hear) -> None:
        self.why_not_passive: str | None = None
        self._hear = hear
        args: BlueZScannerArgs = {"adapter": adapter, "or_patterns": [*OR_PATTERNS]}
        self._passive = BleakScanner(self._from_passive, scanning_mode="passive", bluez=args)
        self._active = BleakScanner(self._from_active, bluez={"adapter": adapter, "filters": _EVERY_PACKET})
        self._passive_runs = False
        self._active_runs = False

    @property
    def mode(self) -> Mode | None:
        """What was obtained; None when nothing runs."""
        if self._active_runs:
            return "both" if self._passive_runs else "active_only"
        return "passive_only" if self._passive_runs else None

    async def start(self) -> None:
        """Start what can be had: the passive scan first.

        Raises:
            RadioTrouble: neither runs.
        """
        await self._start_passive()
        await self._start_active()

    async def complete(self) -> None:
        """Try again to start the scan that is missing: the other program has ended, bluetoothd has caught up.

        Raises:
            RadioTrouble: the radio cannot be used at all any more.
        """
        if not self._passive_runs:
            await self._start_passive()
        if not self._active_runs:
            await self._start_active()

    async def _start_passive(self) -> None:
        try:
            await _within_step(self._passive.start())
        except FAILURES as error:
            self.why_not_passive = str(error) or type(error).__name__
        else:
            self.why_not_passive = None
            self._passive_runs = True

    async def _start_active(self) -> None:
        """While another program's active scan is in the way, the passive one has to do."""
        try:
            await _within_step(self._active.start())
        except FAILURES as error:
            if not (self._passive_runs and _error_name(error) == _IN_PROGRESS):
                raise _trouble(error) from error
        else:
            self._active_runs = True

    async def stop(self) -> bool:
        """End both. False when there is no bus to say it on: bleak keeps the scanners until they are stopped later.

        A radio or a bluetoothd that is gone makes their `stop` fail, which changes nothing.
        """
        self._active_runs = self._passive_runs = False
        try:
            await _within_step(_reconnected())
        except FAILURES:
            return False
        for scanner in (self._active, self._passive):
            try:
                await _within_step(scanner.stop())
            except FAILURES:
                continue
        return True

    def _from_active(self, device: BLEDevice, advertisement: AdvertisementData) -> None:
        if self._active_runs:
            self._hear(advertisement, device.address)

    def _from_passive(self, device: BLEDevice, advertisement: AdvertisementData) -> None:
        if self._passive_runs and not self._active_runs:
            self._hear(advertisement, device.address)


async def _reconnected() -> None:
    """Have bleak connect to the bus again where its connection broke: dbus-fast must not write to a dead one."""
    await get_global_bluez_manager()


async def _within_step(work: Awaitable[None]) -> None:
    async with asyncio.timeout(STEP_S):
        await work


def _error_name(error: BaseException) -> str:
    return error.dbus_error if isinstance(error, BleakDBusError) else ""


def _trouble(error: Exception) -> RadioTrouble:
    match _error_name(error):
        case name if name == _IN_PROGRESS:
            hint = "another program scans and BlueZ lets nobody else: end it, or restart bluetooth.service"
            return RadioTrouble("busy", hint)
        case "org.bluez.Error.NotReady":
            return RadioTrouble(
                "powered_off", "the adapter is off: `rfkill unblock bluetooth`, `bluetoothctl power on`"
            )
    said = f"{type(error).__name__}: {error}"
    hint = f"BlueZ does not scan ({said}); it is tried again, `doctor` looks closer"
    return RadioTrouble("scan_refused", hint, values={"said": said})
