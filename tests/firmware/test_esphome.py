"""ESPHome's own `config` command takes what is generated. It compiles no lambda, so neither does this."""

import subprocess
from pathlib import Path

import pytest

from gateway.firmware.devices import devices_of
from gateway.firmware.writing import write_firmware
from tests.architecture.tree import ROOT
from tests.firmware.plans import plan

ESPHOME = ROOT / ".venv-esphome" / "bin" / "esphome"
SECRETS = """
wifi_ssid: shop
wifi_password: "correct horse"
ota_password: battery
mqtt_broker: broker.example
mqtt_port: 1883
mqtt_username: satellite
mqtt_password: staple
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not ESPHOME.exists(), reason="ESPHome is not installed: `make firmware-check` does it"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_firmware(devices_of(plan(), "gw-1")[0], tmp_path)
    (tmp_path / "secrets.yaml").write_text(SECRETS)
    return tmp_path


def config(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ESPHOME, "config", path], capture_output=True, text=True, check=False, cwd=path.parent)


def test_every_device_is_valid(folder: Path) -> None:
    made = sorted(folder.glob("*-*.yaml"))
    assert len(made) == 3
    for path in made:
        done = config(path)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "topic: proximity/v1/acme/0042/gw-1/sightings/sat-1" in config(folder / "satellite-sat-1.yaml").stdout


def test_every_secret_has_its_line_in_the_example(folder: Path) -> None:
    example = (folder / "secrets.example.yaml").read_text()
    assert all(f"\n{line.partition(':')[0]}:" in example for line in SECRETS.split("\n") if line)


@pytest.mark.parametrize(("right", "wrong"), [('major: "42"', 'major: "70000"'), ("uuid:", "uid:")])
def test_a_wrong_value_or_key_is_found(folder: Path, right: str, wrong: str) -> None:
    path = folder / "beacon-b-7.yaml"
    path.write_text(path.read_text().replace(right, wrong))
    assert config(path).returncode != 0
