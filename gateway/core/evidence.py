"""Where a radio sighting puts its visitor: the anchors that speak for it."""

from collections.abc import Container
from typing import Final

from gateway.core.shop import Shop
from gateway.model.sighting import UNDER_A_LAMP_DBM, AppReport, BeaconId, HeardBeacon, Sighting
from gateway.model.visit import Assurance, Presence

AT_THE_READER_DBM: Final = UNDER_A_LAMP_DBM
"""What is held up to a receiver counts as if heard from this near."""

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


def vouched(presence: Presence | None) -> bool:
    """Whether a visitor is more than heard nearby or claimed: by their app's own word, or by a code that proves them.

    What is heard can be relayed and what is claimed be copied; a word comes under a credential of head office.
    """
    return presence is not None and (presence.assurance is Assurance.PROVEN or "app" in presence.media)


def read_at(sighting: Sighting, shop: Shop) -> tuple[Heard, ...]:
    """The anchor of what was held up to a receiver of the floor plan that stands in a zone: whoever does is there."""
    return ((sighting.receiver, AT_THE_READER_DBM),) if shop.anchors.get(sighting.receiver) else ()


def _anchor(seen: HeardBeacon, shop: Shop, surveyed: Container[str]) -> str | None:
    identity = seen.beacon if isinstance(seen.beacon, BeaconId) else None
    known = shop.beacons.get(identity) if identity is not None else shop.plan.beacons.get(str(seen.beacon))
    if known is not None:
        return None if known.mobile else f"b.{known.id}"
    name = f"{identity.format}:{identity.value}" if identity is not None else ""
    return name if name and name in surveyed else None
