"""An NFC reader of the shop where this machine can have one: a pcscd of its own with Debian's virtual reader."""

import asyncio
import shutil
import socket
import subprocess
from asyncio.subprocess import DEVNULL, Process
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from random import randrange
from types import TracebackType
from typing import Final, Self

from gateway.model.sighting import NfcTag
from simulators.box.happenings import Presented
from simulators.nfc import Tag, Type2Tag, Type4Tag, held

PCSCD: Final = Path("/usr/sbin/pcscd")
DRIVER: Final = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
STARTS_S: Final = 5.0
"""How long the daemon may take to have its reader (seconds)."""
PATIENCE_S: Final = 15.0
"""A tag is held to the reader until it was read, for at most so long (seconds)."""
READ_AFTER_S: Final = 0.5
"""A tag that was asked, and then was not for so long, has been read (seconds)."""
BETWEEN_S: Final = 1.0
"""From one tag to the next (seconds)."""
MOST_ON_A_STICKER: Final = 141
"""A longer message is a phone's: of the 144 bytes of a sticker, its type, length and end take three."""
MOST_WAITING: Final = 20
"""Tags that wait for their turn; further ones are not held to it."""


def is_installed() -> bool:
    """Whether this machine has a pcscd, the virtual reader (apt: pcscd, vsmartcard-vpcd) and pyscard."""
    return PCSCD.exists() and DRIVER.exists() and find_spec("smartcard") is not None and bool(shutil.which("bash"))


@cache
def without_polkit() -> str:
    """The option of pcsc-lite 2 by which a daemon asks nobody who may read; earlier ones ask nobody and know no option.

    Blocks for as long as the daemon takes to say its options.
    """
    told = subprocess.run([PCSCD, "--help"], capture_output=True, text=True, check=False).stdout
    return "--disable-polkit" if "--disable-polkit" in told else ""


def free_port_of_reader() -> int:
    """A port for the virtual reader; the one above is its second slot's.

    Below those that the system deals out (ip_local_port_range): one of them may be taken before the driver has it, and
    the driver asks only once.
    """
    while True:
        port = randrange(10_000, 32_000)
        with suppress(OSError), socket.socket() as first, socket.socket() as second:
            first.bind(("", port))
            second.bind(("", port + 1))
            return port


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
        self._port = free_port_of_reader()
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
            daemon = f"{PCSCD} -f -e {await asyncio.to_thread(without_polkit)} -c '{self._plans}'"
            handed = f"exec 3<&{listening.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec {daemon}"
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
            shown = _Shown(_as_held(tag.ndef))
            with suppress(OSError, TimeoutError):
                async with held(shown, self._port), asyncio.timeout(PATIENCE_S):
                    self.held += 1
                    await shown.was_read()
            await asyncio.sleep(BETWEEN_S)


class _Shown:
    """A tag in the hand of somebody who sees whether it was read."""

    def __init__(self, tag: Tag) -> None:
        self.atr = tag.atr
        self._tag = tag
        self._asked = asyncio.Event()

    def answer(self, command: bytes) -> bytes:
        """What the tag says to a command."""
        self._asked.set()
        return self._tag.answer(command)

    async def was_read(self) -> None:
        """Return once nothing more is asked."""
        await self._asked.wait()
        while self._asked.is_set():
            self._asked.clear()
            await asyncio.sleep(READ_AFTER_S)


def _as_held(message: bytes) -> Tag:
    return Type2Tag(message) if len(message) <= MOST_ON_A_STICKER else Type4Tag(message)
