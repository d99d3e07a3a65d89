"""`doctor` as an operator runs it, beside real things: a broker, a bus with a simulated BlueZ, a disk that is full."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.probes.examination import examine
from gateway.probes.finding import Finding
from simulators.bluez import SimulatedBluez
from tests.architecture.tree import ROOT
from tests.brokers import MOSQUITTO, Mosquitto, Pki, free_port, make_pki, mosquitto

FLOORPLAN = '[store]\nid = "0042"\ntenant = "acme"\ntimezone = "Europe/Paris"\n[[zones]]\nid = "a"\nkind = "aisle"\n'
STORE = '[store]\ntenant = "acme"\nid = "0042"\ngateway = "gw-1"\nfloorplan = "floorplan.toml"\n'

needs_mosquitto = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")


NO_BUS = "unix:path=/nowhere"


@dataclass(frozen=True, slots=True)
class Report:
    """The findings by probe, the last of each."""

    findings: dict[str, Finding]

    def __getitem__(self, probe: str) -> tuple[str, str]:
        finding = self.findings[probe]
        return finding.status, f"{finding.found} | {finding.means} | {finding.mend}"


async def doctor(settings: Path, bus: str = NO_BUS) -> Report:
    environ = {"DBUS_SYSTEM_BUS_ADDRESS": bus}
    return Report({finding.probe: finding async for finding in examine(settings, environ)})


def command(settings: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway", "doctor", "--settings", settings, "--account", "", *more],
        cwd=ROOT,
        env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": NO_BUS},
        capture_output=True,
        text=True,
        check=False,
    )


def write(directory: Path, more: str = "") -> Path:
    (directory / "floorplan.toml").write_text(FLOORPLAN)
    settings = directory / "settings.toml"
    settings.write_text(f'{STORE}[state]\ndirectory = "state"\n{more}')
    return settings


async def test_a_gateway_without_radio_and_broker_needs_neither(tmp_path: Path) -> None:
    report = await doctor(write(tmp_path))
    assert [report[probe][0] for probe in ("settings", "bluez", "broker", "pages")] == [
        *("ok", "skipped", "skipped", "skipped")
    ]


async def test_without_settings_the_machine_is_looked_at_all_the_same(tmp_path: Path) -> None:
    report = await doctor(tmp_path / "none.toml")
    assert report["settings"][0] == "problem"
    status, says = report["bluez"]
    assert status == "problem"
    assert "no D-Bus" in says
    assert "sudo apt install dbus bluez" in says
    assert "disk" in report.findings


def test_text_is_a_line_a_finding_with_what_mends_it(tmp_path: Path) -> None:
    done = command(tmp_path / "none.toml", "--text")
    assert (done.returncode, done.stderr) == (1, "")
    assert all(line[0] in "✓!✗–" for line in done.stdout.splitlines())
    assert "✗ bluez" in done.stdout
    assert "sudo systemctl start dbus" in done.stdout


def test_without_a_terminal_it_is_an_object_a_line(tmp_path: Path) -> None:
    done = command(write(tmp_path))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(list(line) == ["probe", "status", "found", "means", "mend"] for line in lines)
    assert done.returncode == int(any(line["status"] == "problem" for line in lines))


async def test_bluez_as_it_should_be(tmp_path: Path) -> None:
    async with SimulatedBluez(("hci0",)) as bluez:
        report = await doctor(tmp_path / "none.toml", bus=bluez.address)
    assert [report[probe][0] for probe in ("bluez", "dbus-rights", "adapter", "experimental")] == ["ok"] * 4
    assert "hci0, switched on" in report["adapter"][1]


async def test_bluez_without_its_experimental_interface(tmp_path: Path) -> None:
    async with SimulatedBluez(("hci0",), experimental=False) as bluez:
        report = await doctor(tmp_path / "none.toml", bus=bluez.address)
    status, says = report["experimental"]
    assert status == "problem"
    assert "sudo systemctl restart bluetooth" in says


async def test_an_adapter_that_is_off_and_one_that_is_gone(tmp_path: Path) -> None:
    async with SimulatedBluez(("hci0",)) as bluez:
        bluez.power("hci0", on=False)
        off = await doctor(tmp_path / "none.toml", bus=bluez.address)
        bluez.unplug("hci0")
        gone = await doctor(tmp_path / "none.toml", bus=bluez.address)
    assert off["adapter"][0] == gone["adapter"][0] == "problem"
    assert "bluetoothctl power on" in off["adapter"][1]
    assert "no Bluetooth adapter" in gone["adapter"][1]


async def test_a_bus_without_bluez(tmp_path: Path) -> None:
    async with SimulatedBluez(("hci0",)) as bluez:
        await bluez.kill_daemon()
        report = await doctor(tmp_path / "none.toml", bus=bluez.address)
    status, says = report["bluez"]
    assert status == "problem"
    assert "sudo systemctl enable --now bluetooth" in says


@asynccontextmanager
async def tls_broker(directory: Path) -> AsyncIterator[tuple[Mosquitto, Pki, str]]:
    directory.mkdir()
    pki = make_pki(directory)
    async with mosquitto(directory / "broker", pki=pki) as broker:
        table = f'[mqtt]\nurl = "{broker.url}"\nca = "{pki.ca}"\n'
        yield broker, pki, table


@needs_mosquitto
async def test_a_broker_with_tls_lets_us_in_and_certificates_that_end_soon_are_told(tmp_path: Path) -> None:
    async with tls_broker(tmp_path / "pki") as (_broker, pki, table):
        own = f'certificate = "{pki.certificate("client")}"\nkey = "{pki.key("client")}"\n'
        report = await doctor(write(tmp_path, table + own))
    assert report["broker"][0] == "ok", report["broker"]
    assert "MQTT 5" in report["broker"][1]
    assert report["certificate"][0] == "warning", "these are good for a day"
    assert "the certificate of localhost" in report["certificate"][1]


@needs_mosquitto
async def test_a_broker_that_wants_another_certificate(tmp_path: Path) -> None:
    async with tls_broker(tmp_path / "pki") as (_broker, pki, table):
        own = f'certificate = "{pki.certificate("client")}"\nkey = "{pki.key("server")}"\n'
        no_pair = await doctor(write(tmp_path, table + own))
        none = await doctor(write(tmp_path, table))
    assert no_pair["broker"][0] == none["broker"][0] == "problem"


@pytest.fixture
def passwords(tmp_path: Path) -> Path:
    """A password file of mosquitto's, with one account."""
    made = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", made, "gw-1", "right"], check=True, capture_output=True)
    return made


