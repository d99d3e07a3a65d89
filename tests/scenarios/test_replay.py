"""`replay`: the same bytes every time, and a day in flat memory."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpora import RADIO
from tests.scenarios import far_zones
from tests.scenarios.replayed import replayed, written_shop
from tests.scenarios.restartable_gateway import ROOT

OFFICE = RADIO / "office"
HOUR_S = 3600


def test_a_replay_gives_the_same_bytes_whatever_the_hash_seed_and_time_zone(tmp_path):
    arguments = written_shop(tmp_path, far_zones.capture(600))
    here = replayed(arguments, PYTHONHASHSEED="1", TZ="Asia/Tokyo")
    there = replayed(arguments, PYTHONHASHSEED="4242", TZ="America/Los_Angeles")
    assert here == there
    types = [json.loads(line)["type"] for line in here.splitlines()]
    assert types[0] == "proximity.gateway.started.v1"
    for told in (
        "visit.started",
        "zone.entered",
        "zone.left",
        "visit.ended",
        "offer.made",
        "offer.withheld",
        "code.scanned",
    ):
        assert f"proximity.{told}.v1" in types


def test_a_replay_of_a_recorded_walk_gives_the_same_bytes():
    arguments = [str(OFFICE / "straight_01.ndjson"), f"--floorplan={OFFICE / 'floorplan.toml'}"]
    digests = {hashlib.sha256(replayed(arguments, PYTHONHASHSEED=seed)).hexdigest() for seed in ("1", "2")}
    assert len(digests) == 1


@pytest.mark.slow
def test_a_day_is_replayed_in_flat_memory(tmp_path):
    (tmp_path / "floorplan.toml").write_text(far_zones.FLOORPLAN)
    options = ["/dev/stdin", f"--floorplan={tmp_path / 'floorplan.toml'}"]
    command = [sys.executable, "-m", "gateway", "replay", *options]
    resident: dict[int, int] = {}
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps(far_zones.header()) + "\n")
        hour = 0
        for at_s, line in far_zones.capture(24 * HOUR_S, every=6):
            if at_s >= (hour + 1) * HOUR_S:
                hour += 1
                resident[hour] = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
            process.stdin.write(line + "\n")
        resident[24] = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    assert process.returncode == 0
    assert resident[24] <= resident[2] * 1.05
