"""`invite`: a code for a person at a screen, which the gateway takes once."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gateway.model.time import from_rfc3339
from gateway.storage.invites import Invites

ROOT = Path(__file__).parents[2]
SETTINGS = """
[store]
tenant = "acme"
id = "0042"
gateway = "gw-1"
floorplan = "plan.toml"
[state]
directory = "state"
"""


def invite(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "settings.toml").write_text(SETTINGS)
    command = [sys.executable, "-m", "gateway", "invite", "--settings", str(folder / "settings.toml"), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_a_code_is_printed_and_can_be_taken_once(tmp_path: Path) -> None:
    done = invite(tmp_path, "--scope", "staff", "--minutes", "5")
    assert (done.returncode, done.stderr) == (0, "")
    printed = json.loads(done.stdout)
    assert re.fullmatch(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", printed["code"])
    assert printed["scope"] == "staff"
    assert 0 < from_rfc3339(printed["until"]) - time.time() <= 300
    invites = Invites(tmp_path / "state")
    assert [invites.take(printed["code"], time.time()) for _ in range(2)] == ["staff", None]


@pytest.mark.parametrize("arguments", [("--scope", "member"), (), ("--scope", "it", "--minutes", "0")])
def test_wrong_usage_makes_nothing(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert invite(tmp_path, *arguments).returncode == 2
    assert not (tmp_path / "state").exists()


def test_a_state_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    done = invite(tmp_path, "--scope", "it")
    assert done.returncode == 2
    assert "the code could not be kept" in done.stderr
