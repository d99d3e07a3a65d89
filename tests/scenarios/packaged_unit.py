"""Runs as root in a booted Debian: installs the package, updates, removes and purges it, as a shop's IT would.

Standard library only: the guest's own Python runs it. What it saw goes to the file named, as one JSON object.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

from tests.scenarios.booted_unit import IFF_UP, UNIT, Facts, called, main_pid, outbox, run, show, tell, wait_until

SETTINGS = Path("/etc/proximity-gateway")
STATE = Path("/var/lib/proximity-gateway")
HOME = Path("/usr/lib/proximity-gateway")
LIBRARIES = (
    "cv2, zxingcpp, pyzbar.pyzbar, numpy, cryptography.x509, orjson, cbor2, cel, bleak, uvicorn, smartcard.scard"
)


def main(facts_file: str, files: str) -> None:
    tell((make_bare, install, run_it, ask_bluez, update, remove, install_again, purge), facts_file, files)


def make_bare(facts: Facts, files: Path) -> None:
    """What `make install` left here is in the way first, and taken away then."""
    facts["loopback"] = bool(int(Path("/sys/class/net/lo/flags").read_text(), 16) & IFF_UP)
    refused = subprocess.run(apt_get("install", files / "package.deb"), capture_output=True, text=True, check=False)
    facts["refused"] = (refused.returncode, refused.stdout + refused.stderr)
    run("bash", "/src/scripts/uninstall.sh")
    for path in (SETTINGS, STATE):
        shutil.rmtree(path)
    run("userdel", "proximity-gateway")
    run("systemctl", "daemon-reload")
    run("systemctl", "start", "mosquitto")


def install(facts: Facts, files: Path) -> None:
    facts["said"] = run(*apt_get("install", files / "package.deb"))
    facts["enabled"] = run("systemctl", "is-enabled", UNIT).strip()
    facts["before_settings"] = show()["ActiveState"]
    run(str(HOME / "bin" / "python"), "-c", f"import {LIBRARIES}")


def run_it(facts: Facts, files: Path) -> None:
    for name in ("settings.toml", "floorplan.toml", "walk.ndjson"):
        shutil.copy(files / name, SETTINGS)
    run("systemd-tmpfiles", "--create", "proximity-gateway.conf")
    run("runuser", "-u", "proximity-gateway", "--", "proximity-gateway", "check")
    run("systemctl", "start", UNIT)
    facts["started"] = show()
    facts["owner"] = Path(f"/proc/{main_pid()}").owner()
    with urlopen("http://127.0.0.1:8080/readyz", timeout=30) as answer:
        facts["ready"] = answer.status
    wait_until(lambda: len(outbox()) >= 2)


def ask_bluez(facts: Facts, files: Path) -> None:
    """What D-Bus lets the gateway's account do with BlueZ by the package's own rules."""
    ready = files / "bluez-is-there"
    with subprocess.Popen([HOME / "bin" / "python", "/src/tests/scenarios/guest_bluez.py", ready]) as bluez:
        wait_until(ready.exists)
        facts["may_scan"] = called("org.bluez.Adapter1", "StartDiscovery", "/org/bluez/hci0")
        facts["may_connect"] = called("org.bluez.Device1", "Connect", "/org/bluez/hci0/dev_C0_00_00_00_00_01")
        bluez.kill()


def update(facts: Facts, files: Path) -> None:
    before, was = main_pid(), incarnations()
    facts["installed"] = run("dpkg-query", "-W", "-f", "${Version}", "proximity-gateway")
    run(*apt_get("install", files / "newer.deb"))
    facts["updated"] = run("dpkg-query", "-W", "-f", "${Version}", "proximity-gateway")
    facts["after_update"] = show()
    facts["another_process"] = main_pid() != before
    facts["one_life"] = incarnations() == was
    facts["settings_kept"] = (SETTINGS / "settings.toml").read_text() == (files / "settings.toml").read_text()


def remove(facts: Facts, _files: Path) -> None:
    facts["life"] = incarnations()
    run(*apt_get("remove", "proximity-gateway"))
    facts["after_remove"] = run("systemctl", "is-active", UNIT, check=False).strip()
    looked_at = (HOME, Path("/usr/bin/proximity-gateway"), SETTINGS / "settings.toml", STATE / "gateway.db")
    facts["left_by_remove"] = [str(path) for path in looked_at if path.exists()]


def install_again(facts: Facts, files: Path) -> None:
    """Settings are there already, as on a device that was prepared."""
    facts["said_again"] = run(*apt_get("install", files / "newer.deb"))
    facts["started_by_itself"] = show()
    facts["life_again"] = incarnations()


def purge(facts: Facts, _files: Path) -> None:
    run(*apt_get("purge", "proximity-gateway"))
    facts["after_purge"] = run("systemctl", "is-active", UNIT, check=False).strip()
    found = run("find", "/etc", "/usr", "/var", "/opt", "/run/systemd", "-name", "*proximity*gateway*", check=False)
    facts["left_by_purge"] = found.splitlines()
    facts["account"] = run("getent", "passwd", "proximity-gateway", check=False).strip()
    facts["failed"] = run("systemctl", "list-units", "--failed", "--plain", "--no-legend", "proximity*").strip()


def incarnations() -> list[object]:
    return sorted({str(line["incarnation"]) for line in outbox()})


def apt_get(action: str, what: str | Path) -> tuple[str, ...]:
    options = ("-y", "--no-install-recommends", "-o", "APT::Sandbox::User=root")
    return ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *options, action, str(what))


if __name__ == "__main__":
    main(*sys.argv[1:])
