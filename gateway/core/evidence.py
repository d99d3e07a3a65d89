"""Where a sighting puts its visitor: the anchors that speak for it, and the marker or code that was read."""

from gateway.codecs.markers import marker_in
from gateway.codecs.ndef import NdefError, addresses, decode
from gateway.core.shop import Shop
from gateway.model.documents import Marker
from gateway.model.sighting import AppReport, BeaconId, CodeText, HeardBeacon, NfcTag, Sighting

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


def marker_read(token: CodeText | NfcTag, shop: Shop) -> Marker | None:
    """The shop's marker that a code or tag stands for; None if it is none of the shop's."""
    texts = [token.text] if isinstance(token, CodeText) else _texts(token.ndef)
    for text in texts:
        key = marker_in(text)
        marker = shop.marker(key) if key is not None else None
        if marker is not None:
            return marker
    return None


def _anchor(seen: HeardBeacon, shop: Shop) -> str | None:
    known = shop.beacons.get(seen.beacon) if isinstance(seen.beacon, BeaconId) else shop.plan.beacons.get(seen.beacon)
    return f"b.{known.id}" if known is not None and not known.mobile else None


def _texts(message: bytes) -> list[str]:
    try:
        return addresses(decode(message))
    except NdefError:
        return []
