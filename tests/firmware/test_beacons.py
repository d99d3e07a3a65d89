"""`beacons firmware` and `beacons check` as an operator runs them."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import COMMANDS, app_of
from tests.firmware.plans import EVERY_KIND


class Shop:
    """A floor plan's file and the folder of its firmware."""

    def __init__(self, directory: Path) -> None:
        self.plan = directory / "floorplan.toml"
        self.folder = directory / "firmware"
        self.plan.write_text(EVERY_KIND)

    def firmware(self, *more: str) -> Result:
        return run("firmware", "--floorplan", self.plan, "--out", self.folder, "--gateway", "gw-1", *more)

    def check(self, *more: str) -> Result:
        return run("check", "--floorplan", self.plan, "--firmware", self.folder, "--gateway", "gw-1", *more)

    def differences(self) -> list[dict[str, Any]]:
        done = self.check()
        assert done.exit_code == 1
        return lines(done)

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app_of(COMMANDS), ["beacons", *map(str, arguments)])


def lines(done: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path)
    assert shop.firmware().exit_code == 0
    return shop


def test_what_was_made_agrees(shop: Shop) -> None:
    done = shop.check()
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "3 devices, floor plan and firmware agree\n")


def test_a_line_a_file_and_what_is_left_out(tmp_path: Path) -> None:
    done = Shop(tmp_path).firmware()
    assert {"file": "beacon-b-7.yaml", "kind": "beacon", "id": "b-7", "status": "written"} in lines(done)
    assert {"file": "packages/esp32.yaml", "kind": None, "id": None, "status": "written"} in lines(done)
    assert done.stderr.startswith("left out: ey-1: its format is eddystone_uid")


def test_made_again_nothing_changes_and_secrets_stay(shop: Shop) -> None:
    (shop.folder / "secrets.yaml").write_text("mine")
    assert {line["status"] for line in lines(shop.firmware())} == {"unchanged"}
    assert (shop.folder / "secrets.yaml").read_text() == "mine"


def test_a_beacon_renumbered_in_the_plan_differs_until_made_again(shop: Shop) -> None:
    shop.plan.write_text(EVERY_KIND.replace("minor = 7", "minor = 70"))
    (difference,) = shop.differences()
    assert difference | {"hint": ""} == {
        "file": "beacon-b-7.yaml",
        "id": "b-7",
        "code": "different",
        "key": "minor",
        "floorplan": "70",
        "firmware": "7",
        "hint": "",
    }
    assert [line["file"] for line in lines(shop.firmware()) if line["status"] == "written"] == ["beacon-b-7.yaml"]
    assert shop.check().exit_code == 0


def test_substitutions_added_by_hand_are_kept(shop: Shop) -> None:
    shop.edit("beacon-b-7.yaml", "substitutions:\n", 'substitutions:\n  board: "esp32-c3-devkitm-1"\n')
    shop.plan.write_text(EVERY_KIND.replace("minor = 7", "minor = 70"))
    assert shop.firmware().exit_code == 0
    made = (shop.folder / "beacon-b-7.yaml").read_text()
    assert '  minor: "70"\n  board: "esp32-c3-devkitm-1"\n' in made


def test_an_identity_changed_anywhere_below_is_seen(shop: Shop) -> None:
    shop.edit("packages/beacon.yaml", "major: ${major}", "major: 41")
    assert [(each["id"], each["key"], each["firmware"]) for each in shop.differences()] == [
        ("b-7", "major", "41"),
        ("Große_Säule_am_Eingang_links_hinten", "major", "41"),
    ]


def test_a_satellite_of_another_gateway_differs(shop: Shop) -> None:
    shop.edit("satellite-sat-1.yaml", "/gw-1/", "/gw-2/")
    (difference,) = shop.differences()
    assert (difference["id"], difference["key"]) == ("sat-1", "topic")


def test_missing_unknown_copied_and_broken_files_are_told(shop: Shop) -> None:
    (shop.folder / "satellite-sat-1.yaml").unlink()
    (shop.folder / "copy.yaml").write_text((shop.folder / "beacon-b-7.yaml").read_text())
    (shop.folder / "broken.yaml").write_text("a: [\n")
    (shop.folder / "old.yaml").write_text(
        "esp32_ble_beacon:\n  type: iBeacon\n  uuid: 5f1d0000-0000-4000-8000-00805f9b0001\n  major: 1\n  minor: 1\n"
    )
    told = [(each["file"], each["id"], each["code"]) for each in shop.differences()]
    assert told == [
        ("broken.yaml", None, "unreadable"),
        ("copy.yaml", "b-7", "twice"),
        ("old.yaml", None, "unknown"),
        ("", "sat-1", "missing"),
    ]


def test_a_file_written_by_hand_counts_by_its_identity(shop: Shop) -> None:
    (shop.folder / "beacon-b-7.yaml").unlink()
    (shop.folder / "window.yaml").write_text(
        "substitutions: {number: 7}\nwifi: {password: !secret wifi_password}\n"
        "esp32_ble_beacon:\n  uuid: 5F1D0000-0000-4000-8000-00805F9B0001\n  major: 42\n  minor: $number\n"
    )
    assert shop.check().exit_code == 0


def test_other_esphome_devices_are_none_of_our_business(shop: Shop) -> None:
    (shop.folder / "thermometer.yaml").write_text("esphome: {name: thermometer}\nsensor: !lambda 'return 1;'\n")
    assert shop.check().exit_code == 0


def test_includes_in_a_circle_end(shop: Shop) -> None:
    (shop.folder / "round.yaml").write_text("packages: {a: !include round.yaml}\n")
    (difference,) = shop.differences()
    assert "circle" in difference["firmware"]


def test_only_some_beacons_are_ours(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    assert [line["id"] for line in lines(shop.firmware("--only", "b-7")) if line["id"]] == ["b-7"]
    assert shop.check("--only", "b-7").exit_code == 0
    assert {each["code"] for each in shop.differences()} == {"missing"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--only", "b-99"), "no such beacon or receiver"),
        (("--floorplan", "nowhere.toml"), "there is no file nowhere.toml"),
    ],
)
def test_wrong_arguments_are_refused(tmp_path: Path, arguments: tuple[str, str], says: str) -> None:
    done = Shop(tmp_path).firmware(*arguments)
    assert done.exit_code == 2
    assert says in done.stderr


def test_satellites_need_to_know_their_gateway(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    done = run("firmware", "--floorplan", shop.plan, "--out", shop.folder)
    assert done.exit_code == 2
    assert "satellites (sat-1)" in done.stderr
    assert "--gateway" in done.stderr
    assert not shop.folder.exists()


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    assert shop.check().exit_code == 2
    shop.folder.write_text("a file")
    done = shop.firmware()
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr
