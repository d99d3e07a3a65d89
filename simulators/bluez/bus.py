"""A D-Bus of one's own: a dbus-daemon on a Unix socket, that the programs under test take for the system's."""

import asyncio
import shutil
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from typing import Final

from simulators.leash import leashed

_START_S: Final = 10.0

_SETTINGS: Final = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
  </policy>
</busconfig>
"""


class BusError(RuntimeError):
    """The bus did not come up; the text says why."""


class PrivateBus:
    """A dbus-daemon in `folder`, as a child that does not outlive us; after a `stop` it starts at the same address.

    Attributes:
        socket: Where it listens.
        address: The same, as DBUS_SYSTEM_BUS_ADDRESS has it.
    """

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "bus.sock"
        self.address = f"unix:path={self.socket}"
        self._settings = folder / "bus.conf"
        self._process: Process | None = None

    async def start(self) -> None:
        """Start it, and return when it takes connections.

        Raises:
            BusError: dbus-daemon is not installed, or did not come up.
        """
        program = shutil.which("dbus-daemon")
        if program is None:
            msg = "dbus-daemon is not installed: apt install dbus"
            raise BusError(msg)
        self._settings.write_text(_SETTINGS.format(socket=self.socket))
        command = [program, f"--config-file={self._settings}", "--nofork", "--nopidfile", "--print-address=1"]
        self._process = await asyncio.create_subprocess_exec(
            *leashed(command), stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, start_new_session=True
        )
        if self._process.stdout is None or not await asyncio.wait_for(self._process.stdout.readline(), _START_S):
            await self.stop()
            msg = f"{program} ended before it took a connection: see what `{' '.join(command)}` says"
            raise BusError(msg)

    async def stop(self) -> None:
        """End it as a crash would: every connection breaks."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.communicate()
        self.socket.unlink(missing_ok=True)
