"""Every recorded walk through `replay` and `evaluate`, as a user would."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import COMMANDS, app_of
from tests.corpora import RADIO

WALKS = {
    "office": "straight_*.ndjson",
    "doorway": "*_sensor_*.ndjson",
    "mall": "walk-*.ndjson",
    "sectors": "tx-4dbm.ndjson",
}
LEAST_ACCURATE = {"office": 0.45, "doorway": 0.8, "mall": 0.0, "sectors": 0.0}
"""What plain rules reach without a survey: mall and sectors have beacons without a place, so nothing can be told."""


@pytest.mark.parametrize("folder", WALKS)
def test_every_walk_is_replayed_and_scored(folder: str, tmp_path: Path):
    command, app = CliRunner(), app_of(COMMANDS)
    evaluate = ["evaluate"]
    captures = [path for path in sorted((RADIO / folder).glob(WALKS[folder])) if ".truth." not in path.name]
    assert captures
    for capture in captures:
        played = command.invoke(
            app_of(COMMANDS), ["replay", str(capture), f"--floorplan={RADIO / folder / 'floorplan.toml'}"]
        )
        assert played.exit_code == 0, played.stderr
        events = tmp_path / capture.name
        events.write_text(played.stdout)
        evaluate += [str(events), f"--truth={capture.with_suffix('.truth.ndjson')}"]
    scored = command.invoke(app, evaluate)
    assert scored.exit_code == 0, scored.stderr
    *subjects, everybody = [json.loads(line) for line in scored.stdout.splitlines()]
    assert len(subjects) >= len(captures)
    assert everybody["zone_accuracy"] >= LEAST_ACCURATE[folder]
    assert everybody["seconds"] == sum(line["seconds"] for line in subjects)
