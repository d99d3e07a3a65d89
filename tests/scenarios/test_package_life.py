"""The package as `make deb` makes it, in a booted Debian: installed, running, updated, removed, purged.

PROXIMITY_TEST_PACKAGE names one that is there already, made on the Debian that PROXIMITY_TEST_SUITE names.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.scenarios.booted_shop import Facts, facts_of, lay_shop
from tests.scenarios.debian_root import SUITE, installed_root, run_in, why_not

FULL = os.environ.get("PROXIMITY_TEST_COUNTS") == "full"
PACKAGE = os.environ.get("PROXIMITY_TEST_PACKAGE")
OS_RELEASE = Path("/etc/os-release")
HERE = OS_RELEASE.exists() and f"VERSION_CODENAME={SUITE}\n" in OS_RELEASE.read_text()
REASON = why_not() or (None if PACKAGE or HERE else f"a package for {SUITE} is made on {SUITE}")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FULL, reason="minutes long: part of make test-long"),
    pytest.mark.skipif(REASON is not None, reason=str(REASON)),
]


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """What `packaged_unit.py` saw, with a broker in the same system and a recording played as the shop."""
    job = tmp_path_factory.mktemp("job")
    lay_shop(job)
    shutil.copy(PACKAGE or made(tmp_path_factory.mktemp("dist")), job / "package.deb")
    make_newer(job, tmp_path_factory.mktemp("newer"))
    with installed_root() as root:
        libraries = ("libzbar0", "libpcsclite1", "libstdc++6")
        run_in(root, ("apt-get", "install", "-yq", "--no-install-recommends", *libraries))
        work = ("/usr/bin/env", "PYTHONPATH=/src", "/usr/bin/python3", "-m", "tests.scenarios.packaged_unit")
        return facts_of(root, job, work)


def made(into: Path) -> Path:
    subprocess.run((ROOT / "scripts" / "deb.sh", into), check=True)
    (package,) = into.iterdir()
    return package


def make_newer(job: Path, root: Path) -> None:
    """The same package again, as a later commit's."""
    subprocess.run(("dpkg-deb", "--raw-extract", job / "package.deb", root / "of"), check=True)
    control = root / "of" / "DEBIAN" / "control"
    control.write_text(control.read_text().replace("\nArchitecture: ", "+newer\nArchitecture: "))
    quick = ("dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build")
    subprocess.run((*quick, root / "of", job / "newer.deb"), check=True, stdout=subprocess.DEVNULL)


def test_a_gateway_of_make_install_is_not_run_over(facts: Facts) -> None:
    code, said = facts["refused"]
    assert code != 0
    assert "sudo make uninstall" in said


def test_it_waits_for_settings_and_says_so(facts: Facts) -> None:
    assert "what is next" in facts["said"]
    assert (facts["enabled"], facts["before_settings"]) == ("enabled", "inactive")


def test_it_runs_as_its_own_account(facts: Facts) -> None:
    assert (facts["started"]["ActiveState"], facts["started"]["SubState"]) == ("active", "running")
    assert (facts["owner"], facts["ready"]) == ("proximity-gateway", 200)


def test_on_the_bus_it_may_scan_and_not_connect(facts: Facts) -> None:
    assert facts["may_scan"] == "permitted"
    assert "denied" in facts["may_connect"]


def test_an_update_restarts_it_with_settings_and_state_kept(facts: Facts) -> None:
    assert facts["updated"] == f"{facts['installed']}+newer"
    assert facts["after_update"]["ActiveState"] == "active"
    assert (facts["another_process"], facts["one_life"], facts["settings_kept"]) == (True, True, True)


def test_removing_stops_it_and_leaves_settings_and_state(facts: Facts) -> None:
    assert facts["after_remove"] == "inactive"
    assert facts["left_by_remove"] == ["/etc/proximity-gateway/settings.toml", "/var/lib/proximity-gateway/gateway.db"]


def test_on_a_machine_that_has_settings_it_starts_at_once(facts: Facts) -> None:
    assert facts["started_by_itself"]["ActiveState"] == "active"
    assert "what is next" not in facts["said_again"]
    assert facts["life_again"] == facts["life"]


def test_purging_leaves_nothing(facts: Facts) -> None:
    assert facts["after_purge"] == "inactive"
    assert (facts["left_by_purge"], facts["account"], facts["failed"]) == ([], "", "")
