"""What a satellite's settings need, and what they must not have."""

from pathlib import Path

import pytest

from gateway.settings import SettingsRefused, load_settings

STORE = '[store]\ntenant = "acme"\nid = "0042"\ngateway = "gw-2"\n'
SATELLITE = STORE + 'role = "satellite"\nengine = "gw-1"\n'
MQTT = '[mqtt]\nurl = "mqtt://127.0.0.1"\n'
NFC = '[[sources]]\nkind = "nfc"\nreceiver = "nfc-2"\n'


def found(folder: Path, text: str) -> dict[str, str]:
    """What is wrong with the settings, by key."""
    path = folder / "settings.toml"
    path.write_text(text)
    try:
        load_settings(path, {})
    except SettingsRefused as refused:
        return {each.key: f"{each.problem}; {each.hint}" for each in refused.problems}
    return {}


def test_a_satellite_needs_an_engine_a_broker_and_something_to_hear_with(tmp_path: Path) -> None:
    assert found(tmp_path, SATELLITE + MQTT + NFC) == {}
    assert found(tmp_path, STORE + 'role = "satellite"\n').keys() == {"store.engine", "mqtt", "sources"}


def test_a_satellite_is_not_its_own_engine(tmp_path: Path) -> None:
    problems = found(tmp_path, SATELLITE.replace("gw-1", "gw-2") + MQTT + NFC)
    assert problems == {"store.engine": "it names this gateway itself; write the name of the one that decides"}


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ('[http]\nlisten = "127.0.0.1:8080"\n', "http"),
        ('[documents]\nmembers = "members.ndjson"\n', "documents"),
        ('[[sources]]\nkind = "satellites"\nreceivers = ["sat-1"]\n', "sources[1].kind"),
        ('[[sources]]\nkind = "capture"\nsocket = "capture.sock"\n', "sources[1].kind"),
        ('[[sources]]\nkind = "checkin"\nreceiver = "gw-2"\n', "sources[1].kind"),
        ('[[sources]]\nkind = "film"\npictures = "."\n', "sources[1].kind"),
    ],
)
def test_what_only_the_deciding_gateway_has_is_refused(tmp_path: Path, table: str, key: str) -> None:
    problems = found(tmp_path, SATELLITE + MQTT + NFC + table)
    assert problems.keys() == {key}
    assert problems[key].endswith("the gateway that decides has that: leave it out here")


def test_a_gateway_that_decides_needs_a_floor_plan_and_names_no_engine(tmp_path: Path) -> None:
    assert found(tmp_path, STORE)["store.floorplan"] == "it is missing; write floorplan = … under [store]"
    named = STORE + 'floorplan = "floorplan.toml"\nengine = "gw-1"\n'
    problems = found(tmp_path, named)
    assert problems == {"store.engine": 'this gateway decides for itself; write role = "satellite" too, or take it out'}
