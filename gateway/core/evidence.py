"""Where a sighting puts its visitor: the anchors that speak for it."""

from gateway.core.shop import Shop
from gateway.model.sighting import AppReport, BeaconId, HeardBeacon, Sighting

Heard = tuple[str, float]
"""An anchor (a receiver's id, or `b.` and a fixed beacon's) and a signal (dBm)."""


def heard_at(sighting: Sighting, shop: Shop) -> tuple[Heard, ...]:
    """The anchors of a radio sighting. Beacons that the floor plan does not know are no evidence of this shop."""
    if isinstance(sighting.token, AppReport):
        reports = ((_anchor(seen, shop), seen.rssi_dbm) for seen in sighting.token.seen)
        return tuple((anchor, rssi_dbm) for anchor, rssi_dbm in reports if anchor is not None)
    if sighting.rssi_dbm is None:
        return ()
    return ((sighting.receiver, sighting.rssi_dbm),)


def _anchor(seen: HeardBeacon, shop: Shop) -> str | None:
    known = shop.beacons.get(seen.beacon) if isinstance(seen.beacon, BeaconId) else shop.plan.beacons.get(seen.beacon)
    return f"b.{known.id}" if known is not None and not known.mobile else None
