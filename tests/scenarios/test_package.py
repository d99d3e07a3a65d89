"""The Debian package as `make deb` makes it, with a program of one file in place of the libraries."""

import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.tree import ROOT

PYTHON: Final = Path("/usr/bin/python3")
HOME: Final = "usr/lib/proximity-gateway"
AROUND: Final = (
    "usr/lib/systemd/system/proximity-gateway.service",
    "usr/lib/systemd/system/bluetooth.service.d/proximity-gateway.conf",
    "usr/lib/sysusers.d/proximity-gateway.conf",
    "usr/lib/tmpfiles.d/proximity-gateway.conf",
    "usr/lib/udev/rules.d/70-proximity-gateway.rules",
    "usr/lib/modprobe.d/70-proximity-gateway.conf",
    "usr/share/dbus-1/system.d/proximity-gateway.conf",
    "usr/share/polkit-1/rules.d/70-proximity-gateway.rules",
    "usr/share/doc/proximity-gateway/copyright",
    "usr/share/doc/proximity-gateway/changelog.gz",
    "usr/share/doc/proximity-gateway/operations.md",
    "usr/share/doc/proximity-gateway/examples/settings.toml",
    "usr/share/doc/proximity-gateway/examples/floorplan.toml",
)


def why_not() -> str | None:
    """Why no package can be made here; None = it can."""
    missing = [name for name in ("dpkg-deb", "git") if shutil.which(name) is None]
    if missing:
        return f"{' and '.join(missing)} not installed"
    if not PYTHON.exists() or printed(PYTHON, "-c", "import sys; print(sys.version_info >= (3, 11))") != "True":
        return f"{PYTHON} is not there, or older than 3.11"
    commit = subprocess.run(("git", "-C", ROOT, "rev-parse", "HEAD"), capture_output=True, check=False)
    return None if commit.returncode == 0 else "not a checkout that git reads"


def printed(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


REASON: Final = why_not()
pytestmark = pytest.mark.skipif(REASON is not None, reason=str(REASON))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment, as pip leaves it, of one module."""
    made = tmp_path_factory.mktemp("program")
    command = (PYTHON, "-m", "venv", "--without-pip", "--symlinks", made)
    subprocess.run(command, check=True)
    (site,) = made.glob("lib/python3*/site-packages")
    (site / "shop.py").write_text("def open_up():\n    return frozenset({'entrance', 'aisle', 'checkout'})\n")
    record = site / "shop-1.dist-info" / "RECORD"
    record.parent.mkdir()
    record.write_text("shop.py,,\n../../../bin/shop,,\n")
    (made / "bin" / "shop").write_text(f"#!{made}/bin/python\n")
    return made


def pack(program: Path, into: Path) -> Path:
    quick = {"DPKG_DEB_COMPRESSOR_TYPE": "none", "PATH": os.environ["PATH"]}
    command = (ROOT / "scripts" / "deb.sh", into, program)
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=quick)
    assert done.returncode == 0, done.stderr
    (made,) = into.glob("proximity-gateway_*.deb")
    assert done.stdout.endswith(f"{made}\n")
    return made


@pytest.fixture(scope="module")
def package(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(program, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def unpacked(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("root") / "of"
    subprocess.run(("dpkg-deb", "--raw-extract", package, root), check=True)
    return root


def test_the_same_commit_gives_the_same_bytes(package: Path, program: Path, tmp_path: Path) -> None:
    again = pack(program, tmp_path)
    assert (again.name, again.read_bytes()) == (package.name, package.read_bytes())


def test_it_fits_the_python_that_it_was_made_with_and_no_other(unpacked: Path) -> None:
    fields = dict(line.split(": ", 1) for line in control(unpacked) if ": " in line and not line.startswith(" "))
    minor = int(printed(PYTHON, "-c", "import sys; print(sys.version_info.minor)"))
    assert f"python3 (>= 3.{minor}), python3 (<< 3.{minor + 1})," in fields["Depends"]
    assert fields["Architecture"] == printed("dpkg", "--print-architecture")
    assert "+deb" in fields["Version"]
    assert "@" not in "".join(value for field, value in fields.items() if field != "Maintainer")


def test_a_commit_on_the_way_to_a_version_sorts_before_it(unpacked: Path) -> None:
    (version,) = (line.removeprefix("Version: ") for line in control(unpacked) if line.startswith("Version: "))
    number = version.partition("~")[0].partition("+")[0]
    subprocess.run(("dpkg", "--compare-versions", version, "lt", f"{number}+deb99"), check=True)


def test_what_the_service_needs_is_where_debian_looks_for_it(unpacked: Path) -> None:
    assert [path for path in AROUND if not (unpacked / path).is_file()] == []
    unit = (unpacked / AROUND[0]).read_text()
    assert f"ExecStart=/{HOME}/bin/proximity-gateway run " in unit
    assert (unpacked / "usr/bin/proximity-gateway").resolve() == unpacked / HOME / "bin" / "proximity-gateway"
    assert (unpacked / HOME / "bin" / "proximity-gateway").read_text().startswith(f"#!/{HOME}/bin/python -P\n")


def test_operators_files_are_not_the_packages(unpacked: Path) -> None:
    assert sorted(path.name for path in unpacked.iterdir()) == ["DEBIAN", "usr"]


def test_it_is_roots_and_nobody_else_may_write(package: Path, unpacked: Path) -> None:
    owners = {line.split()[1] for line in printed("dpkg-deb", "--contents", package).splitlines()}
    assert owners == {"root/root"}
    modes = {stat.S_IMODE(path.lstat().st_mode) for path in unpacked.rglob("*") if not path.is_symlink()}
    assert modes == {0o644, 0o755}


def test_of_installing_only_the_program_is_left(unpacked: Path, program: Path) -> None:
    assert sorted(path.name for path in (unpacked / HOME / "bin").iterdir() if "python" not in path.name) == [
        "proximity-gateway"
    ]
    assert not list(unpacked.rglob("RECORD"))
    told = [path for path in unpacked.rglob("*") if path.is_file() and str(program).encode() in path.read_bytes()]
    assert told == []


def test_its_bytecode_knows_where_it_will_be(unpacked: Path) -> None:
    (compiled,) = unpacked.rglob("shop.*.pyc")
    show = "import marshal, sys; print(marshal.loads(open(sys.argv[1], 'rb').read()[16:]).co_filename)"
    site = compiled.parents[1].relative_to(unpacked)
    assert printed(PYTHON, "-c", show, compiled) == f"/{site}/shop.py"


def test_every_file_has_its_sum(unpacked: Path) -> None:
    listed = (unpacked / "DEBIAN" / "md5sums").read_text().splitlines()
    files = {
        str(path.relative_to(unpacked))
        for path in (unpacked / "usr").rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    assert {line.partition("  ")[2] for line in listed} == files
    subprocess.run(("md5sum", "--check", "--quiet", "DEBIAN/md5sums"), cwd=unpacked, check=True)


@pytest.mark.parametrize("script", ["preinst", "postinst", "prerm", "postrm"])
def test_its_scripts_do_nothing_that_dpkg_did_not_ask_for(unpacked: Path, script: str) -> None:
    """Asked for what is none of its business, each ends well and touches nothing."""
    run = (unpacked / "DEBIAN" / script, "failed-upgrade", "0")
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def control(unpacked: Path) -> list[str]:
    return (unpacked / "DEBIAN" / "control").read_text().splitlines()
