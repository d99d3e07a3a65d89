"""Runs as root in the guest: a whole gateway on a real kernel and bluetoothd, and what befalls a radio.

`report.txt` in the folder named says how it went, with what each daemon said beside it; exit 1 if something is wrong.
"""

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.model.event import Event
from gateway.model.store import StoreRef
from gateway.storage.outbox import open_outbox
from gateway.storage.secret import find_secret
from simulators.members import invent, members_document
from simulators.signer import Signer
from tests.vm.air import ADAPTER, FIXED, MEMBERS, STORE, TAGS, UUID
from tests.vm.machine import ACCOUNT, HTTP, RECEIVER, Machine, wait_until
from tests.vm.verdict import Rate, Suffered, Verdict

MODULES: Final = ("hci_vhci", "algif_hash", "algif_skcipher", "ecb", "cmac")
FOLDER: Final = Path("/run/shop")
RATE_S: Final = 20.0
"""How long packets are counted on both sides."""
OUTAGE_S: Final = 20.0
"""Every fault lasts this long: twice as long as anybody may be silent before they have left."""
SETTLED_S: Final = 5.0

FLOORPLAN: Final = f"""
[store]
id = "{STORE}"
tenant = "acme"
timezone = "Europe/Paris"
languages = ["fr", "en"]
[[zones]]
id = "shop"
kind = "aisle"
[[receivers]]
id = "{RECEIVER}"
kind = "adapter"
zone = "shop"
"""
BEACON: Final = """
[[beacons]]
id = "b-{minor}"
format = "ibeacon"
uuid = "{uuid}"
major = 1
minor = {minor}
"""
SETTINGS: Final = """
[store]
tenant = "acme"
id = "{store}"
gateway = "gw-1"
floorplan = "floorplan.toml"
[trust]
keys = {{ {key} = "{public_key}" }}
[state]
directory = "state"
[documents]
members = "members.ndjson"
[http]
listen = "{http}"
[presence]
expiry_min_s = 10.0
expiry_max_s = 10.0
visit_gap_s = 5.0
[[sources]]
kind = "ble"
receiver = "{receiver}"
adapter = "{adapter}"
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that befalls the radio, and how it is mended."""

    name: str
    harm: Callable[[Machine], None]
    mend: Callable[[Machine], None]


FAULTS: Final = (
    Fault("adapter unplugged", lambda on: on.kill("air"), lambda on: on.plug()),
    Fault("bluetoothd killed", lambda on: on.kill("bluetoothd"), lambda on: on.start_bluetoothd()),
    Fault("adapter switched off", lambda on: on.power(on=False), lambda on: on.power(on=True)),
    Fault("D-Bus killed", lambda on: on.kill("bluetoothd", "dbus"), lambda on: on.start_bus_and_bluetoothd()),
)


def main(job: str) -> int:
    """Run it all; the exit status."""
    subprocess.run(("modprobe", "-a", *MODULES), check=True)
    verdict = tried(Machine(Path(job)))
    (Path(job) / "report.txt").write_text(verdict.report())
    return int(any(verdict.complaints()))


def tried(machine: Machine) -> Verdict:
    settings = set_up(FOLDER)
    machine.start_bus_and_bluetoothd()
    machine.plug()
    wait_until("an adapter with power", lambda: machine.powered)
    machine.start_gateway(settings)
    wait_until("the receiver to be up", lambda: machine.receiver_up)
    time.sleep(SETTLED_S)
    rates, faults = [rate(machine)], []
    for fault in FAULTS:
        faults.append(suffer(machine, fault))
        time.sleep(SETTLED_S)
    rates.append(rate(machine))
    lived_through, status = machine.gateway_lives, machine.stop_gateway()
    events = asyncio.run(all_events(FOLDER / "state"))
    return Verdict(
        rates=rates,
        faults=faults,
        expected=[*(f"m.{invent(name).handle}" for name in MEMBERS), *(f"b.b-{minor}" for minor in TAGS)],
        entered=[str(event.subject) for event in events if event.type == "zone.entered"],
        left=[event.type for event in events if event.type in {"zone.left", "visit.ended"}],
        lived_through=lived_through,
        exit_status=status,
    )


def set_up(folder: Path) -> Path:
    """A shop with its members in files, the gateway's own; gives the settings file."""
    store, signer = StoreRef("acme", STORE, "gw-1"), Signer()
    (folder / "state").mkdir(parents=True)
    beacons = [BEACON.format(minor=minor, uuid=UUID) + "mobile = true\n" for minor in TAGS]
    beacons += [BEACON.format(minor=minor, uuid=UUID) for minor in FIXED]
    (folder / "floorplan.toml").write_text(FLOORPLAN + "".join(beacons))
    members = members_document([invent(name) for name in MEMBERS], store, 1, time.time())
    (folder / "members.ndjson").write_bytes(members)
    (folder / "members.manifest.json").write_bytes(signer.manifest(members, store, "members", 1))
    settings = folder / "settings.toml"
    words = {"store": STORE, "key": signer.name, "public_key": signer.public_key}
    settings.write_text(SETTINGS.format(**words, http=HTTP, receiver=RECEIVER, adapter=ADAPTER))
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, ACCOUNT, ACCOUNT)
    return settings


def rate(machine: Machine) -> Rate:
    began_s, reported, taken = time.monotonic(), machine.reported, machine.inputs
    time.sleep(RATE_S)
    return Rate(time.monotonic() - began_s, machine.reported - reported, int(machine.inputs - taken))


def suffer(machine: Machine, fault: Fault) -> Suffered:
    began_s = time.monotonic()
    fault.harm(machine)
    told_after_s = wait_until("the receiver to be down", lambda: machine.receiver_up is False)
    time.sleep(max(0.0, began_s + OUTAGE_S - time.monotonic()))
    taken, mended_s = machine.inputs, time.monotonic()
    fault.mend(machine)
    wait_until("power again", lambda: machine.powered)
    powered_s = time.monotonic()
    wait_until("the receiver to be up again", lambda: machine.receiver_up and machine.inputs >= taken + len(MEMBERS))
    return Suffered(fault.name, told_after_s, powered_s - mended_s, time.monotonic() - mended_s)


async def all_events(state: Path) -> list[Event]:
    """Everything that head office would be told, in the order it was decided."""
    events: list[Event] = []
    async with open_outbox(state, find_secret(state)) as outbox:
        for stream in await outbox.standing():
            events += await outbox.after(stream.incarnation, stream.stream, 0, stream.depth)
    return sorted(events, key=lambda event: event.recorded_utc_s)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
