"""A floor plan file as the simulators need it: where things stand, not what they mean."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.model.store import StoreRef
from simulators.radio import Place

_RADIO: Final = frozenset({"adapter", "satellite"})


@dataclass(frozen=True, slots=True)
class FixedBeacon:
    """A beacon that stays where it is, as an app hears it: iBeacon numbers."""

    id: str
    at: Place
    uuid: str
    major: int
    minor: int


@dataclass(frozen=True, slots=True)
class Floor:
    """The radio receivers with their places, the fixed iBeacons, the cameras and markers of a shop, by id.

    `entrances` are the receivers and beacons that stand in a zone of kind `entrance`.
    """

    tenant: str
    store: str
    receivers: Mapping[str, Place]
    entrances: frozenset[str]
    beacons: tuple[FixedBeacon, ...]
    cameras: tuple[str, ...]
    markers: tuple[str, ...]

    def as_store(self, gateway: str) -> StoreRef:
        """The name of a gateway in this shop."""
        return StoreRef(self.tenant, self.store, gateway)


def read_floor(path: Path) -> Floor:
    """Read a floor plan (wire.md, "Floor plan").

    Raises:
        OSError, tomllib.TOMLDecodeError, KeyError: the file is missing, no TOML, or lacks a field named in the error.
    """
    plan: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    receivers, beacons = plan.get("receivers", []), plan.get("beacons", [])
    entrances = {zone["id"] for zone in plan.get("zones", []) if zone["kind"] == "entrance"}
    return Floor(
        tenant=plan["store"]["tenant"],
        store=plan["store"]["id"],
        receivers={each["id"]: _place(each) for each in receivers if each.get("kind", "adapter") in _RADIO},
        entrances=frozenset(each["id"] for each in (*receivers, *beacons) if each.get("zone") in entrances),
        beacons=tuple(_beacon(each) for each in beacons if _stands(each)),
        cameras=tuple(each["id"] for each in receivers if each.get("kind") == "camera"),
        markers=tuple(each["id"] for each in plan.get("markers", [])),
    )


def _stands(beacon: Mapping[str, Any]) -> bool:
    return beacon["format"] == "ibeacon" and not beacon.get("mobile", False)


def _beacon(each: Mapping[str, Any]) -> FixedBeacon:
    return FixedBeacon(each["id"], _place(each), each["uuid"], each["major"], each["minor"])


def _place(each: Mapping[str, Any]) -> Place:
    east_m, north_m = each["at"]
    return float(east_m), float(north_m)
