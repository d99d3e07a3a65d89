"""What each probe makes of what it saw: pure, so every kind of machine is here."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.mqtt.options import MqttOptions
from gateway.probes.bluez import Adapter, BluezSeen, judge_bluez
from gateway.probes.certificate import CertificateSeen, judge_certificates, look_at_certificates
from gateway.probes.clock import ClockSeen, judge_clock
from gateway.probes.disk import DiskSeen, judge_disk, look_at_disk
from gateway.probes.finding import Finding
from gateway.probes.pages import PagesSeen, judge_pages
from gateway.probes.rfkill import bluetooth_switches, judge_switches
from gateway.probes.swap import SwapSeen, judge_swap, look_at_swap
from gateway.web.options import ListenAddress
from tests.architecture.tree import plant

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
GIB = 1 << 30


def statuses(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.probe, finding.status) for finding in findings]


def adapter(name: str = "hci0", *, powered: bool = True, monitors: bool = True) -> Adapter:
    return Adapter(name, "F0:F1:F2:F3:F4:F5", powered, monitors)


@pytest.mark.parametrize(
    ("seen", "wanted", "says"),
    [
        (BluezSeen("gw", no_bus="No such file"), [None], [("bluez", "problem")]),
        (BluezSeen("gw"), [None], [("bluez", "problem")]),
        (
            BluezSeen("gw", running=True, version="5.66", denied="Access denied"),
            [None],
            [("bluez", "ok"), ("dbus-rights", "problem")],
        ),
        (
            BluezSeen("gw", running=True, version="5.66"),
            [None],
            [("bluez", "ok"), ("dbus-rights", "ok"), ("adapter", "problem"), ("experimental", "skipped")],
        ),
        (
            BluezSeen("gw", running=True, version="5.55", adapters=(adapter(monitors=False),)),
            ["hci0", "hci1"],
            [
                ("bluez", "warning"),
                ("dbus-rights", "ok"),
                ("adapter", "ok"),
                ("adapter", "problem"),
                ("experimental", "problem"),
            ],
        ),
        (
            BluezSeen("gw", running=True, adapters=(adapter(),)),
            ["f0:f1:f2:f3:f4:f5"],
            [("bluez", "ok"), ("dbus-rights", "ok"), ("adapter", "ok"), ("experimental", "ok")],
        ),
        (
            BluezSeen("gw", running=True, adapters=(adapter(powered=False),)),
            ["hci0"],
            [("bluez", "ok"), ("dbus-rights", "ok"), ("adapter", "problem"), ("experimental", "ok")],
        ),
    ],
)
def test_bluez(seen: BluezSeen, wanted: list[str | None], says: list[tuple[str, str]]) -> None:
    findings = judge_bluez(seen, wanted)
    assert statuses(findings) == says
    assert all(finding.means and finding.mend for finding in findings if finding.status == "problem")


@pytest.mark.parametrize(
    ("soft", "hard", "status", "mend"),
    [("0", "0", "ok", ""), ("1", "0", "problem", "sudo rfkill unblock bluetooth"), ("1", "1", "problem", "disable-bt")],
)
def test_rfkill(tmp_path: Path, soft: str, hard: str, status: str, mend: str) -> None:
    for name, kind in (("rfkill0", "wlan"), ("rfkill1", "bluetooth")):
        for file, text in (("type", kind), ("name", f"hci-{name}"), ("soft", soft), ("hard", hard)):
            plant(tmp_path, f"class/rfkill/{name}/{file}", f"{text}\n")
    finding = judge_switches(bluetooth_switches(tmp_path))
    assert finding.status == status
    assert mend in finding.mend
    assert "hci-rfkill1" in finding.found


@pytest.mark.parametrize(
    ("seen", "status"),
    [
        (ClockSeen(1_795_000_000.0, synchronized=True, service=True, hardware=True), "ok"),
        (ClockSeen(1_795_000_000.0, synchronized=True, service=True, hardware=False), "warning"),
        (ClockSeen(1_795_000_000.0, synchronized=False, service=True, hardware=True), "problem"),
        (ClockSeen(3_600.0, synchronized=True, service=False, hardware=False), "problem"),
    ],
)
def test_clock(seen: ClockSeen, status: str) -> None:
    assert judge_clock(seen).status == status


def disk(
    *,
    free: int = 8 * GIB,
    write_s: float | None = 0.01,
    refused: str | None = None,
    device: str | None = "mmcblk0",
    worn: int | None = None,
    volatile: bool = False,
) -> DiskSeen:
    return DiskSeen(Path("/var/lib"), free, 1000, write_s, refused, device, worn, volatile)


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (disk(), [("disk", "ok"), ("wear", "ok")]),
        (disk(free=GIB // 4), [("disk", "warning"), ("wear", "ok")]),
        (disk(free=GIB // 64), [("disk", "problem"), ("wear", "ok")]),
        (disk(write_s=None, refused="Read-only file system"), [("disk", "problem")]),
        (disk(write_s=0.9), [("disk", "ok"), ("wear", "warning")]),
        (disk(worn=9), [("disk", "ok"), ("wear", "warning")]),
        (disk(volatile=True), [("disk", "ok"), ("wear", "warning")]),
    ],
)
def test_disk(seen: DiskSeen, says: list[tuple[str, str]]) -> None:
    assert statuses(judge_disk(seen)) == says


def test_an_emmc_tells_its_life_by_the_worse_of_two_estimates(tmp_path: Path) -> None:
    number = tmp_path.stat().st_dev
    whole = tmp_path / "sys" / "devices" / "mmc0" / "mmcblk0"
    plant(whole, "mmcblk0p2/partition", "2\n")
    links = tmp_path / "sys" / "dev" / "block"
    links.mkdir(parents=True)
    (links / f"{number >> 8 & 0xFFF}:{number & 0xFF}").symlink_to(whole / "mmcblk0p2")
    plant(tmp_path, "sys/block/mmcblk0/device/life_time", "0x02 0x09\n")
    seen = look_at_disk(tmp_path, tmp_path / "sys")
    assert (seen.device, seen.worn_tenths) == ("mmcblk0", 9)


def test_a_state_directory_that_is_not_there_is_made_and_nothing_else_given_away(tmp_path: Path) -> None:
    seen = look_at_disk(tmp_path / "state")
    assert (seen.directory, seen.missing) == (tmp_path, tmp_path / "state")
    (finding,) = judge_disk(replace(seen, refused="Permission denied"))
    assert finding.mend == f"sudo install -d -m 700 -o proximity-gateway -g proximity-gateway {tmp_path}/state"


def test_a_file_that_is_no_certificate_is_named_in_plain_words(tmp_path: Path) -> None:
    plant(tmp_path, "ca.pem", "[store]")
    (seen,) = look_at_certificates(MqttOptions(ca=tmp_path / "ca.pem"))
    assert seen.trouble == f"{tmp_path}/ca.pem or its key does not hold in PEM what it should"


@pytest.mark.parametrize(
    ("begins_days", "ends_days", "fits", "status"),
    [
        (-1, 365, True, "ok"),
        (-1, 10, True, "warning"),
        (-9, -1, True, "problem"),
        (1, 9, True, "problem"),
        (-1, 365, False, "problem"),
    ],
)
def test_certificate(begins_days: int, ends_days: int, fits: bool, status: str) -> None:
    seen = CertificateSeen("mqtt.certificate", NOW + timedelta(days=begins_days), NOW + timedelta(days=ends_days), fits)
    (finding,) = judge_certificates([seen], NOW)
    assert finding.status == status


@pytest.mark.parametrize(("status", "verdict"), [(200, "ok"), (503, "warning"), (404, "problem"), (None, "problem")])
def test_pages(status: int | None, verdict: str) -> None:
    assert judge_pages(PagesSeen(ListenAddress("127.0.0.1", 8080), status, "Connection refused")).status == verdict


SWAPS = "Filename\t\tType\t\tSize\tUsed\tPriority\n"
ZRAM, FILE = "/dev/zram0 partition 1000 0 100\n", "/var/swap file 524272 1024 -2\n"


@pytest.mark.parametrize(
    ("swaps", "controllers", "places", "status"),
    [
        (SWAPS, "cpu memory", (), "ok"),
        (SWAPS + ZRAM, "cpu", (), "ok"),
        (SWAPS + ZRAM + FILE, "cpuset memory pids", ("/var/swap",), "ok"),
        (SWAPS + FILE, "cpuset pids", ("/var/swap",), "warning"),
    ],
)
def test_swap_on_a_disk_is_told_where_nothing_keeps_the_gateway_out_of_it(
    tmp_path: Path, swaps: str, controllers: str, places: tuple[str, ...], status: str
) -> None:
    plant(tmp_path, "proc/swaps", swaps)
    plant(tmp_path, "sys/fs/cgroup/cgroup.controllers", controllers + "\n")
    seen = look_at_swap(tmp_path / "proc", tmp_path / "sys")
    assert seen == SwapSeen(places, "memory" in controllers)
    assert judge_swap(seen).status == status


def test_a_machine_that_knows_nothing_of_swap_has_none(tmp_path: Path) -> None:
    assert judge_swap(look_at_swap(tmp_path, tmp_path)) == Finding("swap", "ok", "none on a disk")
