"""The unit as shipped, installed by `make install` and really booted: ready, watchdog, clean stop, uninstall.

A Debian root is made once (20 to 50 s, 300 MB) and kept in build/roots, or PROXIMITY_TEST_CACHE. The rest takes 40 s.
"""

import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.scenarios.booted_shop import Facts, facts_of, lay_shop
from tests.scenarios.debian_root import installed_root, run_in, why_not

REASON = why_not()

pytestmark = [pytest.mark.slow, pytest.mark.skipif(REASON is not None, reason=str(REASON))]


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """What `booted_unit.py` saw, with a broker in the same system and a recording played as the shop."""
    job = tmp_path_factory.mktemp("job")
    lay_shop(job)
    with installed_root() as root:
        looked_after(root)
        return facts_of(root, job, ("/usr/bin/python3", "/src/tests/scenarios/booted_unit.py"))


def looked_after(root: Path) -> None:
    """Installing again leaves an operator's files as they are; the examples that it brings can be run."""
    settings = root / "etc" / "proximity-gateway" / "settings.toml"
    assert tomllib.loads(settings.read_text())["store"]["id"] == "0042", "an earlier run left its own"
    run_in(root, ("runuser", "-u", "proximity-gateway", "--", "proximity-gateway", "check"))
    example = settings.read_text()
    settings.write_text(f"{example}# mine\n")
    try:
        run_in(root, ("scripts/install.sh",), f"--bind-ro={ROOT}:/src", "--chdir=/src")
        assert settings.read_text() == f"{example}# mine\n"
    finally:
        settings.write_text(example)


def test_it_is_ready_after_its_first_commit(facts: Facts) -> None:
    started = facts["started"]
    assert (started["ActiveState"], started["SubState"], started["NRestarts"]) == ("active", "running", "0")
    assert facts["ready_after_s"] < 20
    assert facts["owner"] == "proximity-gateway"


def test_its_secret_comes_from_the_credential_store(facts: Facts) -> None:
    assert "gateway.db" in facts["state"]
    assert "device.secret" not in facts["state"]


def test_on_the_bus_it_may_scan_and_offer_its_service_and_nothing_else(facts: Facts) -> None:
    assert facts["may_scan"] == "permitted"
    for answer in facts["may_offer"]:
        assert "could not be found" in answer, "it reaches who stands in for bluetoothd, which has no such interface"
    assert "denied" in facts["may_connect"]


def test_doctor_started_by_root_looks_with_the_gateways_rights(facts: Facts) -> None:
    doctor = facts["doctor"]
    assert doctor["dbus-rights"]["found"] == "proximity-gateway may ask BlueZ"
    assert [doctor[probe]["status"] for probe in ("bluez", "adapter", "experimental", "disk")] == ["ok"] * 4


def test_a_process_that_hangs_is_killed_by_the_watchdog_and_started_again(facts: Facts) -> None:
    assert "Watchdog timeout (limit 15s)!" in facts["journal"]
    assert "code=killed, status=6/ABRT" in facts["journal"]
    assert facts["another_process"]
    assert facts["restarted"]["ActiveState"] == "active"
    assert 10 < facts["back_after_s"] < 40


def test_it_stops_within_ten_seconds_with_everything_flushed(facts: Facts) -> None:
    assert facts["stopped_after_s"] < 10
    assert (facts["stopped"]["ActiveState"], facts["stopped"]["Result"]) == ("inactive", "success")
    assert {stream["depth"] for stream in facts["outbox"]} == {0}
    acked = {stream["class"]: int(stream["acked"]) for stream in facts["outbox"]}
    assert acked["visit"] > 0
    assert acked["telemetry"] >= 3, "two starts and a stop"


def test_wrong_settings_are_left_to_a_person(facts: Facts) -> None:
    refused = facts["refused"]
    assert (refused["ActiveState"], refused["ExecMainStatus"], refused["NRestarts"]) == ("failed", "2", "0")


def test_uninstalling_leaves_settings_and_state(facts: Facts) -> None:
    assert facts["left"] == ["/etc/proximity-gateway/settings.toml", "/var/lib/proximity-gateway/gateway.db"]
    assert facts["after_uninstall"] == "inactive"
