"""The devices document: its keys, what is refused, and that on disk nothing of a key is in clear."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.documents.devices import compile_devices, opened_devices, pack_devices
from gateway.documents.mapped import MapFile, MapWriter
from gateway.documents.mapping import Compiling, Source
from gateway.documents.refusal import DocumentRefused
from gateway.model.devices import MOST_DEVICES, Devices

STAFF, ASSET = bytes(range(16)), bytes(range(100, 116))


def text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def document(*devices: Mapping[str, object]) -> bytes:
    return json.dumps({"document": "devices", "serial": 3, "devices": devices}).encode()


GOOD = document({"irk": text(STAFF)}, {"irk": text(ASSET), "asset": "trolley-7"})
KNOWN = Devices(3, (STAFF,), {"trolley-7": ASSET})


def test_staff_and_assets_are_told_apart() -> None:
    assert compile_devices(GOOD) == KNOWN
    assert text(STAFF) not in repr(KNOWN)
    assert str(STAFF) not in repr(KNOWN)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (document({"irk": "no"}), "devices[0].irk"),
        (document({"irk": text(STAFF[:15])}), "devices[0].irk"),
        (document(*[{"irk": text(STAFF), "asset": "a"}] * 2), "devices[1].asset"),
        (document(*[{"irk": text(STAFF)}] * (MOST_DEVICES + 1)), "devices"),
    ],
    ids=["no base64", "too short", "twice", "too many"],
)
def test_what_is_wrong_is_named(raw: bytes, key: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        compile_devices(raw)
    assert refused.value.key == key


def test_on_disk_they_are_sealed(tmp_path: Path) -> None:
    source = tmp_path / "devices.content"
    source.write_bytes(GOOD)
    task = Compiling(Source(source, 3, "sha256:", len(GOOD)), (), (), tmp_path / "devices.map", bytes(32))
    with MapWriter(task.path) as made:
        made.end(pack_devices(task, made))
    written = task.path.read_bytes()
    assert not [each for each in (STAFF, ASSET, b"trolley-7", text(STAFF).encode()) if each in written]
    assert opened_devices([MapFile.open(task.path)], bytes(32)) == KNOWN
