"""BlueZ on the system's D-Bus: running, permitted, with its experimental interface, and the adapters it knows."""

import asyncio
import os
import pwd
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from dbus_fast import BusType, DBusFastError, Message, MessageType
from dbus_fast.aio import MessageBus

from gateway.probes.finding import Finding

PATIENCE_S: Final = 5.0
BLUEZ: Final = "org.bluez"
ADAPTER: Final = "org.bluez.Adapter1"
MONITORS: Final = "org.bluez.AdvertisementMonitorManager1"
OLDEST_TRIED: Final = (5, 66)
_DEAF: Final = "nothing is heard by Bluetooth"
_ANEW: Final = "install the gateway anew, with sudo make install or as its package"


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter as BlueZ shows it, with its own address; `monitors`: it offers passive scanning."""

    name: str
    address: str
    powered: bool
    monitors: bool

    def answers_to(self, wanted: str | None) -> bool:
        """Whether the settings mean this one, by name or by address (None: any)."""
        return wanted is None or wanted == self.name or wanted.lower() == self.address.lower()


@dataclass(frozen=True, slots=True)
class BluezSeen:
    """What D-Bus answered. `no_bus` and `denied` are the words of a refusal; `version` None where it is not known."""

    user: str
    no_bus: str | None = None
    running: bool = False
    version: str | None = None
    denied: str | None = None
    adapters: tuple[Adapter, ...] = ()


async def ask_bluez(bus_address: str | None = None) -> BluezSeen:
    """Ask on the bus at `bus_address`, or the system's, as the user that this process is."""
    user = _account()
    try:
        async with asyncio.timeout(PATIENCE_S):
            bus = await MessageBus(bus_address, BusType.SYSTEM).connect()
    except (OSError, DBusFastError, EOFError) as error:
        return BluezSeen(user, no_bus=_words(error))
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await _ask(bus, user)
    except (OSError, DBusFastError, EOFError) as error:
        return BluezSeen(user, no_bus=f"it does not answer ({_words(error)})")
    finally:
        bus.disconnect()


def _account() -> str:
    """Whose rights this process has; `USER` and `LOGNAME` still name who gave root's up for them."""
    with suppress(KeyError):
        return pwd.getpwuid(os.geteuid()).pw_name
    return str(os.geteuid())


async def _ask(bus: MessageBus, user: str) -> BluezSeen:
    owned = await bus.call(_call("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "NameHasOwner", "s", [BLUEZ]))
    if not owned.body[0]:
        return BluezSeen(user, version=await _version())
    answer = await bus.call(_call(BLUEZ, "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects"))
    if answer.message_type is MessageType.ERROR:
        denied = str(answer.body[0] if answer.body else answer.error_name)
        return BluezSeen(user, running=True, version=await _version(), denied=denied)
    return BluezSeen(user, running=True, version=await _version(), adapters=_adapters(answer.body[0]))


def _call(
    name: str, path: str, interface: str, member: str, signature: str = "", body: Sequence[object] = ()
) -> Message:
    return Message(
        destination=name, path=path, interface=interface, member=member, signature=signature, body=list(body)
    )


def _adapters(objects: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> tuple[Adapter, ...]:
    return tuple(
        Adapter(
            name=path.rpartition("/")[2],
            address=str(interfaces[ADAPTER]["Address"].value),
            powered=bool(interfaces[ADAPTER]["Powered"].value),
            monitors=MONITORS in interfaces,
        )
        for path, interfaces in sorted(objects.items())
        if ADAPTER in interfaces
    )


async def _version() -> str | None:
    """What the installed BlueZ calls itself: D-Bus does not say it."""
    program = shutil.which("bluetoothctl")
    if program is None:
        return None
    try:
        process = await asyncio.create_subprocess_exec(program, "--version", stdout=asyncio.subprocess.PIPE)
        printed, _ = await process.communicate()
    except OSError:
        return None
    return printed.decode(errors="replace").rpartition(" ")[2].strip() or None


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def judge_bluez(seen: BluezSeen, wanted: Sequence[str | None] = (None,)) -> list[Finding]:
    """Bus, daemon, rights, each adapter `wanted` (None: any), experimental interface; what hides the rest is last."""
    if seen.no_bus is not None:
        found = f"no D-Bus: {seen.no_bus}"
        return [Finding("bluez", "problem", found, _DEAF, "sudo apt install dbus bluez && sudo systemctl start dbus")]
    if not seen.running:
        mend = "sudo systemctl enable --now bluetooth"
        if seen.version is None:
            mend = f"sudo apt install bluez && {mend}"
        return [Finding("bluez", "problem", "BlueZ is not running", _DEAF, mend)]
    findings = [_judge_version(seen.version), _judge_rights(seen)]
    if seen.denied is None:
        findings += [_judge_adapter(seen.adapters, name) for name in wanted]
        findings.append(_judge_experimental(seen.adapters))
    return findings


def _judge_version(version: str | None) -> Finding:
    if version is None:
        return Finding("bluez", "ok", "running, its version not known")
    if _number(version) < OLDEST_TRIED:
        oldest = ".".join(map(str, OLDEST_TRIED))
        means = f"older than {oldest}, the oldest that was tried"
        return Finding("bluez", "warning", f"running, {version}", means, "sudo apt update && sudo apt install bluez")
    return Finding("bluez", "ok", f"running, {version}")


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _judge_rights(seen: BluezSeen) -> Finding:
    if seen.denied is None:
        return Finding("dbus-rights", "ok", f"{seen.user} may ask BlueZ")
    mend = f"{_ANEW} (it brings dbus-1/system.d/proximity-gateway.conf)"
    return Finding("dbus-rights", "problem", f"{seen.user} may not ask BlueZ: {seen.denied}", _DEAF, mend)


def _judge_adapter(adapters: Sequence[Adapter], name: str | None) -> Finding:
    if not adapters:
        mend = "plug one in, or take dtoverlay=disable-bt out of config.txt; `sudo dmesg | grep -i blue` says more"
        return Finding("adapter", "problem", "no Bluetooth adapter", _DEAF, mend)
    chosen = next((adapter for adapter in adapters if adapter.answers_to(name)), None)
    if chosen is None:
        found = f"no adapter {name}; there is {', '.join(adapter.name for adapter in adapters)}"
        return Finding(
            "adapter", "problem", found, f"the source on {name} hears nothing", "correct its adapter in the settings"
        )
    if not chosen.powered:
        return Finding("adapter", "problem", f"{chosen.name} is switched off", _DEAF, "bluetoothctl power on")
    return Finding("adapter", "ok", f"{chosen.name}, switched on")


def _judge_experimental(adapters: Sequence[Adapter]) -> Finding:
    lacking = [adapter.name for adapter in adapters if not adapter.monitors]
    if not adapters:
        return Finding("experimental", "skipped", "seen on an adapter only")
    if lacking:
        means = "no passive scan: radios that filter duplicates report a beacon once in ten seconds"
        mend = f"{_ANEW} (it brings bluetooth.service.d/proximity-gateway.conf), then sudo systemctl restart bluetooth"
        return Finding(
            "experimental", "problem", f"no AdvertisementMonitorManager1 on {', '.join(lacking)}", means, mend
        )
    return Finding("experimental", "ok", "AdvertisementMonitorManager1 is there")
