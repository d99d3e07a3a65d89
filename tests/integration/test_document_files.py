"""Documents that settings name as files: which there may be, and the small ones read from theirs."""

import asyncio
import base64
import json
from dataclasses import fields
from pathlib import Path

import pytest

from gateway.documents.registry import COMPILERS
from gateway.settings import DocumentFiles, check_settings, load_settings
from tests.uplink.desk import SIGNER, STORE

SETTINGS = """
[store]
tenant = "acme"
id = "0042"
gateway = "gw-1"
floorplan = "floorplan.toml"
[state]
directory = "state"
[documents]
{name} = "{name}.json"
[trust]
keys = {{ {key} = "{public_key}" }}
"""
FLOOR_PLAN = """
[store]
id = "0042"
tenant = "acme"
timezone = "Europe/Paris"
languages = ["fr"]
[[zones]]
id = "shoes"
kind = "aisle"
"""


def test_every_document_that_head_office_signs_may_be_a_file_but_its_own_settings() -> None:
    assert {each.name for each in fields(DocumentFiles)} == {*COMPILERS} - {"floorplan", "settings"}


@pytest.mark.parametrize(
    ("name", "written"),
    [("issuers", {"keys": {}}), ("devices", {"devices": [{"irk": base64.b64encode(bytes(16)).decode()}]})],
)
def test_a_small_document_is_read_from_its_file(tmp_path: Path, name: str, written: dict[str, object]) -> None:
    content = json.dumps({"document": name, "serial": 7, **written}).encode()
    (tmp_path / f"{name}.json").write_bytes(content)
    (tmp_path / f"{name}.manifest.json").write_bytes(SIGNER.manifest(content, STORE, name, 7))
    (tmp_path / "floorplan.toml").write_text(FLOOR_PLAN)
    path = tmp_path / "settings.toml"
    path.write_text(SETTINGS.format(name=name, key=SIGNER.name, public_key=SIGNER.public_key))
    found = asyncio.run(check_settings(load_settings(path, {}), {}))
    assert found.problems == ()
    assert {each: source.serial for each, source in found.documents.items()} == {name: 7}
