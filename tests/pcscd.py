"""A real pcscd with Debian's virtual reader, apart from any other of this machine: its socket is the test's."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from simulators.box.tag_reader import free_port_of_reader, without_polkit

DAEMON = "/usr/sbin/pcscd"
DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")

needs_pcscd = pytest.mark.skipif(
    not (shutil.which(DAEMON) and DRIVER.exists() and find_spec("smartcard"))
    or (os.geteuid() != 0 and not Path("/run/pcscd").is_dir()),
    reason="no pcscd with its virtual reader or no pyscard (scripts/setup.sh), or no /run/pcscd (root makes it)",
)


SOCKET = Path(tempfile.mkdtemp(prefix="pcscd-")) / "pcscd.comm"
"""A process's clients look for the daemon at the first place that they were told, ever after."""


class Daemon:
    """pcscd in `directory`; clients find it by `PCSCLITE_CSOCK_NAME`. Started anew it may have a reader or none."""

    def __init__(self, directory: Path) -> None:
        self.socket = SOCKET
        self.port = free_port_of_reader()
        self._readers = directory / "readers"
        self._readers.mkdir()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, reader: bool = True) -> None:
        plan = self._readers / "virtual"
        plan.unlink(missing_ok=True)
        if reader:
            channel = f"0x{self.port:04X}"
            lines = f'FRIENDLYNAME "Shop"\nDEVICENAME /dev/null:{channel}\nLIBPATH {DRIVER}\nCHANNELID {channel}\n'
            plan.write_text(lines)
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(self.socket))
        listening.listen(16)
        # As systemd hands a socket over (sd_listen_fds(3)): the number 3, and the id of the process that it is for.
        daemon = f'{DAEMON} -f -e {without_polkit()} -c "{self._readers}"'
        command = f"exec 3<&{listening.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec {daemon}"
        self._process = subprocess.Popen(
            ["bash", "-c", command],
            pass_fds=(listening.fileno(),),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        listening.close()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None
        self.socket.unlink(missing_ok=True)


@contextmanager
def pcscd(directory: Path, monkeypatch: pytest.MonkeyPatch, *, reader: bool = True) -> Iterator[Daemon]:
    """A daemon that runs, and that clients of this process speak to."""
    daemon = Daemon(directory)
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(daemon.socket))
    daemon.start(reader=reader)
    try:
        yield daemon
    finally:
        daemon.stop()
