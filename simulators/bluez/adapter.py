"""`org.bluez.Adapter1`: one radio as bluetoothd has it, from a packet in the air to a signal on the bus."""

from collections.abc import Callable
from typing import Any, Final

from dbus_fast import Variant

from simulators.bluez.connection import OBJECTS, PROPERTIES
from simulators.bluez.controller import Controller, DuplicateFilter
from simulators.bluez.device import RSSI_THRESHOLD_DB, TEMPORARY_S, Device
from simulators.bluez.discovery import DiscoveryFilter, Version
from simulators.bluez.monitor import Pattern
from simulators.bluez.packet import read_packet
from simulators.bluez.peripherals import ADVERTISING, GATT, MOST_ADVERTISEMENTS, Peripherals

ADAPTER: Final = "org.bluez.Adapter1"
DEVICE: Final = "org.bluez.Device1"
MONITORS: Final = "org.bluez.AdvertisementMonitorManager1"

Interfaces = dict[str, dict[str, Variant]]
Signal = Callable[[str, str, str, str, list[Any]], bool]
"""Sends a signal: path, interface, member, signature, body; False when it was lost."""


class Adapter:
    """A radio with its clients: discovery sessions and monitors by the bus name of who asked.

    Attributes:
        path: Its object path.
        filters: What each client asked of discoveries.
        sessions: Clients whose discovery runs.
        monitors: (client, root path) to the patterns of each monitor below that root.
        peripherals: Services and advertisements that clients put on it.
        stalled: A radio that hears nothing more and says nothing of it, until its scan is started anew.
    """

    def __init__(
        self,
        name: str,
        controller: Controller,
        version: Version,
        experimental: bool,
        signal: Signal,
        peripherals: Peripherals,
    ) -> None:
        self.path = f"/org/bluez/{name}"
        self.filters: dict[str, DiscoveryFilter] = {}
        self.sessions: set[str] = set()
        self.monitors: dict[tuple[str, str], dict[str, tuple[Pattern, ...]]] = {}
        self.stalled = False
        self._controller = controller
        self._version = version
        self._signal = signal
        self._duplicates = DuplicateFilter(controller)
        self._devices: dict[str, Device] = {}
        self.peripherals = peripherals
        self._interfaces = _interfaces(name, experimental, peripheral=controller.peripheral)

    @property
    def powered(self) -> bool:
        """Whether it is switched on."""
        return bool(self._interfaces[ADAPTER]["Powered"].value)

    @property
    def monitored(self) -> bool:
        """Whether a monitor is active: the kernel then turns the radio's filter of duplicates off."""
        return any(patterns for monitors in self.monitors.values() for patterns in monitors.values())

    @property
    def scanning(self) -> bool:
        """Whether anybody listens."""
        return self.powered and (bool(self.sessions) or self.monitored)

    def objects(self) -> dict[str, Interfaces]:
        """It and its devices, by path."""
        devices = {device.path: {DEVICE: device.properties} for device in self._devices.values()}
        return {self.path: self._interfaces} | devices

    def interfaces(self, path: str) -> Interfaces | None:
        """The interfaces of the object at `path`, if it is the adapter or one of its devices."""
        return self._interfaces if path == self.path else self.objects().get(path)

    def appear(self) -> None:
        """Announce it to the bus."""
        self._signal("/", OBJECTS, "InterfacesAdded", "oa{sa{sv}}", [self.path, self._interfaces])

    def disappear(self) -> None:
        """Take it and its devices off the bus; clients hear nothing else."""
        for device in [*self._devices.values()]:
            self._forget(device)
        self._signal("/", OBJECTS, "InterfacesRemoved", "oas", [self.path, list(self._interfaces)])

    def receive(self, address: str, rssi_dbm: int, payload: bytes, mono_s: float) -> bool:
        """One packet in the air; whether a signal went out for it."""
        if not self.scanning or self.stalled:
            return False
        if not self.monitored and not self._duplicates.passes(address, payload, mono_s):
            return False
        packet = read_packet(payload)
        wanted = [self.filters.get(client, DiscoveryFilter()) for client in self.sessions]
        if not any(each.passes(rssi_dbm) for each in wanted) and not self._matched(packet.structures):
            return False
        filtered = any(each.filters(self._version, self._controller.dual_mode) for each in wanted)
        again = any(each.duplicate_data for each in wanted)
        device = self._devices.get(address)
        known = device is not None
        if device is None:
            device = self._devices[address] = Device(self.path, address)
        device.heard_s = mono_s
        news = device.hear(packet, rssi_dbm, again=again, threshold_db=0 if filtered else RSSI_THRESHOLD_DB)
        if not known:
            body = [device.path, {DEVICE: device.properties}]
            return self._signal("/", OBJECTS, "InterfacesAdded", "oa{sa{sv}}", body)
        return bool(news) and self._changed(device.path, DEVICE, news)

    def start_discovery(self, client: str, mono_s: float) -> None:
        """A client's discovery runs from now on."""
        if not self.sessions:
            self._duplicates.begin(mono_s)
        self.sessions.add(client)
        self._set("Discovering", True)

    def stop_discovery(self, client: str) -> None:
        """A client's discovery is over; with the last one, levels are no longer valid."""
        self.sessions.discard(client)
        if self.sessions:
            return
        self.stalled = False
        self._set("Discovering", False)
        for device in self._devices.values():
            if device.properties.pop("RSSI", None) is not None:
                self._changed(device.path, DEVICE, {}, ["RSSI"])

    def client_gone(self, client: str) -> None:
        """A client left the bus: all that it asked for is over."""
        self.filters.pop(client, None)
        self.peripherals.client_gone(client)
        for key in [key for key in self.monitors if key[0] == client]:
            del self.monitors[key]
        if client in self.sessions:
            self.stop_discovery(client)

    def power(self, on: bool) -> None:
        """Switch it. Off ends every discovery; monitors stay registered."""
        self._set("Powered", on)
        if not on:
            for client in [*self.sessions]:
                self.stop_discovery(client)

    def expire(self, mono_s: float) -> None:
        """Forget devices that were not heard for `TEMPORARY_S`."""
        for device in [device for device in self._devices.values() if mono_s - device.heard_s > TEMPORARY_S]:
            self._forget(device)

    def _matched(self, structures: tuple[tuple[int, bytes], ...]) -> bool:
        return any(
            pattern.matches(structures)
            for monitors in self.monitors.values()
            for patterns in monitors.values()
            for pattern in patterns
        )

    def _forget(self, device: Device) -> None:
        del self._devices[str(device.properties["Address"].value)]
        self._signal("/", OBJECTS, "InterfacesRemoved", "oas", [device.path, [DEVICE]])

    def _set(self, name: str, value: bool) -> None:
        properties = self._interfaces[ADAPTER]
        if properties[name].value != value:
            properties[name] = Variant("b", value)
            self._changed(self.path, ADAPTER, {name: properties[name]})

    def _changed(
        self, path: str, interface: str, news: dict[str, Variant], invalidated: list[str] | None = None
    ) -> bool:
        return self._signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface, news, invalidated or []])


def _interfaces(name: str, experimental: bool, *, peripheral: bool) -> Interfaces:
    digits = "".join(each for each in name if each.isdigit()) or "0"
    interfaces: Interfaces = {
        ADAPTER: {
            "Address": Variant("s", f"00:AA:01:00:00:{int(digits) & 0xFF:02X}"),
            "AddressType": Variant("s", "public"),
            "Name": Variant("s", "simulated"),
            "Alias": Variant("s", "simulated"),
            "Class": Variant("u", 0),
            "Powered": Variant("b", True),
            "Discovering": Variant("b", False),
            "UUIDs": Variant("as", []),
            "Roles": Variant("as", ["central", "peripheral", "central-peripheral"] if peripheral else ["central"]),
        }
    }
    interfaces[GATT] = {}
    if peripheral:
        interfaces[ADVERTISING] = {
            "ActiveInstances": Variant("y", 0),
            "SupportedInstances": Variant("y", MOST_ADVERTISEMENTS),
        }
    if experimental:
        interfaces[MONITORS] = {
            "SupportedMonitorTypes": Variant("as", ["or_patterns"]),
            "SupportedFeatures": Variant("as", []),
        }
    return interfaces