@needs_mosquitto
async def test_a_wrong_password_is_told_as_that(tmp_path: Path, passwords: Path) -> None:
    (tmp_path / "password").write_text("wrong\n")
    extra = ("allow_anonymous false", f"password_file {passwords}")
    async with mosquitto(tmp_path / "broker", extra=extra) as broker:
        table = f'[mqtt]\nurl = "{broker.url}"\nusername = "gw-1"\npassword_file = "password"\n'
        wrong = await doctor(write(tmp_path, table))
        (tmp_path / "password").write_text("right\n")
        right = await doctor(write(tmp_path, table))
    assert wrong["broker"][0] == "problem"
    assert "check username, password or certificate" in wrong["broker"][1]
    assert right["broker"][0] == "ok"


async def test_no_broker_and_no_pages(tmp_path: Path) -> None:
    tables = f'[mqtt]\nurl = "mqtt://127.0.0.1:{free_port()}"\n[http]\nlisten = "127.0.0.1:{free_port()}"\n'
    report = await doctor(write(tmp_path, tables))
    assert "nothing listens at 127.0.0.1" in report["broker"][1]
    assert "sudo systemctl start proximity-gateway" in report["pages"][1]


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A tmpfs of 1 MiB with nothing left."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    place = tmp_path / "state"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], check=False).returncode:
        pytest.skip("root may not mount here (a container without CAP_SYS_ADMIN)")
    (place / "filling").write_bytes(bytes(1 << 20))
    yield place
    subprocess.run(["umount", place], check=True)


async def test_a_full_disk(tmp_path: Path, full_disk: Path) -> None:
    report = await doctor(write(tmp_path))
    status, says = report["disk"]
    assert status == "problem"
    assert "No space left on device" in says
    assert f"du -xh --max-depth=2 {full_disk}" in says
