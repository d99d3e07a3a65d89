"""`campaigns` as people who write and measure campaigns run it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import COMMANDS, app_of
from gateway.documents.presets import PRESETS
from tests.architecture.tree import ROOT

PLAN = ROOT / "tests" / "stories" / "floorplan.toml"
ROW = "identifiant;modèle;titre fr;titre en\nété;welcome;Bel été;Summer\n"


def campaigns(*arguments: object) -> Result:
    return CliRunner().invoke(app_of(COMMANDS), ["campaigns", *map(str, arguments)])


def test_presets_are_listed_and_printed_ready_to_check(tmp_path: Path) -> None:
    listed = [json.loads(line) for line in campaigns("preset").stdout.splitlines()]
    assert [line["preset"] for line in listed] == list(PRESETS)
    (tmp_path / "goodbye.json").write_text(campaigns("preset", "goodbye").stdout)
    checked = campaigns("check", "--campaigns", tmp_path / "goodbye.json", "--floorplan", PLAN)
    assert checked.exit_code == 0, checked.stdout
    nothing = campaigns("preset", "hello")
    assert nothing.exit_code == 2
    assert "there is no preset “hello”: name one of welcome" in nothing.stderr


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_sheet_becomes_a_document_that_check_takes(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "sheet.csv").write_bytes(ROW.encode(encoding))
    imported = campaigns("import", tmp_path / "sheet.csv", "--floorplan", PLAN, "--serial", 9)
    assert imported.exit_code == 0, imported.stderr
    assert json.loads(imported.stdout)["serial"] == 9
    (tmp_path / "campaigns.json").write_text(imported.stdout, encoding="utf-8")
    assert campaigns("check", "--campaigns", tmp_path / "campaigns.json", "--floorplan", PLAN).exit_code == 0


def test_a_sheet_that_will_not_do_is_refused_where_it_is_wrong(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("id,preset,priority\nx,welcome,high\n")
    refused = campaigns("import", sheet, "--floorplan", PLAN)
    assert refused.exit_code == 2
    assert f"{sheet}: row 2, priority: “high” is no number. Write digits only." in refused.stderr
    sheet.write_text("id,preset,marker,product\nx,shelf,A7,09506000134352\n")
    assert "it has both marker and product" in campaigns("import", sheet, "--floorplan", PLAN).stderr
    assert campaigns("import", tmp_path / "none.csv", "--floorplan", PLAN).exit_code == 2
    sheet.write_bytes(b"PK\x03\x04\x14\x00")
    assert "it is a workbook: save the sheet as CSV" in campaigns("import", sheet, "--floorplan", PLAN).stderr


def test_a_test_that_was_dealt_otherwise_is_told(tmp_path: Path) -> None:
    document = json.loads(campaigns("preset", "welcome").stdout)
    document["campaigns"][0]["control_per_10000"] = 5000
    (tmp_path / "campaigns.json").write_text(json.dumps(document))
    made = {"type": "proximity.offer.made.v1", "data": {"campaign": "welcome", "variant": "a"}}
    held = {"type": "proximity.offer.withheld.v1", "data": {"campaign": "welcome", "reason": "control"}}
    other = {"type": "proximity.visit.started.v1", "data": {}}
    events = tmp_path / "events.ndjson"

    def balance(offered: int, control: int) -> Result:
        lines = [made | {"subject": f"m.{n}"} for n in range(offered)]
        lines += [held | {"subject": f"m.c{n}"} for n in range(control)]
        events.write_text("".join(json.dumps(line) + "\n" for line in [other, *lines]))
        return campaigns("balance", events, "--campaigns", tmp_path / "campaigns.json")

    even, uneven = balance(101, 99), balance(150, 50)
    assert (even.exit_code, uneven.exit_code) == (0, 1)
    line = json.loads(uneven.stdout)
    assert (line["counts"], line["due"]) == ({"control": 50, "others": 150}, {"control": 100.0, "others": 100.0})
    assert line["suspect"]
    assert line["p"] < 1e-9
    events.write_text("[]\n")
    unread = campaigns("balance", events, "--campaigns", tmp_path / "campaigns.json")
    assert unread.exit_code == 2
    assert "line 1 is no event" in unread.stderr
