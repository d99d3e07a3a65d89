"""The air of a small shop on /dev/vhci: a controller that hears members, tags and beacons, 40 packets a second.

Runs as root in the guest until it is killed, which to the kernel is an adapter unplugged. It writes how many packets it
has reported to the file named.
"""

import os
import select
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Final

from gateway.codecs.adverts import IBeacon, encode_payload
from simulators.members import Encoding, invent
from tests.vm.controller import REPORTS_AN_EVENT, Controller, Report, reported

STORE: Final = "0042"
ADAPTER: Final = "F0:F1:F2:F3:F4:F5"
MEMBERS: Final[Mapping[str, Encoding]] = {"ann": "service_data", "bob": "service_uuid"}
"""Who carries a phone, and how it sends its token."""
UUID: Final = "5f1d0000-0000-4000-8000-00805f9b0001"
TAGS: Final = (1, 2)
FIXED: Final = (11, 12, 13, 14)
"""The minors of the mobile beacons, and of those on the wall."""
SENDERS: Final[tuple[str | int, ...]] = (*MEMBERS, *TAGS, *FIXED)
PACKETS_A_SECOND: Final = 40

_CREATE: Final = b"\xff\x00"
_LONGEST: Final = 1024
_POLL_S: Final = 0.02
_LEVEL_DBM: Final = -60


def packet(number: int, utc_s: float, chance: Random) -> Report:
    """The `number`th packet: everybody sends in turn, each at about the same level."""
    name = SENDERS[number % len(SENDERS)]
    level_dbm = _LEVEL_DBM + chance.randint(-1, 1)
    if isinstance(name, int):
        return Report(f"C0:00:00:00:00:{name:02X}", encode_payload(IBeacon(UUID, 1, name, -59)), level_dbm)
    member = invent(name)
    return Report(member.address_at(utc_s), member.payload_at(STORE, utc_s, MEMBERS[name]), level_dbm)


def serve(device: int, counted: Path) -> None:
    """Answer the kernel and report packets, all that are due by the clock however late a look is."""
    controller, chance, began_s = Controller(ADAPTER), Random(1), time.monotonic()
    sent = told = 0
    while True:
        if select.select([device], [], [], _POLL_S)[0]:
            for answer in controller.answers(os.read(device, _LONGEST)):
                os.write(device, answer)
        due = int((time.monotonic() - began_s) * PACKETS_A_SECOND)
        if controller.scanning and due > sent:
            heard = [packet(number, time.time(), chance) for number in range(sent, due)]
            for first in range(0, len(heard), REPORTS_AN_EVENT):
                os.write(device, reported(heard[first : first + REPORTS_AN_EVENT]))
            told += len(heard)
            draft = counted.with_suffix(".draft")
            draft.write_text(str(told))
            draft.rename(counted)
        sent = due


def plugged() -> int:
    """A new adapter, as the descriptor by which the kernel speaks to its controller."""
    device = os.open("/dev/vhci", os.O_RDWR)
    os.write(device, _CREATE)
    os.read(device, _LONGEST)
    return device


def main(counted: str) -> None:
    """Plug the adapter in, and serve."""
    serve(plugged(), Path(counted))


if __name__ == "__main__":
    main(sys.argv[1])
