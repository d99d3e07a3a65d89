"""Runs as root in a booted Debian that has the gateway installed: works the unit as an operator and a fault would.

Standard library only: the guest's own Python runs it. What it saw goes to the file named, as one JSON object.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

UNIT = "proximity-gateway.service"
PATIENCE_S = 60.0
IFF_UP = 1
Facts = dict[str, object]


def main(facts_file: str, files: str) -> None:
    steps = (give_settings, start, ask_bluez, watch_the_watchdog, stop, start_with_wrong_settings, uninstall)
    tell(steps, facts_file, files)


def tell(steps: Sequence[Callable[[Facts, Path], None]], facts_file: str, files: str) -> None:
    """Go through the steps, up to the first that fails, and write down what they saw."""
    facts: Facts = {}
    try:
        for step in steps:
            step(facts, Path(files))
    except Exception as error:  # noqa: BLE001 - told to the test, which fails on it
        facts["error"] = repr(error)
    facts["journal"] = run("journalctl", "-u", UNIT, "-o", "cat", "--no-pager")
    Path(facts_file).write_text(json.dumps(facts))


def give_settings(facts: Facts, files: Path) -> None:
    facts["loopback"] = bool(int(Path("/sys/class/net/lo/flags").read_text(), 16) & IFF_UP)
    for name in ("settings.toml", "floorplan.toml", "walk.ndjson"):
        shutil.copy(files / name, "/etc/proximity-gateway")
    run("systemd-tmpfiles", "--create", "proximity-gateway.conf")
    store = Path("/etc/credstore")
    store.mkdir(mode=0o700, exist_ok=True)
    (store / "proximity-gateway.device-secret").write_bytes(bytes(range(32)))
    run("systemctl", "start", "mosquitto")


def start(facts: Facts, _files: Path) -> None:
    begun_s = time.monotonic()
    run("systemctl", "enable", "--now", UNIT)
    facts["ready_after_s"] = time.monotonic() - begun_s
    facts["started"] = show()
    facts["owner"] = Path(f"/proc/{main_pid()}").owner()
    facts["state"] = sorted(path.name for path in Path("/var/lib/proximity-gateway").iterdir())


def ask_bluez(facts: Facts, files: Path) -> None:
    """What D-Bus lets the gateway's account do with BlueZ, and what `doctor`, started by root, makes of the machine.

    It is asked without settings, since those of this shop need no Bluetooth.
    """
    ready = files / "bluez-is-there"
    python = "/opt/proximity-gateway/bin/python"
    with subprocess.Popen([python, "/src/tests/scenarios/guest_bluez.py", str(ready)]) as bluez:
        wait_until(ready.exists)
        facts["may_scan"] = called("org.bluez.Adapter1", "StartDiscovery", "/org/bluez/hci0")
        offering = (("GattManager1", "RegisterApplication"), ("LEAdvertisingManager1", "RegisterAdvertisement"))
        facts["may_offer"] = [called(f"org.bluez.{name}", member, "/org/bluez/hci0") for name, member in offering]
        facts["may_connect"] = called("org.bluez.Device1", "Connect", "/org/bluez/hci0/dev_C0_00_00_00_00_01")
        settings = Path("/etc/proximity-gateway/settings.toml")
        settings.rename(settings.with_name("aside.toml"))
        lines = run("proximity-gateway", "doctor", "--json", check=False)
        settings.with_name("aside.toml").rename(settings)
        facts["doctor"] = {line["probe"]: line for line in map(json.loads, lines.splitlines())}
        bluez.kill()


def called(interface: str, member: str, path: str) -> str:
    """What the bus answers the gateway's account."""
    command = ("runuser", "-u", "proximity-gateway", "--", "busctl", "call", "org.bluez", path, interface, member)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "permitted" if done.returncode == 0 else done.stderr.strip()


def watch_the_watchdog(facts: Facts, _files: Path) -> None:
    """A process that is stopped feeds nobody, as one that hangs."""
    time.sleep(3)
    frozen = main_pid()
    begun_s = time.monotonic()
    os.kill(frozen, signal.SIGSTOP)
    wait_until(lambda: show()["NRestarts"] == "1" and show()["ActiveState"] == "active")
    facts["back_after_s"] = time.monotonic() - begun_s
    facts["restarted"] = show()
    facts["another_process"] = main_pid() != frozen


def stop(facts: Facts, _files: Path) -> None:
    wait_until(lambda: acked("telemetry") >= 2)  # both starts have reached the broker: somebody to flush to is there
    begun_s = time.monotonic()
    run("systemctl", "stop", UNIT)
    facts["stopped_after_s"] = time.monotonic() - begun_s
    facts["stopped"] = show()
    facts["outbox"] = outbox()


def outbox() -> list[dict[str, object]]:
    lines = run("runuser", "-u", "proximity-gateway", "--", "proximity-gateway", "outbox")
    return [json.loads(line) for line in lines.splitlines()]


def acked(stream: str) -> int:
    return sum(int(str(line["acked"])) for line in outbox() if line["class"] == stream)


def start_with_wrong_settings(facts: Facts, _files: Path) -> None:
    """Exit 2: systemd leaves it to a person."""
    settings = Path("/etc/proximity-gateway/settings.toml")
    right = settings.read_text()
    settings.write_text(right.replace("[http]", "[htpp]"))
    run("systemctl", "start", UNIT, check=False)
    facts["refused"] = show()
    settings.write_text(right)
    run("systemctl", "reset-failed", UNIT)
    run("systemctl", "start", UNIT)


def uninstall(facts: Facts, _files: Path) -> None:
    run("bash", "/src/scripts/uninstall.sh")
    looked_at = (
        *("/opt/proximity-gateway", f"/etc/systemd/system/{UNIT}", "/usr/local/bin/proximity-gateway"),
        *("/etc/dbus-1/system.d/proximity-gateway.conf", "/etc/proximity-gateway/settings.toml"),
        "/var/lib/proximity-gateway/gateway.db",
    )
    facts["left"] = [path for path in looked_at if Path(path).exists()]
    facts["after_uninstall"] = run("systemctl", "is-active", UNIT, check=False).strip()


def show() -> dict[str, str]:
    names = "ActiveState,SubState,MainPID,NRestarts,Result,ExecMainStatus,StatusErrno,WatchdogUSec"
    return dict(line.split("=", 1) for line in run("systemctl", "show", "-p", names, UNIT).splitlines())


def main_pid() -> int:
    return int(show()["MainPID"])


def wait_until(there: Callable[[], bool]) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while not there():
        if time.monotonic() > until_s:
            msg = f"waited {PATIENCE_S} s in vain: {show()}"
            raise TimeoutError(msg)
        time.sleep(0.2)


def run(*command: str, check: bool = True) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if check and done.returncode:
        msg = f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}"
        raise RuntimeError(msg)
    return done.stdout


if __name__ == "__main__":
    main(*sys.argv[1:])
