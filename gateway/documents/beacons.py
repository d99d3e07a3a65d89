"""Beacons of a floor plan: what each format says it is, in the one form that sightings are compared with."""

import re
from collections.abc import Callable
from typing import Final
from uuid import UUID

from gateway.documents.form import Form, Name, invalid
from gateway.model.sighting import ALTBEACON, EDDYSTONE_EID, EDDYSTONE_UID, IBEACON, BeaconId


class BeaconForm(Form):
    """One `[[beacons]]` table; which of the identity's keys it needs depends on `format`."""

    id: Name
    format: str
    uuid: str | None = None
    major: int | None = None
    minor: int | None = None
    beacon_id: str | None = None
    namespace: str | None = None
    instance: str | None = None
    eid: str | None = None
    at: list[float] | None = None
    zone: str | None = None
    mobile: bool = False


def identity_of(form: BeaconForm, key: str, document: str) -> BeaconId:
    """What the beacon at `key` of `document` says it is.

    Raises:
        DocumentRefused: `invalid`: an unknown format, a key of its identity missing or wrong, or a key of
            another format.
    """
    needed = _IDENTITY.get(form.format)
    if needed is None:
        known = ", ".join(_IDENTITY)
        raise invalid(document, f"{key}.format", f"there is no beacon format {form.format!r}", f"Write one of {known}")
    for name in _KEYS:
        given = getattr(form, name)
        if (given is None) == (name in needed):
            what = "is missing" if given is None else "does not go with it"
            problem = f"{name} {what}: a beacon of format {form.format} has {', '.join(needed)}"
            raise invalid(document, f"{key}.{name}", problem, "Correct the beacon's keys or its format")
    parts = [_part(write, getattr(form, name), f"{key}.{name}", document) for name, write in needed.items()]
    return BeaconId(form.format, "/".join(parts))


def _part(write: Callable[[str | int], str], given: str | int, key: str, document: str) -> str:
    try:
        return write(given)
    except ValueError as error:
        raise invalid(document, key, str(error), "Copy it from the beacon's own settings") from error


def _uuid(given: str | int) -> str:
    try:
        return str(UUID(str(given)))
    except ValueError as error:
        msg = f"{given!r} is not a UUID"
        raise ValueError(msg) from error


def _sixteen_bits(given: str | int) -> str:
    if not 0 <= int(given) <= 0xFFFF:
        msg = f"{given} is not from 0 to 65535"
        raise ValueError(msg)
    return str(given)


def _hex(length: int) -> Callable[[str | int], str]:
    def write(given: str | int) -> str:
        text = str(given).lower()
        if re.fullmatch(r"[0-9a-f]*", text) is None or len(text) != 2 * length:
            msg = f"{given!r} is not {length} bytes in hex ({2 * length} digits)"
            raise ValueError(msg)
        return text

    return write


_IDENTITY: Final[dict[str, dict[str, Callable[[str | int], str]]]] = {
    IBEACON: {"uuid": _uuid, "major": _sixteen_bits, "minor": _sixteen_bits},
    ALTBEACON: {"beacon_id": _hex(20)},
    EDDYSTONE_UID: {"namespace": _hex(10), "instance": _hex(6)},
    EDDYSTONE_EID: {"eid": _hex(8)},
}
_KEYS: Final = tuple(name for keys in _IDENTITY.values() for name in keys)
