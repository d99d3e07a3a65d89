"""An NFC reader of the shop where this machine can have one: a pcscd of its own with Debian's virtual reader."""

import asyncio
import shutil
import socket
from asyncio.subprocess import DEVNULL, Process
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from gateway.model.sighting import NfcTag
from simulators.box.happenings import Presented
from simulators.broker import free_port
from simulators.nfc import Type2Tag, held

PCSCD: Final = Path("/usr/sbin/pcscd")
DRIVER: Final = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
STARTS_S: Final = 5.0
"""How long the daemon may take to have its reader (seconds)."""
HELD_S: Final = 1.0
"""How long a tag is held to the reader (seconds)."""
MOST_WAITING: Final = 20
"""Tags that wait for their turn; further ones are not held to it."""


def is_installed() -> bool:
    """Whether this machine has a pcscd, the virtual reader (apt: pcscd, vsmartcard-vpcd) and pyscard."""
    return PCSCD.exists() and DRIVER.exists() and find_spec("smartcard") is not None and bool(shutil.which("bash"))


class TagReader:
    """A reader to which one tag after the other is held while the context lasts.

    Attributes:
        socket: Where its clients find the daemon (`PCSCLITE_CSOCK_NAME`).
        works: Whether the daemon has its reader: it may be installed and not be permitted to run.
        held: Tags held to it so far.
    """

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "pcscd.comm"
        self.works = False
        self.held = 0
        self._port = free_port()
        self._plans = folder / "readers"
        self._daemon: Process | None = None
        self._waiting: asyncio.Queue[NfcTag] = asyncio.Queue(MOST_WAITING)
        self._holding: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if is_installed():
            await self._start()
            self.works = await self._listens()
            self._holding = asyncio.create_task(self._hold_to(), name="tag-reader")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._holding is not None:
            self._holding.cancel()
            await asyncio.gather(self._holding, return_exceptions=True)
        if self._daemon is not None and self._daemon.returncode is None:
            self._daemon.kill()
            await self._daemon.wait()
        self.socket.unlink(missing_ok=True)

    def hold(self, presented: Presented) -> None:
        """Hold a tag to the reader, once those before it were."""
        if isinstance(presented.token, NfcTag):
            with suppress(asyncio.QueueFull):
                self._waiting.put_nowait(presented.token)

    async def _start(self) -> None:
        """The socket is handed over as systemd does (sd_listen_fds(3)), so that the machine's own pcscd stays alone."""
        self._plans.mkdir()
        channel = f"0x{self._port:04X}"
        plan = f'FRIENDLYNAME "Shop"\nDEVICENAME /dev/null:{channel}\nLIBPATH {DRIVER}\nCHANNELID {channel}\n'
        (self._plans / "virtual").write_text(plan)
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(self.socket))
            listening.listen(16)
            handed = f"exec 3<&{listening.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec {PCSCD} -f -e -c '{self._plans}'"
            self._daemon = await asyncio.create_subprocess_exec(
                "bash", "-c", handed, pass_fds=(listening.fileno(),), stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL
            )

    async def _listens(self) -> bool:
        """Whether the virtual reader takes tags, within its time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STARTS_S):
                while self._daemon is not None and self._daemon.returncode is None:
                    with suppress(OSError):
                        _, writer = await asyncio.open_connection("127.0.0.1", self._port)
                        writer.close()
                        return True
                    await asyncio.sleep(0.05)
        return False

    async def _hold_to(self) -> None:
        while True:
            tag = await self._waiting.get()
            with suppress(OSError, TimeoutError):
                async with held(Type2Tag(tag.ndef), self._port):
                    self.held += 1
                    await asyncio.sleep(HELD_S)
            await asyncio.sleep(HELD_S)
