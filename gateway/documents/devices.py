"""The devices document: whose changing addresses the shop may know, from JSON; sealed on disk, and nowhere in clear."""

import base64
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from pydantic import Field

from gateway.codecs.private_address import IRK_BYTES
from gateway.documents.form import Form, Name, fill, invalid, read_json
from gateway.documents.mapped import MapFile, MapWriter
from gateway.documents.mapping import Compiling
from gateway.documents.sealed import SealedMap, SealedWriter
from gateway.model.devices import MOST_DEVICES, Devices

DOCUMENT: Final = "devices"
_STAFF: Final = ""
"""Names a record of staff, with its number; an asset's record is named by its beacon."""


class _DeviceForm(Form):
    irk: str
    asset: Name | None = None


class _DevicesForm(Form):
    document: Literal["devices"]
    serial: int = Field(ge=0)
    devices: list[_DeviceForm] = Field(max_length=MOST_DEVICES)


def compile_devices(raw: bytes) -> Devices:
    """The devices of `raw`: `{"document": "devices", "serial": 3, "devices": [{"irk": "base64", "asset": "fob-7"}]}`.

    A device without `asset` is staff's.

    Raises:
        DocumentRefused: `malformed` or `invalid`, with the key that is wrong.
    """
    form = fill(_DevicesForm, read_json(raw, DOCUMENT), DOCUMENT)
    staff: list[bytes] = []
    assets: dict[str, bytes] = {}
    for number, device in enumerate(form.devices):
        irk = _octets(f"devices[{number}].irk", device.irk)
        if device.asset is None:
            staff.append(irk)
        elif device.asset in assets:
            raise invalid(DOCUMENT, f"devices[{number}].asset", "it has a key already", "Give each asset one key")
        else:
            assets[device.asset] = irk
    return Devices(form.serial, tuple(staff), assets)


def pack_devices(task: Compiling, made: MapWriter) -> Mapping[str, object]:
    """Write the keys, sealed.

    Raises:
        DocumentRefused: as `compile_devices`.
    """
    devices = compile_devices(task.new.path.read_bytes())
    sealed = SealedWriter(made, task.device_key)
    for number, irk in enumerate(devices.staff):
        sealed.add(f"{_STAFF} {number}", irk)
    for asset, irk in devices.assets.items():
        sealed.add(asset, irk)
    return {"serial": devices.serial, **sealed.about}


def opened_devices(maps: Sequence[MapFile], device_key: bytes) -> Devices:
    """The devices of a file that `pack_devices` wrote.

    Raises:
        MapDamaged: it was sealed by another device.
    """
    sealed = SealedMap(maps[0], device_key)
    records = [(name, irk) for _, name, irk in sealed.numbered()]
    staff = tuple(irk for name, irk in records if name.startswith(f"{_STAFF} "))
    assets = {name: irk for name, irk in records if not name.startswith(f"{_STAFF} ")}
    return Devices(int(str(sealed.about["serial"])), staff, assets)


def _octets(key: str, text: str) -> bytes:
    try:
        octets = base64.b64decode(text, validate=True)
    except ValueError:
        octets = b""
    if len(octets) != IRK_BYTES:
        hint = f"Write base64 of its {IRK_BYTES} bytes, most significant byte first"
        raise invalid(DOCUMENT, key, "it is no identity resolving key", hint)
    return octets
