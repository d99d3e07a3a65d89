"""Asking BlueZ how an adapter stands, on a connection of its own: bleak does not tell when an adapter is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from dbus_fast import BusType, DBusFastError, Message, MessageType
from dbus_fast.aio import MessageBus

from gateway.sensing.ble.trouble import RadioTrouble

PATIENCE_S: Final = 5.0
"""The most that an answer may take (seconds)."""

_BLUEZ: Final = "org.bluez"
_ADAPTER: Final = "org.bluez.Adapter1"
_DBUS_ERROR: Final = "org.freedesktop.DBus.Error."
_UNREACHABLE: Final = (DBusFastError, OSError, EOFError, TimeoutError)


@dataclass(frozen=True, slots=True)
class AdapterState:
    """How an adapter stands; `bluetoothd` names one life of the daemon that says so.

    `peripheral`: other devices may connect to it.
    """

    name: str
    powered: bool
    discovering: bool
    bluetoothd: str
    peripheral: bool


@asynccontextmanager
async def asking_bluez() -> "AsyncIterator[Bluez]":
    """A connection to the system's bus.

    Raises:
        RadioTrouble: there is none.
    """
    try:
        async with asyncio.timeout(PATIENCE_S):
            bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    except _UNREACHABLE as error:
        raise _no_bus(error) from error
    gone = asyncio.create_task(_gone(bus), name="bluez:gone")
    try:
        yield Bluez(bus)
    finally:
        if bus.connected:
            bus.disconnect()
        await gone


async def _gone(bus: MessageBus) -> None:
    """Return when the connection is over, however that came."""
    with suppress(*_UNREACHABLE):
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call] # dbus-fast left it so


class Bluez:
    """Questions to bluetoothd. Each raises RadioTrouble when the answer is that nothing can be heard."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus

    async def find(self, wanted: str | None) -> AdapterState:
        """The adapter of that name or address, or the first one that is on; it is there and on."""
        if wanted is not None and ":" not in wanted:
            return await self.state(wanted)
        reply = await self._ask("/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
        adapters = {path: each[_ADAPTER] for path, each in sorted(reply.body[0].items()) if _ADAPTER in each}
        for path, properties in adapters.items():
            if wanted is None and properties["Powered"].value:
                return _state(path, properties, reply)
            if wanted is not None and properties["Address"].value.lower() == wanted.lower():
                return _on(_state(path, properties, reply))
        if wanted is None and adapters:
            raise _powered_off(", ".join(path.rpartition("/")[2] for path in adapters))
        raise _no_adapter(wanted)

    async def state(self, name: str) -> AdapterState:
        """How the adapter of that name stands; it is there and on."""
        path = f"/org/bluez/{name}"
        reply = await self._ask(path, "org.freedesktop.DBus.Properties", "GetAll", _ADAPTER)
        if "Powered" not in reply.body[0]:
            raise _no_adapter(name)
        return _on(_state(path, reply.body[0], reply))

    def answer(self, answer: Callable[[Message], Message | bool | None]) -> None:
        """Let what others call of us be answered by this, for as long as the connection lasts."""
        self._bus.add_message_handler(answer)

    def send(self, message: Message) -> None:
        """Answer a call that was left open; nothing where the connection is over."""
        if self._bus.connected:
            self._bus.send(message)

    async def register(self, adapter: str, interface: str, member: str, root: str) -> str | None:
        """Have bluetoothd take up what is ours below `root`; the name of its error, None where it did."""
        body = [root, {}]
        reply = await self._call(
            Message(_BLUEZ, f"/org/bluez/{adapter}", interface, member, signature="oa{sv}", body=body)
        )
        return reply.error_name if reply.message_type is MessageType.ERROR else None

    async def _ask(self, path: str, interface: str, member: str, *arguments: str) -> Message:
        signature = "s" * len(arguments)
        reply = await self._call(Message(_BLUEZ, path, interface, member, signature=signature, body=list(arguments)))
        if reply.message_type is MessageType.ERROR:
            raise _refusal(path, reply)
        return reply

    async def _call(self, call: Message) -> Message:
        try:
            async with asyncio.timeout(PATIENCE_S):
                if not self._bus.connected:  # dbus-fast would write to a file descriptor that may be another's by now
                    raise EOFError
                reply = await self._bus.call(call)
        except TimeoutError as error:  # a bus that starts services waits for one that does not come
            raise _no_bluez(f"no answer within {PATIENCE_S:g} s") from error
        except _UNREACHABLE as error:
            raise _no_bus(error) from error
        return reply


def _state(path: str, properties: dict[str, Any], reply: Message) -> AdapterState:
    powered, discovering = properties["Powered"].value, properties["Discovering"].value
    roles = properties["Roles"].value if "Roles" in properties else ()
    return AdapterState(path.rpartition("/")[2], powered, discovering, reply.sender or "", "peripheral" in roles)


def _on(state: AdapterState) -> AdapterState:
    if not state.powered:
        raise _powered_off(state.name)
    return state


def _refusal(path: str, reply: Message) -> RadioTrouble:
    match (reply.error_name or "").removeprefix(_DBUS_ERROR):
        case "UnknownObject" | "UnknownMethod" | "UnknownInterface" | "InvalidArgs":
            return _no_adapter(path.rpartition("/")[2])
        case "AccessDenied":
            return RadioTrouble("denied", "this user may not ask BlueZ: put it into the group bluetooth")
        case name:
            return _no_bluez(name)


def _no_bluez(said: str) -> RadioTrouble:
    hint = f"bluetoothd does not answer ({said}): `systemctl status bluetooth`; scanning goes on by itself"
    return RadioTrouble("no_bluez", hint, values={"said": said})


def _no_bus(error: Exception) -> RadioTrouble:
    said = str(error) or type(error).__name__
    hint = f"the system's D-Bus is not there ({said}): `systemctl status dbus`"
    return RadioTrouble("no_bus", hint, values={"said": said})


def _no_adapter(wanted: str | None) -> RadioTrouble:
    which = "no adapter" if wanted is None else f"no adapter {wanted}"
    hint = f"BlueZ knows {which}: is it plugged in? `bluetoothctl list` shows them; scanning goes on by itself"
    return RadioTrouble("no_adapter", hint, values={} if wanted is None else {"case": "named", "adapter": wanted})


def _powered_off(names: str) -> RadioTrouble:
    return RadioTrouble("powered_off", f"{names} is off: `rfkill unblock bluetooth`, `bluetoothctl power on`")
