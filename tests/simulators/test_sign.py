"""`sign`: what it writes beside a document is what a gateway that trusts the key takes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.documents.registry import load_signed
from gateway.documents.verify import TrustOptions
from simulators.cli import app
from simulators.document_file import read_document

PRODUCTS = '{"document": "products", "serial": 7, "products": []}'
FLOORPLAN = """
[store]
id = "0042"
tenant = "acme"
timezone = "Europe/Paris"
[[zones]]
id = "shop"
kind = "aisle"
"""


def signed(document: Path, *more: str, code: int = 0) -> str:
    key = str(document.with_name("hq.pem"))
    options = ["--key", key, "--tenant", "acme", "--store", "0042", *more]
    done = CliRunner().invoke(app, ["sign", str(document), *options])
    assert done.exit_code == code, done.output
    return done.output


def test_a_gateway_that_trusts_the_printed_key_takes_the_file(tmp_path: Path) -> None:
    document = tmp_path / "products.json"
    document.write_text(PRODUCTS)
    said = json.loads(signed(document))
    assert said["manifest"] == str(tmp_path / "products.manifest.json")
    trust = TrustOptions(keys=said["keys"])
    assert load_signed(document, "products", tenant="acme", store="0042", trust=trust).serial == 7


def test_a_floor_plan_has_the_serial_that_is_said(tmp_path: Path) -> None:
    document = tmp_path / "floorplan.toml"
    document.write_text(FLOORPLAN)
    assert "write a number as --serial" in signed(document, code=2)
    said = json.loads(signed(document, "--serial", "3"))
    assert (said["document"], said["serial"]) == ("floorplan", 3)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("campaigns.json", '{"document": "campaigns"}', 'write a number there ("serial")'),
        ("campaigns.json", '{"document": "campaigns", "serial": true}', 'write a number there ("serial")'),
        ("campaigns.json", '{"serial": 1}', 'begin it with "document"'),
        ("members.ndjson", "[]", 'begin it with "document"'),
        ("sheet.csv", "id;preset", "neither JSON"),
        ("campaigns.json", '{"document": "campaigns", "serial": 2}', "--serial 5: leave --serial out"),
    ],
)
def test_what_is_no_document_is_said(tmp_path: Path, name: str, text: str, says: str) -> None:
    (tmp_path / name).write_text(text)
    more = ("--serial", "5") if '"serial": 2' in text else ()
    assert says in signed(tmp_path / name, *more, code=2)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert "none.json: No such file or directory" in signed(tmp_path / "none.json", code=2)


def test_of_members_the_first_line_says_what_they_are(tmp_path: Path) -> None:
    document = tmp_path / "members.ndjson"
    document.write_text('{"document": "members", "serial": 812}\n{"handle": "q3lzt7", "removed": true}\n')
    assert (read_document(document).name, read_document(document).serial) == ("members", 812)
