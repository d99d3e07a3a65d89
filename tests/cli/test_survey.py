"""`survey`: a walk of known places to a file, and what it says of a shop where too little was heard."""

import json
from pathlib import Path

from typer.testing import CliRunner

from gateway.cli import app_of
from gateway.documents.survey import load_survey
from tests.corpora import RADIO

OFFICE = RADIO / "office"


def _survey(capture: Path, truth: Path, output: Path, plan: Path = OFFICE / "floorplan.toml"):  # type: ignore[no-untyped-def]
    arguments = ["survey", str(capture), "--floorplan", str(plan), "--truth", str(truth), "-o", str(output)]
    return CliRunner().invoke(app_of(["survey", "replay"]), arguments)


def test_a_walk_becomes_points_with_their_zones(tmp_path: Path) -> None:
    done = _survey(OFFICE / "survey.ndjson", OFFICE / "survey.truth.ndjson", tmp_path / "survey.json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    made = load_survey(tmp_path / "survey.json", "office")
    assert said["points"] == len(made.points) == 120
    assert said["readings"] == 11450
    assert set(said["zones"]) == {point.zone for point in made.points}


def test_zones_where_too_little_was_heard_are_named(tmp_path: Path) -> None:
    done = _survey(OFFICE / "straight_01.ndjson", OFFICE / "straight_01.truth.ndjson", tmp_path / "survey.json")
    assert done.exit_code == 0
    assert "too little was heard in" in done.stderr


def test_a_zone_that_the_plan_lacks_is_a_slip(tmp_path: Path) -> None:
    truth = tmp_path / "truth.ndjson"
    truth.write_text((OFFICE / "survey.truth.ndjson").read_text().replace('"north', '"nort', 1))
    done = _survey(OFFICE / "survey.ndjson", truth, tmp_path / "survey.json")
    assert done.exit_code == 2
    assert "the floor plan has no zone 'nort" in done.stderr
    assert "did you mean north" in done.stderr


def test_a_truth_of_somebody_else_makes_nothing(tmp_path: Path) -> None:
    truth = tmp_path / "truth.ndjson"
    truth.write_text('{"t": 0.0, "subject": "nobody", "zone": "north"}\n')
    done = _survey(OFFICE / "survey.ndjson", truth, tmp_path / "survey.json")
    assert done.exit_code == 2
    assert "nothing of the truth's subjects was heard" in done.stderr
    assert not (tmp_path / "survey.json").exists()
