"""Our camera source on a camera of a real kernel, in a virtual machine: `scripts/vm-camera.sh`, two minutes."""

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


def test_a_camera_that_is_pulled_out_while_it_streams_is_watched_again(tmp_path: Path) -> None:
    command = (ROOT / "scripts" / "vm-camera.sh", tmp_path / "run")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
