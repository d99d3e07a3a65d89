"""The golden stories: captures of a shop, who gets what in them and why not, as docs/moments.md shows them."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import COMMANDS, app_of
from tests.architecture.tree import ROOT

STORIES: Final = ROOT / "tests" / "stories"
NAMES: Final = sorted(path.stem for path in STORIES.glob("*.timeline"))
SHOP: Final = ("--campaigns", str(STORIES / "campaigns.json"), "--floorplan", str(STORIES / "floorplan.toml"))
TITLES: Final = json.loads((STORIES / "campaigns.json").read_text())["content"]


def command(*arguments: object) -> Result:
    return CliRunner().invoke(app_of(COMMANDS), ["campaigns", *map(str, arguments)])


def rehearsed(capture: Path) -> list[dict[str, Any]]:
    done = command("rehearse", capture, *SHOP, "--members", STORIES / "members.ndjson")
    assert done.exit_code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def timeline(line: dict[str, Any]) -> str:
    """One decision as a person reads it. Without its time: how fast a zone is told is another matter."""
    if line["decision"] == "offered":
        words = TITLES[line["content"]][line["language"].split("-")[0]]["title"]
        outcome = f"“{words}” on {line['channel']}"
    else:
        shown = line["would_have_shown"]
        outcome = f"no: {line['reason']}" + (f" (would have shown {shown})" if shown else "")
    return f"{line['subject'][2:]:8} {line['moment']:13} {line['campaign']:12} {outcome}"


@pytest.mark.parametrize("name", NAMES)
def test_a_story_goes_as_it_is_told(name: str) -> None:
    told = [timeline(line) for line in rehearsed(STORIES / f"{name}.ndjson") if "decision" in line]
    expected = (STORIES / f"{name}.timeline").read_text()
    assert told == expected.splitlines()
    assert f"```text\n{expected}```" in (ROOT / "docs" / "moments.md").read_text()


def test_every_capture_has_its_timeline() -> None:
    captures = {path.stem for path in STORIES.glob("*.ndjson")} - {"members"}
    assert captures == set(NAMES)


def test_each_campaign_is_summed_up() -> None:
    lines = rehearsed(STORIES / "welcome-once.ndjson")
    sums = {line["campaign"]: line for line in lines if "offers" in line}
    assert sums["welcome"] == {"campaign": "welcome", "offers": 1, "members": 1, "withheld": {"cap": 1}}
    assert sums["help"] == {"campaign": "help", "offers": 0, "members": 0, "withheld": {}}


def test_the_shop_of_the_stories_is_in_order() -> None:
    done = command("check", *SHOP, "--at", "2026-01-05T09:00:00Z")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "6 campaigns, nothing found\n")


def test_what_is_found_is_printed_and_fails(tmp_path: Path) -> None:
    document = tmp_path / "campaigns.json"
    document.write_text((STORIES / "campaigns.json").read_text().replace('"zone": "shoes"', '"zone": "roof"'))
    done = command("check", "--campaigns", document, *SHOP[2:], "--at", "2026-01-05T09:00:00Z")
    found = {"campaign": "help", "code": "never_fires", "at": "trigger.zone_dwelled.zone"}
    says = "There is no zone “roof”. There are door, fitting, shoes, tills."
    assert (done.exit_code, json.loads(done.stdout)) == (1, found | {"says": says})


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("check", *SHOP, "--at", "noon"), "write a date and time"),
        (("check", "--campaigns", "missing.json", *SHOP[2:]), "there is no file"),
        (("rehearse", "missing.ndjson", *SHOP), "name a capture"),
        (("rehearse", STORIES / "floorplan.toml", *SHOP), "floorplan.toml: line 1"),
    ],
)
def test_what_cannot_be_read_is_said(arguments: tuple[object, ...], problem: str) -> None:
    done = command(*arguments)
    assert done.exit_code == 2
    assert problem in done.stderr
