"""The bare Debian of `scripts/bare-root.sh`: of which release, and for which processor."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

ASKED = """#!/bin/sh
printf '%s\\n' "$@" >"$ASKED"
exit 9
"""
"""In place of mmdebstrap: tells what it was asked for, and makes nothing."""


@pytest.mark.parametrize(
    ("settings", "suite", "architecture"),
    [
        ({}, "bookworm", "riscv64"),
        ({"BARE_ROOT_ARCHITECTURE": "arm64"}, "bookworm", "arm64"),
        ({"BARE_ROOT_ARCHITECTURE": "arm64", "BARE_ROOT_SUITE": "trixie"}, "trixie", "arm64"),
    ],
)
def test_it_is_of_the_release_and_for_the_processor_asked_for(
    settings: dict[str, str], suite: str, architecture: str, tmp_path: Path
) -> None:
    lay_program(tmp_path / "mmdebstrap", ASKED)
    lay_program(tmp_path / "dpkg", "#!/bin/sh\necho riscv64\n")
    asked = tmp_path / "asked"
    run = (ROOT / "scripts" / "bare-root.sh", tmp_path / "root")
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "ASKED": str(asked), **settings}
    done = subprocess.run(run, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 9, done.stderr
    arguments = asked.read_text().splitlines()
    assert f"--architectures={architecture}" in arguments
    assert arguments[-2:] == [suite, str(tmp_path / "root")]


def lay_program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
