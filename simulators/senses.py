"""All that the demo's shop can be heard and read with: Bluetooth, satellites, a camera, a scanner, a reader."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulators.bluez import SimulatedBluez
from simulators.box.hand_scanner import HandScanner
from simulators.box.happenings import Packet
from simulators.box.held_camera import HeldCamera
from simulators.box.poster_readers import hang_posters
from simulators.box.tag_reader import TagReader
from simulators.floor import Floor
from simulators.foreign_satellites import ForeignSatellites
from simulators.satellites import Satellites
from simulators.stage import GATEWAY

OWN: Final = ("sat-1",)
"""The boutique's satellites with our firmware."""
FOREIGN: Final[Mapping[str, str]] = {"sat-2": "espresense", "sat-3": "theengs"}
"""Those with others', and how they speak."""
SATELLITE: Final = "gw-3"
"""The receiver that a second gateway of the shop hears with, as a satellite; its own name too."""
LINES: Final[Mapping[str, str]] = {"kind": "input", "socket": "input.sock"}
"""The source that takes tags as lines, where this machine can have no NFC reader."""

_GROUND_FOR_COUNTING: Final[Mapping[str, str]] = {
    "PROXIMITY_PRIVACY__CONTROLLER": "the shop of this demonstration",
    "PROXIMITY_PRIVACY__GUESTS_BASIS": "legitimate_interest",
}


@dataclass(slots=True)
class Senses:
    """What stands in the shop.

    `adapters` is the adapter of each Bluetooth receiver, `posters` the folder of what hangs there to be filmed,
    `carried` the packets heard.
    """

    floor: Floor
    adapters: Mapping[str, str]
    bluez: SimulatedBluez
    satellites: Satellites
    foreign: ForeignSatellites
    camera: HeldCamera
    reader: TagReader
    scanner: HandScanner
    posters: Path
    carried: int = 0

    @property
    def environ(self) -> Mapping[str, str]:
        """Where a gateway finds BlueZ and pcscd, and why it may count strangers."""
        bus, socket = self.bluez.address, str(self.reader.socket)
        return {"DBUS_SYSTEM_BUS_ADDRESS": bus, "PCSCLITE_CSOCK_NAME": socket, **_GROUND_FOR_COUNTING}

    def sources(self, broker_url: str) -> list[Mapping[str, object]]:
        """The sources of the gateway that decides; its satellites are at a broker that is never cut off."""
        return [*self._hearing(broker_url), *self._reading()]

    def satellite_sources(self) -> list[Mapping[str, object]]:
        """Those of the second gateway."""
        return [_radio(SATELLITE, self.adapters[SATELLITE])]

    def carry(self, packet: Packet) -> None:
        """One packet arrives at the antenna of an adapter or satellite; it counts if that told of it."""
        told = packet.payload, packet.address, packet.rssi_dbm
        if (adapter := self.adapters.get(packet.receiver)) is not None:
            self.carried += self.bluez.advertise(adapter, packet.address, packet.rssi_dbm, packet.payload)
        elif packet.receiver in FOREIGN:
            self.carried += self.foreign.hear(packet.receiver, *told)
        else:
            self.carried += self.satellites.hear(packet.receiver, *told)

    def __str__(self) -> str:
        """What there is, for a person."""
        tags = "an NFC reader" if self.reader.works else "tags as lines (a reader: apt install pcscd vsmartcard-vpcd)"
        others = "a camera, phones that film posters, a hand scanner"
        return f"Bluetooth, a second gateway, satellites of three kinds, {others}, {tags}, the app"

    def _hearing(self, broker_url: str) -> list[Mapping[str, object]]:
        satellites = {"kind": "satellites", "guests": True, "url": broker_url}
        foreign = [satellites | {"receivers": [name], "speaks": dialect} for name, dialect in FOREIGN.items()]
        adapters = [_radio(name, adapter) for name, adapter in self.adapters.items() if name != SATELLITE]
        return [*adapters, satellites | {"receivers": [*OWN, SATELLITE]}, *foreign]

    def _reading(self) -> list[Mapping[str, object]]:
        camera = {"kind": "camera", "receiver": self.floor.cameras[0], "camera": self.camera.address}
        scanner = {"kind": "scanner", "receiver": self.floor.scanners[0], "interface": "serial"}
        return [
            camera | {"frames_per_s": 4.0, "cpu": 0.1},
            {"kind": "film", "pictures": str(self.posters), "cpu": 0.1},
            scanner | {"device": str(self.scanner.device)},
            {"kind": "nfc", "receiver": self.floor.readers[0]} if self.reader.works else LINES,
        ]


@asynccontextmanager
async def open_senses(floor: Floor, broker_url: str, folder: Path) -> AsyncIterator[Senses]:
    """Everything of the floor plan, in its place; files of it are made in `folder`.

    Raises:
        BusError: there is no D-Bus for the simulated Bluetooth.
        ConnectionError: there is no broker for the satellites.
    """
    with_adapter = [receiver for receiver in floor.receivers if receiver not in floor.satellites]
    adapters = {receiver: f"hci{number}" for number, receiver in enumerate(with_adapter)}
    async with (
        SimulatedBluez(tuple(adapters.values())) as bluez,
        Satellites(broker_url, floor.as_store(GATEWAY), OWN) as satellites,
        ForeignSatellites(broker_url, FOREIGN) as foreign,
        HeldCamera() as camera,
        TagReader(folder) as reader,
    ):
        hang_posters(folder / "posters")
        with HandScanner(folder / "scanner") as scanner:
            yield Senses(floor, adapters, bluez, satellites, foreign, camera, reader, scanner, folder / "posters")


def _radio(receiver: str, adapter: str) -> Mapping[str, object]:
    return {"kind": "ble", "guests": True, "receiver": receiver, "adapter": adapter}
