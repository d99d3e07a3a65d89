"""The power of a virtual machine is cut 20 times: `scripts/power-cut.sh`, a minute a cut."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.brokers import MOSQUITTO
from tests.scenarios.debian_root import why_not

QEMU = "qemu-system-x86_64"
FULL = os.environ.get("PROXIMITY_TEST_COUNTS") == "full"
REASON = (
    why_not()
    or (None if shutil.which(QEMU) else f"{QEMU} not installed (apt: qemu-system-x86)")
    or (None if MOSQUITTO else "mosquitto not installed (apt: mosquitto)")
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FULL, reason="minutes long: part of make test-long"),
    pytest.mark.skipif(REASON is not None, reason=str(REASON)),
]


def test_nothing_that_was_told_is_taken_back_by_a_power_cut() -> None:
    done = _cut("--cuts", "20")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("lines committed") == 20


def test_power_cuts_find_out_a_database_that_does_not_wait_for_the_disk() -> None:
    done = _cut("--cuts", "20", "--unsynced")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "taken back: " in done.stdout


def _cut(*options: str) -> subprocess.CompletedProcess[str]:
    command: tuple[str | Path, ...] = (ROOT / "scripts" / "power-cut.sh", *options)
    return subprocess.run(command, capture_output=True, text=True, check=False)
