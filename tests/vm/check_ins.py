"""Runs as root in the guest: phones check in with a whole gateway over a real kernel and bluetoothd.

`report.txt` in the folder named says how it went, with what each daemon said beside it; exit 1 if something is wrong.
"""

import asyncio
import base64
import json
import shutil
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.codecs.check_in import SERVICE
from gateway.codecs.cose import key_octets
from gateway.codecs.member_code import store_audience
from gateway.model.store import StoreRef
from simulators.member_card import MemberCard
from simulators.signer import Signer
from tests.vm.air import ADAPTER, STORE, plugged
from tests.vm.bluetooth import FLOORPLAN, FOLDER, MODULES
from tests.vm.check_in_contract import met, one_checks_in_however_short_the_pieces
from tests.vm.controller import Controller
from tests.vm.machine import ACCOUNT, HTTP, RECEIVER, Machine, wait_until
from tests.vm.phone import Antenna, Phone

SHOP: Final = StoreRef("acme", STORE, "gw-1")
SOURCE: Final = f"source:{RECEIVER}:checkin"
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
issuers = "issuers.json"
[http]
listen = "{http}"
[[sources]]
kind = "checkin"
receiver = "{receiver}"
adapter = "{adapter}"
"""


def main(job: str) -> int:
    """Run it all; the exit status."""
    subprocess.run(("modprobe", "-a", *MODULES), check=True)
    report = Path(job) / "report.txt"
    try:
        took_s = asyncio.run(lived(Machine(Path(job))))
    except Exception:  # noqa: BLE001 - whatever it was is the report
        report.write_text(traceback.format_exc())
        return 1
    report.write_text(f"passed, all check-ins in {took_s:.1f} s\n")
    return 0


async def lived(machine: Machine) -> float:
    """How long the check-ins took (seconds), from the first connection on; then bluetoothd goes and comes back."""
    issuer = Ed25519PrivateKey.generate()
    settings = set_up(FOLDER, issuer)
    await asyncio.to_thread(machine.start_bus_and_bluetoothd)
    antenna = Antenna(plugged(), Controller(ADAPTER))
    await asyncio.to_thread(wait_until, "an adapter with power", lambda: machine.powered)
    machine.start_gateway(settings)
    await asyncio.to_thread(wait_until, "the service to be advertised", lambda: antenna.advertises(SERVICE))
    card = MemberCard.issue("q3lzt7", store_audience(SHOP.tenant, SHOP.store), "loyalty", issuer, time.time())

    def near(address: str, mtu: int) -> Phone:
        return Phone(antenna, address, mtu)

    began_s = time.monotonic()
    await met(near, card)
    took_s = time.monotonic() - began_s
    machine.kill("bluetoothd")
    await asyncio.to_thread(wait_until, "the loss to be told", lambda: machine.condition(SOURCE) != "advertising")
    await asyncio.to_thread(machine.start_bluetoothd)
    await asyncio.to_thread(wait_until, "the service again", lambda: machine.condition(SOURCE) == "advertising")
    await one_checks_in_however_short_the_pieces(near, card)
    status = await asyncio.to_thread(machine.stop_gateway)
    if status:
        msg = f"the gateway ended with {status}"
        raise RuntimeError(msg)
    return took_s


def set_up(folder: Path, issuer: Ed25519PrivateKey) -> Path:
    """A shop that trusts an issuer, in files that are the gateway's own; gives the settings file."""
    signer = Signer()
    (folder / "state").mkdir(parents=True)
    (folder / "floorplan.toml").write_text(FLOORPLAN)
    key = base64.b64encode(key_octets(issuer.public_key())).decode()
    issuers = json.dumps({"document": "issuers", "serial": 1, "keys": {"loyalty": key}}).encode()
    (folder / "issuers.json").write_bytes(issuers)
    (folder / "issuers.manifest.json").write_bytes(signer.manifest(issuers, SHOP, "issuers", 1))
    settings = folder / "settings.toml"
    words = {"store": STORE, "key": signer.name, "public_key": signer.public_key}
    settings.write_text(SETTINGS.format(**words, http=HTTP, receiver=RECEIVER, adapter=ADAPTER))
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, ACCOUNT, ACCOUNT)
    return settings


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
