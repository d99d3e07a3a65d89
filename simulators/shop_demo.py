"""A live shop on this machine: simulated people and Bluetooth around a real gateway, with a page to watch it."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console

from simulators.bluez import SimulatedBluez
from simulators.box.handsets import Handsets
from simulators.box.happenings import Packet
from simulators.box.living_shop import LivingShop
from simulators.box.open_shop import OpenShop, Outlets
from simulators.box.reader_socket import ReaderSocket
from simulators.box.stagehand import Stagehand
from simulators.box.store import Store, read_store
from simulators.broker import Broker, free_port
from simulators.control import ControlServer, NotNow, control_app
from simulators.credentials import member_credential
from simulators.demo_figures import DemoFigures
from simulators.fault_proxy import FaultProxy
from simulators.faults import Faults
from simulators.gateway_process import GatewayProcess
from simulators.head_office import HeadOffice
from simulators.live_record import LiveRecord
from simulators.satellites import Satellites
from simulators.scene import DemoEnd, DemoOptions, Scene, until_told
from simulators.stage import GATEWAY, SHOPS, publish_documents

LEAST_S: Final = 30.0
"""A demo of at least this length injects its faults and must recover from them (seconds)."""

_CREDENTIALS_S: Final = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Troubles:
    """When the two faults come (seconds after the shop opens), and how long each lasts."""

    cut_at_s: float
    pulled_at_s: float
    last_s: float

    @classmethod
    def within(cls, seconds: float | None) -> "Troubles":
        """At a quarter and past the half of a demo of this length; after one and two minutes of one without an end."""
        if seconds is None:
            return cls(60.0, 120.0, 20.0)
        return cls(0.25 * seconds, 0.55 * seconds, 4.0)


@dataclass(frozen=True, slots=True)
class Premises:
    """What stands before the shop opens; `adapters` is the adapter of each Bluetooth receiver."""

    store: Store
    scene: Scene
    record: LiveRecord
    proxy: FaultProxy
    bluez: SimulatedBluez
    satellites: Satellites
    control: ControlServer
    adapters: Mapping[str, str]


async def run_shop(options: DemoOptions, console: Console, told_to_stop: asyncio.Event) -> DemoEnd:
    """Keep the shop open until the time is over or `told_to_stop`, let everything arrive, and count.

    Raises:
        BrokerError, ConnectionError: there is no broker to run it on.
        BusError: there is no D-Bus for the simulated Bluetooth.
        OSError: `options.folder` cannot be written.
        GatewayFailedError: the gateway did not start, died, or did not end well.
    """
    store = read_store(SHOPS / "boutique.toml")
    with_adapter = [receiver for receiver in store.floor.receivers if receiver not in store.floor.satellites]
    adapters = {receiver: f"hci{number}" for number, receiver in enumerate(with_adapter)}
    with (
        TemporaryDirectory(prefix="proximity-demo-") as folder,
        LiveRecord(options.folder or Path(folder)) as record,
    ):
        async with (
            Broker(options.broker) as broker,
            FaultProxy(broker.port) as proxy,
            HeadOffice(broker.url, store.floor.as_store(GATEWAY), keep=record.received) as office,
            SimulatedBluez(tuple(adapters.values())) as bluez,
            Satellites(broker.url, store.floor.as_store(GATEWAY), store.floor.satellites) as satellites,
            ControlServer() as control,
        ):
            gateway = GatewayProcess(
                Path(folder),
                store=office.store,
                floorplan=store.floorplan,
                broker_url=f"mqtt://127.0.0.1:{proxy.port}",
                signer=office.signer,
                http=f"127.0.0.1:{free_port()}",
                sources=[*_hearing(store, adapters, broker.url), _READERS],
                simulator=control.origin,
                environ={"DBUS_SYSTEM_BUS_ADDRESS": bluez.address} | _GROUND_FOR_COUNTING,
            )
            premises = Premises(
                store, Scene(console, broker, office, gateway), record, proxy, bluez, satellites, control, adapters
            )
            async with gateway:
                return await _open(premises, options, told_to_stop)


def _hearing(store: Store, adapters: Mapping[str, str], broker_url: str) -> list[dict[str, object]]:
    """The sources that hear Bluetooth: adapters, and satellites at a broker that is never cut off."""
    radio = {"kind": "ble", "guests": True}
    satellites = {"kind": "satellites", "receivers": store.floor.satellites, "guests": True, "url": broker_url}
    return [*(radio | {"receiver": name, "adapter": adapter} for name, adapter in adapters.items()), satellites]


async def _open(premises: Premises, options: DemoOptions, told_to_stop: asyncio.Event) -> DemoEnd:
    """Wait for the gateway, let people in, make trouble, close."""
    scene, opened_utc_s = premises.scene, time.time()
    office, gateway = scene.office, scene.gateway
    shop = LivingShop(premises.store, opened_utc_s, options.seed)
    members = shop.crowd.members
    publish_documents(office, premises.store.floor, tuple(members.values()), opened_utc_s)
    await gateway.while_alive(scene.ready())
    until_utc_s = opened_utc_s + _CREDENTIALS_S
    credentials = {
        name: member_credential(office.signer, office.store, member.handle, until_utc_s)
        for name, member in members.items()
    }
    async with (
        Handsets(f"http://{gateway.http}", credentials) as handsets,
        ReaderSocket(gateway.state / _READERS["socket"]) as readers,
        Faults(premises.proxy, premises.bluez, office) as faults,
    ):
        air = _Air(premises.bluez, premises.satellites, premises.adapters)
        open_shop = OpenShop(shop, Outlets(air.carry, handsets.tell, readers.hold, premises.record.told))
        stagehand = Stagehand(open_shop, faults, readers, premises.adapters)
        premises.control.begin(control_app(stagehand, f"http://{gateway.http}"))
        await _introduce(premises, options)

        def sensed() -> int:
            return air.carried + handsets.taken + readers.sent

        async with scene.shown(sensed, lambda: _words(faults)):
            await gateway.while_alive(_kept_open(open_shop, stagehand, options, told_to_stop))
            await gateway.while_alive(faults.settle())
            await gateway.while_alive(scene.drained())
        await scene.ended()
        figures = DemoFigures.of(sensed(), office, scene.outbox, faults.recovered)
        return DemoEnd(figures, (*figures.shortfalls(), *_unhealed(faults), *office.complaints))


async def _kept_open(
    open_shop: OpenShop, stagehand: Stagehand, options: DemoOptions, told_to_stop: asyncio.Event
) -> None:
    troubles = asyncio.create_task(_trouble(stagehand, options.seconds), name="demo-troubles")
    try:
        await until_told(options.seconds, told_to_stop, open_shop.run())
    finally:
        troubles.cancel()
        await asyncio.gather(troubles, return_exceptions=True)


async def _trouble(stagehand: Stagehand, seconds: float | None) -> None:
    """Cut the broker off once and pull an adapter out once, unless a button did just that."""
    if seconds is not None and seconds < LEAST_S:
        return
    troubles = Troubles.within(seconds)
    await asyncio.sleep(troubles.cut_at_s)
    with suppress(NotNow):
        stagehand.cut(troubles.last_s)
    await asyncio.sleep(troubles.pulled_at_s - troubles.cut_at_s)
    with suppress(NotNow):
        stagehand.kill_adapter(troubles.last_s, None)


class _Air:
    """Carries packets to the adapters of their receivers, or to satellites, and counts those that were told of."""

    def __init__(self, bluez: SimulatedBluez, satellites: Satellites, adapters: Mapping[str, str]) -> None:
        self._bluez = bluez
        self._satellites = satellites
        self._adapters = adapters
        self.carried = 0

    def carry(self, packet: Packet) -> None:
        """One packet arrives at an antenna."""
        adapter = self._adapters.get(packet.receiver)
        if adapter is None:
            self.carried += self._satellites.hear(packet.receiver, packet.payload, packet.address, packet.rssi_dbm)
        else:
            self.carried += self._bluez.advertise(adapter, packet.address, packet.rssi_dbm, packet.payload)


def _words(faults: Faults) -> str:
    broken = ", ".join(faults.under_way)
    return f"recovered {faults.recovered} of {faults.injected}" + (f" ({broken} out)" if broken else "")


def _unhealed(faults: Faults) -> list[str]:
    left = faults.injected - faults.recovered
    return [f"{left} of {faults.injected} faults were not recovered from"] if left else []


async def _introduce(premises: Premises, options: DemoOptions) -> None:
    scene = premises.scene
    record, gone = premises.record, "" if options.folder else " (gone at the end; -o FOLDER keeps them)"
    code, length = await scene.gateway.invite("staff"), _length(options.seconds)
    people, port = premises.store.people, scene.broker.port
    staff = sum(person.stays for person in people)
    shoppers = sum(not person.stays and not person.on_call for person in people)
    scene.say(
        f"A shop on this machine, {length}: {shoppers} shoppers and {staff} of the staff,",
        "all simulated down to the Bluetooth on D-Bus; the gateway is real.",
        "",
        f"  Watch it  http://{scene.gateway.http}/#code={code}  (the code is good once, for ten minutes)",
        "",
        f"Gateway   python -m gateway run, its health at http://{scene.gateway.http}/healthz",
        f"Controls  the page's buttons, or curl -X POST {premises.control.origin}/cut",
        f"Broker    {scene.broker.name} on port {port}; to listen in: mosquitto_sub -p {port} -v -t 'proximity/#'",
        f"Truth     {record.truth}, with {record.events.name} beside it for `evaluate`{gone}",
        "Head office signs campaigns and members, acknowledges every event and counts.",
    )


def _length(seconds: float | None) -> str:
    return "until Ctrl-C" if seconds is None else f"for {seconds:g} s"


_GROUND_FOR_COUNTING = {
    "PROXIMITY_PRIVACY__CONTROLLER": "the shop of this demonstration",
    "PROXIMITY_PRIVACY__GUESTS_BASIS": "legitimate_interest",
}
_READERS: Final = {"kind": "input", "socket": "input.sock"}
