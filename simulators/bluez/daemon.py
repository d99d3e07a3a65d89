"""bluetoothd as its clients see it: the name `org.bluez`, its methods, and the objects below it."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from dbus_fast import Message, MessageFlag, MessageType

from simulators.bluez.adapter import ADAPTER, MONITORS, Adapter
from simulators.bluez.connection import OBJECTS, PROPERTIES, Connection
from simulators.bluez.controller import Controller
from simulators.bluez.discovery import DiscoveryFilter, Version
from simulators.bluez.monitor import patterns_of
from simulators.bluez.peripherals import ADVERTISING, GATT, Peripherals

NAME: Final = "org.bluez"
EXPIRE_EVERY_S: Final = 0.1
"""How often it is seen who was not heard for long (seconds); the real one has a timer a device."""
_MONITOR: Final = "org.bluez.AdvertisementMonitor1"
_ERROR: Final = "org.bluez.Error."
_MATCHES: Final = (
    f"type='signal',interface='{OBJECTS}'",
    "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'",
)
_PRIMARY_OWNER: Final = 1
LATER: Final = ("", [object()])
"""Stands for an answer that is sent once a client has answered."""


class Refused(Exception):
    """A method answers with this D-Bus error."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


class Daemon:
    """One life of bluetoothd; what its clients asked for dies with it.

    Attributes:
        adapters: By name, those that are plugged in.
        experimental: Whether adapters have advertisement monitors.
        refusing: The BlueZ error (`InProgress`) with which every StartDiscovery is answered; None = as it should be.
    """

    def __init__(self, version: Version, experimental: bool) -> None:
        self.adapters: dict[str, Adapter] = {}
        self.experimental = experimental
        self.refusing: str | None = None
        self._version: Version = version
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self._asked: dict[int, Callable[[Message], None]] = {}
        self._methods: Mapping[tuple[str, str], Callable[[Message], tuple[str, list[Any]] | None]] = {
            (OBJECTS, "GetManagedObjects"): self._managed_objects,
            (PROPERTIES, "GetAll"): self._get_all,
            (PROPERTIES, "Get"): self._get,
            (ADAPTER, "SetDiscoveryFilter"): self._set_filter,
            (ADAPTER, "StartDiscovery"): self._start_discovery,
            (ADAPTER, "StopDiscovery"): self._stop_discovery,
            (MONITORS, "RegisterMonitor"): self._register_monitor,
            (MONITORS, "UnregisterMonitor"): self._unregister_monitor,
            (GATT, "RegisterApplication"): self._peripheral,
            (GATT, "UnregisterApplication"): self._peripheral,
            (ADVERTISING, "RegisterAdvertisement"): self._peripheral,
            (ADVERTISING, "UnregisterAdvertisement"): self._peripheral,
        }

    @property
    def lost(self) -> int:
        """Signals that the bus was too slow for."""
        return 0 if self._connection is None else self._connection.lost

    async def start(self, socket: Path, controllers: Mapping[str, Controller]) -> None:
        """Connect to the bus, find the adapters, take the name.

        Raises:
            OSError: there is no bus.
        """
        self._connection = await Connection.open(socket)
        for rule in _MATCHES:
            await self._connection.ask("AddMatch", "s", (rule,))
        answer = await self._connection.ask("RequestName", "su", (NAME, 0))
        if answer.body[0] != _PRIMARY_OWNER:
            msg = f"{NAME} is taken on this bus: give the simulation a bus of its own"
            raise RuntimeError(msg)
        self._task = asyncio.create_task(self._serve(self._connection), name="simulated-bluetoothd")
        for name, controller in controllers.items():
            self.plug(name, controller)

    async def kill(self) -> None:
        """End at once: no goodbye, no signal but the bus's own.

        Raises:
            ExceptionGroup: the simulation itself had failed before.
        """
        if self._connection is not None:
            self._connection.abort()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def plug(self, name: str, controller: Controller) -> None:
        """A radio is there, and switched on (AutoEnable)."""
        peripherals = Peripherals(self._call, self._reply)
        adapter = Adapter(name, controller, self._version, self.experimental, self._signal, peripherals)
        self.adapters[name] = adapter
        adapter.appear()

    def unplug(self, name: str) -> None:
        """A radio is gone."""
        self.adapters.pop(name).disappear()

    async def _serve(self, connection: Connection) -> None:
        """Until the connection breaks; a fault in here breaks it, so that no client waits for an answer for ever."""
        try:
            async with asyncio.TaskGroup() as group:
                expiring = group.create_task(self._expire(), name="simulated-bluetoothd:expiry")
                async for message in connection.messages():
                    self._take(message, connection)
                expiring.cancel()
        finally:
            connection.abort()

    def _take(self, message: Message, connection: Connection) -> None:
        if message.message_type is MessageType.SIGNAL:
            self._hear_signal(message)
        elif message.message_type is MessageType.METHOD_CALL:
            answer = self._answer(message)
            if answer is not None and not message.flags & MessageFlag.NO_REPLY_EXPECTED:
                connection.send(answer)
        elif (taken := self._asked.pop(message.reply_serial, None)) is not None:
            taken(message)

    async def _expire(self) -> None:
        while True:
            await asyncio.sleep(EXPIRE_EVERY_S)
            for adapter in self.adapters.values():
                adapter.expire(_mono_s())

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> bool:
        return self._connection is not None and self._connection.signal(path, interface, member, signature, body)

    def _call(self, call: Message, take: Callable[[Message], None]) -> None:
        """Call a client; its answer is taken when it comes."""
        if self._connection is not None:
            self._asked[self._connection.send(call)] = take

    def _reply(self, answer: Message) -> None:
        if self._connection is not None:
            self._connection.send(answer)

    def _answer(self, call: Message) -> Message | None:
        """The answer to a call; None where it comes later."""
        method = self._methods.get((call.interface or "", call.member or ""))
        try:
            if method is None:
                msg = f"{call.interface}.{call.member} is not simulated"
                raise Refused("org.freedesktop.DBus.Error.UnknownMethod", msg)
            answer = method(call)
            if answer is LATER:
                return None
            signature, body = answer or ("", [])
        except Refused as refused:
            return Message.new_error(call, refused.name, str(refused))
        return Message.new_method_return(call, signature, body)

    def _managed_objects(self, _call: Message) -> tuple[str, list[Any]]:
        objects: dict[str, Any] = {"/org/bluez": {"org.bluez.AgentManager1": {}}}
        for adapter in self.adapters.values():
            objects |= adapter.objects()
        return "a{oa{sa{sv}}}", [objects]

    def _get_all(self, call: Message) -> tuple[str, list[Any]]:
        for adapter in self.adapters.values():
            if (interfaces := adapter.interfaces(call.path or "")) is not None:
                return "a{sv}", [interfaces.get(call.body[0], {})]
        raise _unknown_object(call)

    def _get(self, call: Message) -> tuple[str, list[Any]]:
        interface, name = call.body
        _, (properties,) = self._get_all(Message(path=call.path, member="GetAll", signature="s", body=[interface]))
        if name not in properties:
            raise Refused("org.freedesktop.DBus.Error.InvalidArgs", f"No such property '{name}'")
        return "v", [properties[name]]

    def _set_filter(self, call: Message) -> None:
        adapter = self._ready(call)
        try:
            adapter.filters[call.sender or ""] = DiscoveryFilter.of(call.body[0])
        except ValueError as error:
            raise Refused(f"{_ERROR}InvalidArguments", str(error)) from error

    def _start_discovery(self, call: Message) -> None:
        adapter = self._ready(call)
        if self.refusing is not None:
            raise Refused(f"{_ERROR}{self.refusing}", "refused by the simulation")
        if call.sender in adapter.sessions:
            raise Refused(f"{_ERROR}InProgress", "Operation already in progress")
        adapter.start_discovery(call.sender or "", _mono_s())

    def _stop_discovery(self, call: Message) -> None:
        adapter = self._ready(call)
        if call.sender not in adapter.sessions:
            raise Refused(f"{_ERROR}Failed", "No discovery started")
        adapter.stop_discovery(call.sender)

    def _register_monitor(self, call: Message) -> None:
        adapter = self._adapter(call)
        if not self.experimental:
            msg = f'Method "RegisterMonitor" with signature "o" on interface "{MONITORS}" doesn\'t exist'
            raise Refused("org.freedesktop.DBus.Error.UnknownMethod", msg)
        key = (call.sender or "", call.body[0])
        if key in adapter.monitors:
            raise Refused(f"{_ERROR}AlreadyExists", "Already Exists")
        adapter.monitors[key] = {}

    def _unregister_monitor(self, call: Message) -> None:
        if self._adapter(call).monitors.pop((call.sender or "", call.body[0]), None) is None:
            raise Refused(f"{_ERROR}DoesNotExist", "Does Not Exist")

    def _peripheral(self, call: Message) -> tuple[str, list[Any]] | None:
        """What is registered on an adapter; a registration is answered once the client's objects were read."""
        adapter = self._ready(call)
        if call.interface not in (adapter.interfaces(adapter.path) or {}):
            raise Refused("org.freedesktop.DBus.Error.UnknownMethod", f"{adapter.path} has no {call.interface}")
        peripherals = adapter.peripherals
        match call.member:
            case "RegisterApplication":
                error = peripherals.register_application(call)
            case "RegisterAdvertisement":
                error = peripherals.register_advertisement(call)
            case "UnregisterApplication":
                error = peripherals.unregister(peripherals.services, call)
            case _:
                error = peripherals.unregister(peripherals.advertisements, call)
        if error is not None:
            raise Refused(f"{_ERROR}{error}", error)
        return LATER if str(call.member).startswith("Register") else None

    def _ready(self, call: Message) -> Adapter:
        adapter = self._adapter(call)
        if not adapter.powered:
            raise Refused(f"{_ERROR}NotReady", "Resource Not Ready")
        return adapter

    def _adapter(self, call: Message) -> Adapter:
        for adapter in self.adapters.values():
            if adapter.path == call.path:
                return adapter
        raise _unknown_object(call)

    def _hear_signal(self, signal: Message) -> None:
        match signal.member, signal.body:
            case "NameOwnerChanged", [name, _, ""]:
                for adapter in self.adapters.values():
                    adapter.client_gone(name)
            case "InterfacesAdded", [path, interfaces] if _MONITOR in interfaces:
                self._add_monitor(signal.sender or "", path, interfaces[_MONITOR])
            case "InterfacesRemoved", [path, interfaces] if _MONITOR in interfaces:
                for monitors in self._monitors_of(signal.sender or "", path):
                    monitors.pop(path, None)

    def _add_monitor(self, client: str, path: str, properties: Mapping[str, Any]) -> None:
        """BlueZ reads a monitor when its object appears below a registered root, then takes it or releases it."""
        for monitors in self._monitors_of(client, path):
            patterns = patterns_of(properties["Patterns"].value)
            if patterns:
                monitors[path] = patterns
            if self._connection is not None:
                member = "Activate" if patterns else "Release"
                self._connection.send(Message(client, path, _MONITOR, member, flags=MessageFlag.NO_REPLY_EXPECTED))

    def _monitors_of(self, client: str, path: str) -> list[dict[str, Any]]:
        return [
            monitors
            for adapter in self.adapters.values()
            for (owner, root), monitors in adapter.monitors.items()
            if owner == client and path.startswith(root)
        ]


def _unknown_object(call: Message) -> Refused:
    return Refused("org.freedesktop.DBus.Error.UnknownObject", f"{call.path} is not there")


def _mono_s() -> float:
    return asyncio.get_running_loop().time()
