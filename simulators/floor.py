"""A floor plan file as the simulators need it: where things stand, not what they mean."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from gateway.codecs.adverts import IBeacon
from gateway.model.store import StoreRef
from simulators.radio import Place

_RADIO: Final = frozenset({"adapter", "satellite"})
_MEASURED_POWER_DBM: Final = -59


@dataclass(frozen=True, slots=True)
class FixedBeacon:
    """A beacon that stays where it is, and what it sends."""

    id: str
    at: Place
    frame: IBeacon


@dataclass(frozen=True, slots=True)
class Area:
    """A zone that is drawn: its kind and its corners in metres."""

    id: str
    kind: str
    corners: tuple[Place, ...]

    def holds(self, place: Place) -> bool:
        """Whether `place` is inside (crossing number)."""
        east_m, north_m = place
        crossings = 0
        for (x1, y1), (x2, y2) in zip(self.corners, (*self.corners[1:], self.corners[0]), strict=True):
            if (y1 > north_m) != (y2 > north_m):
                crossings += east_m < x1 + (north_m - y1) * (x2 - x1) / (y2 - y1)
        return crossings % 2 == 1


@dataclass(frozen=True, slots=True)
class Floor:
    """The radio receivers with their places, the fixed iBeacons, the cameras and markers of a shop, by id.

    `entrances` are the receivers and beacons that stand in a zone of kind `entrance`, `areas` the zones that are drawn,
    `tags` what the mobile iBeacons send, `readers` the NFC readers, `stands` the zone that anything is said to be in,
    `satellites` those of the receivers that are told over MQTT, `scanners` the hand scanners, `products` the GTINs that
    markers stand for.
    """

    tenant: str
    store: str
    receivers: Mapping[str, Place]
    entrances: frozenset[str]
    beacons: tuple[FixedBeacon, ...]
    cameras: tuple[str, ...]
    markers: tuple[str, ...]
    areas: tuple[Area, ...] = ()
    tags: Mapping[str, IBeacon] = field(default_factory=dict)
    readers: tuple[str, ...] = ()
    stands: Mapping[str, str] = field(default_factory=dict)
    satellites: tuple[str, ...] = ()
    scanners: tuple[str, ...] = ()
    products: tuple[str, ...] = ()

    def zone_at(self, place: Place) -> str | None:
        """The first zone that holds `place`, as the gateway reads a floor plan; None outside all of them."""
        return next((area.id for area in self.areas if area.holds(place)), None)

    def as_store(self, gateway: str) -> StoreRef:
        """The name of a gateway in this shop."""
        return StoreRef(self.tenant, self.store, gateway)


def read_floor(path: Path) -> Floor:
    """Read a floor plan (wire.md, "Floor plan").

    Raises:
        OSError, tomllib.TOMLDecodeError, KeyError: the file is missing, no TOML, or lacks a field named in the error.
    """
    plan: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    receivers, beacons, markers = (plan.get(table, []) for table in ("receivers", "beacons", "markers"))
    entrances = {zone["id"] for zone in plan.get("zones", []) if zone["kind"] == "entrance"}
    return Floor(
        tenant=plan["store"]["tenant"],
        store=plan["store"]["id"],
        receivers={each["id"]: _place(each) for each in receivers if each.get("kind", "adapter") in _RADIO},
        entrances=frozenset(each["id"] for each in (*receivers, *beacons) if each.get("zone") in entrances),
        beacons=tuple(FixedBeacon(each["id"], _place(each), _frame(each)) for each in beacons if _stands(each)),
        cameras=tuple(each["id"] for each in receivers if each.get("kind") == "camera"),
        markers=tuple(each["id"] for each in markers),
        areas=tuple(_area(each) for each in plan.get("zones", []) if each.get("polygon")),
        tags={
            each["id"]: _frame(each) for each in beacons if each["format"] == "ibeacon" and each.get("mobile", False)
        },
        readers=tuple(each["id"] for each in receivers if each.get("kind") == "nfc"),
        satellites=tuple(each["id"] for each in receivers if each.get("kind") == "satellite"),
        scanners=tuple(each["id"] for each in receivers if each.get("kind") == "scanner"),
        products=tuple(each["product"] for each in markers if "product" in each),
        stands={each["id"]: each["zone"] for each in (*receivers, *beacons, *markers) if "zone" in each},
    )


def _stands(beacon: Mapping[str, Any]) -> bool:
    return beacon["format"] == "ibeacon" and not beacon.get("mobile", False)


def _moves(beacon: Mapping[str, Any]) -> bool:
    return beacon["format"] == "ibeacon" and bool(beacon.get("mobile", False))


def _frame(beacon: Mapping[str, Any]) -> IBeacon:
    return IBeacon(beacon["uuid"], beacon["major"], beacon["minor"], _MEASURED_POWER_DBM)


def _area(zone: Mapping[str, Any]) -> Area:
    return Area(zone["id"], zone["kind"], tuple((float(east_m), float(north_m)) for east_m, north_m in zone["polygon"]))


def _place(each: Mapping[str, Any]) -> Place:
    east_m, north_m = each["at"]
    return float(east_m), float(north_m)
