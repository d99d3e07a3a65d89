"""A gateway on a real kernel and a real bluetoothd, in a virtual machine: `scripts/vm-bluetooth.sh`, eight minutes."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.scenarios.debian_root import why_not

QEMU = "qemu-system-x86_64"
REASON = why_not() or (None if shutil.which(QEMU) else f"{QEMU} not installed (apt: qemu-system-x86)")
FULL = os.environ.get("PROXIMITY_TEST_COUNTS") == "full"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FULL, reason="minutes long: part of make test-long"),
    pytest.mark.skipif(REASON is not None, reason=str(REASON)),
]


def test_members_are_seen_and_nobody_leaves_whatever_befalls_the_radio(tmp_path: Path) -> None:
    play("bluetooth", tmp_path)


def test_phones_check_in_as_at_the_simulated_bluetoothd(tmp_path: Path) -> None:
    play("check_ins", tmp_path)


def play(scene: str, folder: Path) -> None:
    command = (ROOT / "scripts" / "vm-bluetooth.sh", folder / "run", scene)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
