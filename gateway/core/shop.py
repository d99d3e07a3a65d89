"""The floor plan as the engine asks it: an anchor's zone, a beacon's tag, the marker that a code names."""

from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from gateway.model.documents import Beacon, FloorPlan, Marker
from gateway.model.sighting import BeaconId
from gateway.model.visit import Assurance, Visitor

STOREFRONT: Final = "storefront"
"""Zones of this kind lie outside: being there is no visit."""
ENTRANCE: Final = "entrance"
"""Zones of this kind are ways in and out."""
CHECKOUT: Final = "checkout"
"""Zones of this kind are where one pays."""
PICKUP: Final = "pickup"
"""Zones of this kind are where orders are given out."""


@dataclass(frozen=True, slots=True)
class Shop:
    """An index of one floor plan. An anchor is a receiver's id, or `b.` and a fixed beacon's id."""

    plan: FloorPlan
    beacons: dict[BeaconId, Beacon]
    tags: dict[BeaconId, Visitor]
    anchors: dict[str, str | None]
    markers_of_product: dict[str, Marker]
    timezone: ZoneInfo
    products_of_zone: dict[str, frozenset[str]]
    outside: frozenset[str] = field(default_factory=frozenset)
    sensitive: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, plan: FloorPlan) -> "Shop":
        """Index `plan`."""
        fixed = {f"b.{beacon.id}": beacon.zone for beacon in plan.beacons.values() if not beacon.mobile}
        return cls(
            plan=plan,
            beacons={beacon.identity: beacon for beacon in plan.beacons.values()},
            tags={beacon.identity: _tag(beacon) for beacon in plan.beacons.values() if beacon.mobile},
            anchors={receiver.id: receiver.zone for receiver in plan.receivers.values()} | fixed,
            markers_of_product={marker.product: marker for marker in plan.markers.values() if marker.product},
            timezone=ZoneInfo(plan.timezone),
            products_of_zone=_products_of_zone(plan),
            outside=frozenset(zone.id for zone in plan.zones.values() if zone.kind == STOREFRONT),
            sensitive=frozenset(zone.id for zone in plan.zones.values() if zone.sensitive),
        )

    def zone_kind(self, zone: str | None) -> str | None:
        """The kind of a zone of the plan; None where the zone is unknown."""
        known = self.plan.zones.get(zone) if zone is not None else None
        return known.kind if known else None

    def marker(self, key: str) -> Marker | None:
        """The marker of this id, or the one that stands for the product of this GTIN-14."""
        return self.plan.markers.get(key) or self.markers_of_product.get(key)


def _tag(beacon: Beacon) -> Visitor:
    """Who a mobile beacon is: what it says can be copied, but for a name that its key made."""
    return Visitor(f"b.{beacon.id}", "tag", Assurance.CLAIMED if beacon.key is None else Assurance.PROXIMATE)


def _products_of_zone(plan: FloorPlan) -> dict[str, frozenset[str]]:
    """The products (GTIN-14) whose markers say that they are in a zone."""
    found: dict[str, set[str]] = {}
    for marker in plan.markers.values():
        if marker.product is not None and marker.zone is not None:
            found.setdefault(marker.zone, set()).add(marker.product)
    return {zone: frozenset(products) for zone, products in found.items()}
