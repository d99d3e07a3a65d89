"""Where a radio sighting puts its visitor: the anchors that speak for it."""

from collections.abc import Container

from gateway.core.shop import Shop
from gateway.model.sighting import AppReport, BeaconId, HeardBeacon, Sighting

Heard = tuple[str, float]
"""An anchor and a signal (dBm): a receiver's id, `b.` and a fixed beacon's, or what a surveyed beacon says it is."""


def heard_at(sighting: Sighting, shop: Shop, surveyed: Container[str] = ()) -> tuple[Heard, ...]:
    """The anchors of a radio sighting.

    Beacons that neither the floor plan knows nor the survey (`surveyed`, by identity) are no evidence of this shop.
    """
    if isinstance(sighting.token, AppReport):
        reports = ((_anchor(seen, shop, surveyed), seen.rssi_dbm) for seen in sighting.token.seen)
        return tuple((anchor, rssi_dbm) for anchor, rssi_dbm in reports if anchor is not None)
    if sighting.rssi_dbm is None:
        return ()
    return ((sighting.receiver, sighting.rssi_dbm),)


def _anchor(seen: HeardBeacon, shop: Shop, surveyed: Container[str]) -> str | None:
    identity = seen.beacon if isinstance(seen.beacon, BeaconId) else None
    known = shop.beacons.get(identity) if identity is not None else shop.plan.beacons.get(str(seen.beacon))
    if known is not None:
        return None if known.mobile else f"b.{known.id}"
    name = f"{identity.format}:{identity.value}" if identity is not None else ""
    return name if name and name in surveyed else None
