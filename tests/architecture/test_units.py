"""The systemd files are valid, and the service stays as closed as it was made."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, plant

UNIT = ROOT / "systemd" / "proximity-gateway.service"
TMPFILES = ROOT / "systemd" / "proximity-gateway.tmpfiles.conf"
SYSUSERS = ROOT / "systemd" / "proximity-gateway.sysusers.conf"
MOST_EXPOSED = 16
"""Ten times the exposure (0 open nowhere, 10 open everywhere) that systemd-analyze security may find at most."""

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None or (os.geteuid() != 0 and not Path("/run/systemd").is_dir()),
    reason="no systemd-analyze, or it may not make its /run/systemd in a system that was not booted",
)


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)


def installed(unit: str, folder: Path) -> Path:
    """A copy of a unit whose program exists on this machine, as verify wants it to."""
    return plant(folder, UNIT.name, re.sub(r"(?<=^ExecStart=)\S+", sys.executable, unit, flags=re.MULTILINE))


@needs_systemd
def test_the_service_is_valid(tmp_path: Path) -> None:
    done = analyze("verify", "--recursive-errors=no", installed(UNIT.read_text(), tmp_path))
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
def test_a_misspelt_key_is_found(tmp_path: Path) -> None:
    done = analyze("verify", "--recursive-errors=no", installed(UNIT.read_text().replace("UMask=", "UMsk="), tmp_path))
    assert "UMsk" in done.stderr


@needs_systemd
def test_the_service_is_closed() -> None:
    done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", UNIT)
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="systemd-sysusers is not installed")
def test_the_account_can_be_made(tmp_path: Path) -> None:
    done = subprocess.run(
        ["systemd-sysusers", "--dry-run", f"--root={tmp_path}", SYSUSERS], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "proximity-gateway" in done.stderr


def test_its_memory_is_never_dumped_nor_swapped_out() -> None:
    """The watchdog aborts, which would write handles and keys to the disk; so would swap on a card."""
    assert "\nLimitCORE=0\n" in UNIT.read_text()
    assert "\nMemorySwapMax=0\n" in UNIT.read_text()


@pytest.mark.skipif(
    shutil.which("systemd-tmpfiles") is None or os.geteuid() != 0, reason="needs systemd-tmpfiles, root"
)
def test_settings_are_closed_to_others_and_a_folder_among_them_can_be_entered(tmp_path: Path) -> None:
    plant(tmp_path, "etc/passwd", "root:x:0:0::/:/bin/sh\nproximity-gateway:x:990:990::/:/bin/false\n")
    plant(tmp_path, "etc/group", "root:x:0:\nproximity-gateway:x:990:\n")
    (tmp_path / "var" / "lib").mkdir(parents=True)
    file = plant(tmp_path, "etc/proximity-gateway/settings.toml", "")
    folder = plant(tmp_path, "etc/proximity-gateway/tls/key.pem", "").parent
    subprocess.run(["systemd-tmpfiles", "--create", f"--root={tmp_path}", TMPFILES], check=True)
    modes = {each.name: (each.stat().st_mode & 0o777, each.stat().st_gid) for each in (file, folder)}
    assert modes == {"settings.toml": (0o640, 990), "tls": (0o750, 990)}


@pytest.mark.skipif(
    shutil.which("systemd-tmpfiles") is None or os.geteuid() != 0, reason="needs systemd-tmpfiles, root"
)
def test_what_bluetoothd_writes_down_of_passers_by_goes_and_pairings_stay(tmp_path: Path) -> None:
    plant(tmp_path, "etc/passwd", "root:x:0:0::/:/bin/sh\nproximity-gateway:x:990:990::/:/bin/false\n")
    plant(tmp_path, "etc/group", "root:x:0:\nproximity-gateway:x:990:\n")
    adapter = "var/lib/bluetooth/00:11:22:33:44:55"
    seen = plant(tmp_path, f"{adapter}/cache/C0:00:00:00:00:01", "[General]\nName=Somebody\n")
    paired = plant(tmp_path, f"{adapter}/C0:00:00:00:00:02/info", "")
    at_once = plant(tmp_path, "at-once.conf", TMPFILES.read_text().replace(" 1d\n", " 0\n"))
    subprocess.run(["systemd-tmpfiles", "--clean", f"--root={tmp_path}", at_once], check=True)
    assert (seen.exists(), paired.exists()) == (False, True)
