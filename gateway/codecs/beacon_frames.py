"""The frame that a beacon sends, from what it says it is: the way back from `adverts.token_of`."""

from typing import Final

from gateway.codecs.adverts.altbeacon import AltBeacon
from gateway.codecs.adverts.eddystone_eid import EddystoneEid
from gateway.codecs.adverts.eddystone_uid import EddystoneUid
from gateway.codecs.adverts.ibeacon import IBeacon
from gateway.codecs.adverts.registry import Frame
from gateway.model.sighting import ALTBEACON, EDDYSTONE_EID, EDDYSTONE_UID, IBEACON, BeaconId

POWER_DBM: Final = -59
"""The power that the frame claims; nothing here is judged by it."""
COMPANY: Final = 0xFFFF
"""The company of an AltBeacon: the id that is nobody's (Bluetooth Assigned Numbers, 7.1)."""


def frame_of(beacon: BeaconId) -> Frame:
    """A frame whose token is `beacon`.

    Raises:
        ValueError: `beacon` is of no format that identifies a beacon.
    """
    parts = beacon.value.split("/")
    match beacon.format, parts:
        case "ibeacon", [uuid, major, minor]:
            return IBeacon(uuid, int(major), int(minor), POWER_DBM)
        case "altbeacon", [identity]:
            return AltBeacon(COMPANY, bytes.fromhex(identity), POWER_DBM, 0)
        case "eddystone_uid", [namespace, instance]:
            return EddystoneUid(POWER_DBM, bytes.fromhex(namespace), bytes.fromhex(instance))
        case "eddystone_eid", [eid]:
            return EddystoneEid(POWER_DBM, bytes.fromhex(eid))
    known = ", ".join((IBEACON, ALTBEACON, EDDYSTONE_UID, EDDYSTONE_EID))
    msg = f"a beacon of format {beacon.format!r} has no frame here: one of {known} has"
    raise ValueError(msg)
