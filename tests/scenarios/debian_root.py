"""A Debian root filesystem made once and kept, and a gateway installed and booted in it."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.architecture.tree import ROOT

SUITE: Final = os.environ.get("PROXIMITY_TEST_SUITE") or "bookworm"
"""The Debian whose service manager and BlueZ the gateway meets."""
PACKAGES: Final = (
    *("systemd", "systemd-sysv", "dbus", "udev", "bluez", "mosquitto"),
    *("python3", "python3-venv", "ca-certificates"),
)
CACHE: Final = Path(os.environ.get("PROXIMITY_TEST_CACHE") or ROOT / "build" / "roots")
"""Where roots are kept from one run to the next (300 MB)."""
BOOTED_S: Final = 240
JOB: Final = """[Unit]
After=multi-user.target dbus.service
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
Type=oneshot
ExecStart={command}
"""


def why_not() -> str | None:
    """Why no system can be booted here; None = it can."""
    missing = [name for name in ("systemd-nspawn", "mmdebstrap") if shutil.which(name) is None]
    if missing:
        return f"{' and '.join(missing)} not installed (apt: systemd-container, mmdebstrap)"
    return None if os.geteuid() == 0 else "making and booting a root filesystem needs root"


@contextmanager
def installed_root() -> Iterator[Path]:
    """A root with this tree installed by `scripts/install.sh`; one user at a time."""
    name = f"{SUITE}-{hashlib.sha256(' '.join(PACKAGES).encode()).hexdigest()[:12]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        root = CACHE / name
        if not root.exists():
            _make(root)
        run_in(root, ("scripts/install.sh",), f"--bind-ro={ROOT}:/src", "--chdir=/src")
        yield root


def run_in(root: Path, command: Sequence[str], *options: str) -> subprocess.CompletedProcess[str]:
    """Run `command` in `root` without booting it, with this machine's network and pip configuration."""
    done = subprocess.run(
        [ROOT / "scripts" / "in-root.sh", root, *options, "--", *command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done


def boot(root: Path, job: Sequence[str], *options: str) -> str:
    """Boot `root` without network, run `job` in it, power off; what changes meanwhile is forgotten.

    Gives what its console said.
    """
    unit = root / "etc" / "systemd" / "system" / "test-job.service"
    unit.write_text(JOB.format(command=" ".join(job)))
    wanted = unit.parent / "multi-user.target.wants" / unit.name
    wanted.unlink(missing_ok=True)
    wanted.symlink_to(f"../{unit.name}")
    command = (
        *("systemd-nspawn", "--quiet", f"--directory={root}", "--boot", "--register=no", "--keep-unit"),
        *("--volatile=overlay", "--private-network", *options),
    )
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=BOOTED_S,
        encoding="utf-8",
        errors="replace",
    )
    return done.stdout + done.stderr


def _make(root: Path) -> None:
    draft = root.with_name(f"{root.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE, str(draft)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    draft.rename(root)
