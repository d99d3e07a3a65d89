"""A PostgreSQL of a test's own: a fresh cluster on a free loopback port, gone at the end of its block."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.brokers import free_port

USER = "head_office"
OLDEST = 14
"""The first version with multiranges, which the consumer's tables are made of."""


def programs() -> Path | None:
    """Where this machine's newest PostgreSQL has its programs; Debian keeps each version in a folder of its own."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("pg_ctl")
    found = [*folders, *([Path(on_path).resolve().parent] if on_path else [])]
    return next((folder for folder in found if (folder / "initdb").exists()), None)


def why_not() -> str | None:
    """Why no cluster can be made here; None when one can."""
    folder = programs()
    if folder is None:
        return "PostgreSQL is not installed: apt install postgresql"
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        return "PostgreSQL refuses to run as root, and setpriv (util-linux) is not installed to become another user"
    printed = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    version = int(printed.split()[2].partition(".")[0])
    return None if version >= OLDEST else f"PostgreSQL {OLDEST} or newer is needed, this is {version}"


@contextmanager
def postgres() -> Iterator[str]:
    """A running cluster, without a password on the loopback; yields the address of its database."""
    folder = programs()
    assert folder is not None, why_not()
    with tempfile.TemporaryDirectory(prefix="proximity-postgres-", ignore_cleanup_errors=True) as directory:
        unprivileged = _unprivileged(Path(directory))
        cluster, port = f"{directory}/cluster", free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={directory}"
        initdb = [folder / "initdb", "-D", cluster, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C"]
        _run([*unprivileged, *initdb])
        pg_ctl = [*unprivileged, folder / "pg_ctl", "-D", cluster, "-w"]
        _run([*pg_ctl, "-l", f"{directory}/postgres.log", "-o", options, "start"])
        try:
            yield f"postgresql://{USER}@127.0.0.1:{port}/postgres"
        finally:
            _run([*pg_ctl, "-m", "immediate", "stop"])


def _unprivileged(directory: Path) -> list[str]:
    """What makes a command run as somebody else, who then owns `directory`; nothing where we are not root."""
    if os.geteuid() != 0:
        return []
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(directory, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]


def _run(command: Sequence[str | Path]) -> None:
    # A daemon that inherits a pipe would hold it open for ever, so what it says goes to a file.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/", check=False)
        said.seek(0)
        assert done.returncode == 0, said.read().decode(errors="replace")
