"""Documents in files: signed by the manifest beside them, or taken as they are."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.codecs.signing import digest_of, public_key_text, sign_manifest
from gateway.documents.refusal import DocumentRefused
from gateway.documents.registry import COMPILERS, compile_document, load_signed, load_unsigned
from gateway.documents.verify import TrustOptions
from gateway.model.documents import DOCUMENT_NAMES, Campaigns, FloorPlan
from gateway.model.inputs import DocumentReady

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
CAMPAIGNS = b'{"document": "campaigns", "serial": 55, "campaigns": []}'
FLOORPLAN = b'[store]\nid = "0042"\ntenant = "acme"\ntimezone = "UTC"\n[[zones]]\nid = "a"\nkind = "aisle"\n'


def write(folder: Path, content: bytes, serial: int | None = 55) -> Path:
    path = folder / "campaigns.json"
    path.write_bytes(content)
    if serial is not None:
        manifest = sign_manifest(
            content, tenant="acme", store="0042", name="campaigns", serial=serial, key="hq", private_key=KEY
        )
        (folder / "campaigns.manifest.json").write_text(json.dumps(manifest))
    return path


def load(path: Path) -> DocumentReady:
    trust = TrustOptions({"hq": public_key_text(KEY)})
    return load_signed(path, "campaigns", tenant="acme", store="0042", trust=trust)


def refused(path: Path) -> DocumentRefused:
    with pytest.raises(DocumentRefused) as caught:
        load(path)
    return caught.value


def test_a_signed_file_is_ready_for_the_engine(tmp_path: Path) -> None:
    ready = load(write(tmp_path, CAMPAIGNS))
    assert ready == DocumentReady("campaigns", 55, digest_of(CAMPAIGNS), Campaigns(55, (), {}))


def test_files_that_do_not_hold_are_refused_by_name(tmp_path: Path) -> None:
    assert refused(tmp_path / "campaigns.json").code == "missing"
    path = write(tmp_path, CAMPAIGNS, serial=None)
    unsigned = refused(path)
    assert (unsigned.code, unsigned.document) == ("unsigned", "campaigns.json")
    assert "campaigns.manifest.json" in unsigned.problem
    write(tmp_path, CAMPAIGNS)
    path.write_bytes(CAMPAIGNS.replace(b"[]", b"{}"))
    assert refused(path).code == "wrong_digest"
    assert refused(write(tmp_path, CAMPAIGNS, serial=56)).code == "wrong_serial"
    broken = refused(write(tmp_path, b'{"document": "campaigns", "serial": 55}'))
    assert (broken.code, broken.key) == ("invalid", "campaigns")
    (tmp_path / "campaigns.manifest.json").write_text("{")
    assert refused(path).code == "bad_manifest"


def test_a_folder_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "campaigns.json").mkdir()
    assert refused(tmp_path / "campaigns.json").code == "unreadable"


def test_the_operators_own_floor_plan_needs_no_signature(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_bytes(FLOORPLAN)
    ready = load_unsigned(path, "floorplan")
    assert isinstance(ready.content, FloorPlan)
    assert (ready.serial, ready.digest) == (0, digest_of(FLOORPLAN))
    path.write_bytes(FLOORPLAN.replace(b"aisle", b""))
    with pytest.raises(DocumentRefused, match=r"^shop\.toml: zones\[0\]\.kind: ") as caught:
        load_unsigned(path, "floorplan")
    assert caught.value.document == "shop.toml"


def test_a_document_of_a_later_version_is_refused_by_name() -> None:
    assert set(DOCUMENT_NAMES) == set(COMPILERS)
    with pytest.raises(DocumentRefused) as caught:
        compile_document("weather", b"")
    assert caught.value.code == "unsupported"
