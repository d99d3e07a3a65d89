"""A hand scanner on a serial line: a pseudo-terminal that is there or not, as one is plugged in or not."""

import asyncio
import os
import pty
import tty
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_EAN_13: Final = "]E0"
"""What a scanner that is set to name symbologies writes before an EAN-13 (AIM ID, ISO/IEC 15424)."""


class HandScanner:
    """Plugged in while its context lasts, unless it is unplugged: `device` is then what the gateway opens.

    Attributes:
        device: A link to the serial line, as `/dev/serial/by-id` has them.
        sent: Codes read so far.
    """

    def __init__(self, device: Path) -> None:
        self.device = device
        self.sent = 0
        self._line: tuple[int, int] | None = None
        self._coming: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        self._plug()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._coming is not None:
            self._coming.cancel()
        self._pull()

    def unplug(self, seconds: float) -> None:
        """Pull it out, and plug it in again after so long; again while it is out, that time begins anew."""
        if self._coming is not None:
            self._coming.cancel()
        self._pull()
        self._coming = asyncio.get_running_loop().call_later(seconds, self._plug)

    def scan(self, gtin: str) -> None:
        """Read a product's EAN-13; what nobody fetches from the line for long is lost, as it is by a real one."""
        if self._line is not None:
            try:
                os.write(self._line[0], f"{_EAN_13}{gtin[-13:]}\r".encode())
            except BlockingIOError:
                return
            self.sent += 1

    def _plug(self) -> None:
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        os.set_blocking(ours, False)
        self._line = ours, theirs
        self.device.symlink_to(os.ttyname(theirs))

    def _pull(self) -> None:
        self.device.unlink(missing_ok=True)
        for end in self._line or ():
            os.close(end)
        self._line = None
