"""Which ESP32 devices a floor plan asks for, and what each has to be told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

from gateway.codecs.satellites.batch import sightings_topic
from gateway.model.documents import Beacon, FloorPlan, Receiver
from gateway.model.sighting import IBEACON
from gateway.model.store import StoreRef

Kind = Literal["beacon", "satellite"]

HOSTNAME_LENGTH: Final = 31
"""ESPHome's limit for the name of a device."""
_HOSTNAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Device:
    """One ESP32: the beacon or receiver of the floor plan that it is, its name in the network, what it is told.

    `told` are ESPHome substitutions: `uuid`, `major` and `minor` of a beacon, `topic` of a satellite.
    """

    kind: Kind
    id: str
    hostname: str
    told: Mapping[str, str]

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.hostname}.yaml"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A beacon of the floor plan that is not made of an ESP32, and why."""

    id: str
    reason: str


def devices_of(plan: FloorPlan, gateway: str) -> tuple[tuple[Device, ...], tuple[LeftOut, ...]]:
    """The devices of `plan`, beacons first, whose satellites send to `gateway`; and the beacons that are none."""
    left_out = {beacon.id: reason for beacon in plan.beacons.values() if (reason := _unsuited(beacon)) is not None}
    store = StoreRef(plan.tenant, plan.store, gateway)
    beacons = (_beacon(beacon) for beacon in plan.beacons.values() if beacon.id not in left_out)
    satellites = (_satellite(each, store) for each in plan.receivers.values() if each.kind == "satellite")
    return (*beacons, *satellites), tuple(LeftOut(beacon, reason) for beacon, reason in left_out.items())


def _unsuited(beacon: Beacon) -> str | None:
    if beacon.mobile:
        return "it is mobile: a tag runs on a battery, which an ESP32 empties in a day"
    if beacon.identity.format != IBEACON:
        return f"its format is {beacon.identity.format}: ESPHome transmits iBeacon only"
    return None


def _beacon(beacon: Beacon) -> Device:
    uuid, major, minor = beacon.identity.value.split("/")
    return Device("beacon", beacon.id, hostname("beacon", beacon.id), {"uuid": uuid, "major": major, "minor": minor})


def _satellite(receiver: Receiver, store: StoreRef) -> Device:
    told = {"topic": f"{sightings_topic(store)}/{receiver.id}"}
    return Device("satellite", receiver.id, hostname("satellite", receiver.id), told)


def hostname(kind: Kind, name: str) -> str:
    """A device's name in the network: its kind and its id, or, where the id is none or too long, a digest of it too."""
    plain = f"{kind}-{name}"
    if len(plain) <= HOSTNAME_LENGTH and _HOSTNAME.fullmatch(plain):
        return plain
    digest = sha256(name.encode()).hexdigest()[:6]
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    room = HOSTNAME_LENGTH - len(kind) - len(digest) - 2
    return "-".join(part for part in (kind, readable[:room].strip("-"), digest) if part)
