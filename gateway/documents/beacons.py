"""Beacons of a floor plan: what each format says it is, in the one form that sightings are compared with."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.codecs.aes import KEY_BYTES
from gateway.codecs.eddystone_identity import LONGEST_EXPONENT
from gateway.documents.form import Form, Name, invalid
from gateway.model.documents import RotatingKey
from gateway.model.sighting import ALTBEACON, EDDYSTONE_EID, EDDYSTONE_UID, IBEACON, LIGHT, BeaconId


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
    light: str | None = None
    identity_key: str | None = None
    rotation_exponent: int | None = None
    counted_from: datetime | None = None
    at: list[float] | None = None
    zone: str | None = None
    mobile: bool = False


def identity_of(form: BeaconForm, key: str, document: str) -> BeaconId:
    """What the beacon at `key` of `document` says it is.

    Raises:
        DocumentRefused: `invalid`: an unknown format, a key of its identity missing or wrong, or a key of
            another format.
    """
    if form.format == EDDYSTONE_EID and form.eid is None and any(getattr(form, name) is not None for name in _KEYED):
        return BeaconId(EDDYSTONE_EID, f"key:{form.id}")
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


def key_of(form: BeaconForm, key: str, document: str) -> RotatingKey | None:
    """What the beacon at `key` of `document` makes its names of; None where its name stays the same.

    Raises:
        DocumentRefused: `invalid`: only a part of it is there, or it is wrong, or does not go with the format.
    """
    given = [getattr(form, name) for name in _KEYED]
    if given == [None, None, None]:
        return None
    for name, value in zip(_KEYED, given, strict=True):
        if value is None or form.format != EDDYSTONE_EID or form.eid is not None:
            problem = f"{name} goes with {EDDYSTONE_EID}, with {' and '.join(_KEYED)} together and without eid"
            raise invalid(document, f"{key}.{name}", problem, "Copy all three from the beacon's registration")
    identity_key = bytes.fromhex(_part(_secret, given[0], f"{key}.identity_key", document))
    exponent = int(_part(_exponent, given[1], f"{key}.rotation_exponent", document))
    if form.counted_from is None or form.counted_from.tzinfo is None:
        hint = "Write when the beacon's counter was zero, as 2026-01-05T09:00:00Z"
        raise invalid(document, f"{key}.counted_from", "it has no offset", hint)
    return RotatingKey(identity_key, exponent, form.counted_from.timestamp())


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


def _secret(given: str | int) -> str:
    try:
        return _hex(KEY_BYTES)(given)
    except ValueError:
        msg = f"it is not {KEY_BYTES} bytes in hex ({2 * KEY_BYTES} digits)"
        raise ValueError(msg) from None


def _light(given: str | int) -> str:
    text = str(given).lower()
    if re.fullmatch(r"[0-9a-f]{1,32}", text) is None:
        msg = f"{given!r} is not 1 to 32 digits in hex"
        raise ValueError(msg)
    return text


def _exponent(given: str | int) -> str:
    if not 0 <= int(given) <= LONGEST_EXPONENT:
        msg = f"{given} is not from 0 to {LONGEST_EXPONENT}"
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
    LIGHT: {"light": _light},
}
_KEYED: Final = ("identity_key", "rotation_exponent", "counted_from")
_KEYS: Final = tuple(name for keys in _IDENTITY.values() for name in keys)
