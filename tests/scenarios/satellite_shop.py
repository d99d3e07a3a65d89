"""A shop of two real gateways, the one that decides and its satellite, around one broker and one simulated BlueZ."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from gateway.codecs.adverts import IBeacon, encode_payload
from gateway.codecs.satellites.batch import sightings_topic
from gateway.codecs.satellites.life import LIFE, Life, decode
from gateway.model.store import StoreRef
from simulators.bluez import SimulatedBluez
from simulators.fault_proxy import FaultProxy
from simulators.head_office import HeadOffice
from simulators.link import Link
from simulators.signer import Signer
from tests.brokers import mosquitto
from tests.scenarios.restartable_gateway import RestartableGateway

STORE = StoreRef("acme", "0042", "gw-1")
UUID = "5f1d0000-0000-4000-8000-00805f9b0001"
ADDRESS = "C0:00:00:00:00:01"
FOB = encode_payload(IBeacon(UUID, 1, 1, -59))
PATIENCE_S = 60.0
FLOORPLAN = f"""
[store]
id = "0042"
tenant = "acme"
timezone = "UTC"
languages = ["en"]
[[zones]]
id = "front"
kind = "entrance"
[[zones]]
id = "back"
kind = "aisle"
[[receivers]]
id = "rx-front"
zone = "front"
[[receivers]]
id = "rx-back"
zone = "back"
[[receivers]]
id = "cam-back"
zone = "back"
[[beacons]]
id = "fob"
mobile = true
format = "ibeacon"
uuid = "{UUID}"
major = 1
minor = 1
[[markers]]
id = "A7"
zone = "back"
"""
ENGINE = """
[store]
tenant = "acme"
id = "0042"
gateway = "gw-1"
floorplan = "floorplan.toml"
[trust]
keys = {{ {key} = "{public_key}" }}
[state]
directory = "state"
[mqtt]
url = "{url}"
[[sources]]
kind = "ble"
receiver = "rx-front"
adapter = "hci0"
[[sources]]
kind = "satellites"
receivers = ["rx-back", "cam-back"]
silence_s = {silence_s}
"""
SATELLITE = """
[store]
tenant = "acme"
id = "0042"
gateway = "gw-2"
role = "satellite"
engine = "gw-1"
[state]
directory = "state"
[mqtt]
url = "{url}"
retry_max_s = 2.0
[[sources]]
kind = "ble"
receiver = "rx-back"
adapter = "hci1"
[[sources]]
kind = "input"
"""


class Daemon(RestartableGateway):
    """A gateway in a folder of its own, with an environment and other words before it."""

    def __init__(self, directory: Path, settings: str, environ: Mapping[str, str], under: Sequence[str] = ()) -> None:
        given = (f"{name}={value}" for name, value in environ.items())
        super().__init__(directory, STORE, Signer(), under=("env", *given, *under))
        directory.mkdir()
        self.settings.write_text(settings)
        (directory / "floorplan.toml").write_text(FLOORPLAN)

    async def scan(self, text: str, receiver: str = "cam-back") -> None:
        """A program beside the gateway read this code; returns once the gateway took the line."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_unix_connection(self.directory / "state" / "input.sock")
                    line = {"medium": "code", "receiver": receiver, "symbology": "qr_code", "text": text}
                    writer.write(json.dumps(line).encode() + b"\n")
                    await writer.drain()
                    writer.close()
                    await writer.wait_closed()
                    return
                await asyncio.sleep(0.1)

    async def says(self, word: str) -> None:
        """Return when its log has the word."""
        async with asyncio.timeout(PATIENCE_S):
            while word not in self.told():
                await asyncio.sleep(0.05)

    def told(self) -> str:
        """All of its log."""
        path = self.directory / "gateway.log"
        return path.read_text() if path.exists() else ""


class Shop:
    """The two gateways, what stands between them, and all that head office heard of them."""

    def __init__(self, deciding: Daemon, satellite: Daemon, link: FaultProxy, bluez: SimulatedBluez) -> None:
        self.deciding = deciding
        self.satellite = satellite
        self.link = link
        self.bluez = bluez
        self.events: list[dict[str, Any]] = []
        self.life = Life("down", "", ())
        """What the satellite, or the broker for it, said of itself last."""

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The events of a type, once each, as they came."""
        return [event for event in self.events if event["type"] == f"proximity.{kind}.v1"]

    def standing(self, receiver: str) -> object:
        """What was told of a receiver last; None while nothing was."""
        told = [event["data"] for event in self.of("receiver.changed")]
        return next((each["status"] for each in reversed(told) if each["receiver"] == receiver), None)

    async def until(self, kind: str, count: int) -> None:
        """Return when head office has so many events of a type."""
        await self.until_told(lambda: len(self.of(kind)) >= count)

    async def until_told(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                await asyncio.sleep(0.05)

    async def carry_fob(self, front_dbm: int, back_dbm: int) -> None:
        """The fob is in the air of both, ten times a second."""
        while True:
            self.bluez.advertise("hci0", ADDRESS, front_dbm, FOB)
            self.bluez.advertise("hci1", ADDRESS, back_dbm, FOB)
            await asyncio.sleep(0.1)


@asynccontextmanager
async def two_gateways(folder: Path, under: Sequence[str] = (), silence_s: float = 5.0) -> AsyncIterator[Shop]:
    """Both run; the satellite reaches the broker by a link of its own, and lives `under` other words.

    The deciding one takes a satellite for dead that says nothing for `silence_s` (seconds).
    """
    shop: Shop

    def lived(_topic: str, payload: bytes, _retained: bool) -> None:
        shop.life = decode(payload)

    async with (
        mosquitto(folder / "broker") as broker,
        FaultProxy(broker.port) as link,
        SimulatedBluez(("hci0", "hci1")) as bluez,
        Link(broker.url, (f"{sightings_topic(STORE)}/{LIFE}/gw-2",), lived, lambda: None),
        HeadOffice(broker.url, STORE, keep=lambda message: shop.events.append(json.loads(message))) as office,
    ):
        environ = {"DBUS_SYSTEM_BUS_ADDRESS": bluez.address}
        signer = office.signer
        deciding = ENGINE.format(key=signer.name, public_key=signer.public_key, url=broker.url, silence_s=silence_s)
        forwarding = SATELLITE.format(url=f"mqtt://127.0.0.1:{link.port}")
        shop = Shop(
            Daemon(folder / "deciding", deciding, environ),
            Daemon(folder / "satellite", forwarding, environ, under),
            link,
            bluez,
        )
        try:
            await asyncio.gather(shop.deciding.start(), shop.satellite.start())
            await asyncio.gather(shop.deciding.says("ready"), shop.satellite.says("ready"))
            yield shop
        finally:
            await asyncio.gather(shop.satellite.end(), shop.deciding.end())
