"""Telling systemd how the service stands: sd_notify(3) over its socket, without a library."""

import socket
import time
from collections.abc import Callable, Mapping
from typing import Self

_MARGIN = 3
"""How many times in a watchdog period the watchdog is fed at most."""


class Notifier:
    """Speaks to the service manager; silent where there is none. Never raises: an unheard word is not a fault."""

    def __init__(
        self, address: str | None, watchdog_s: float | None = None, mono: Callable[[], float] = time.monotonic
    ) -> None:
        self._address = None if address is None else "\0" + address[1:] if address.startswith("@") else address
        self._feed_every_s = None if watchdog_s is None else watchdog_s / _MARGIN
        self._mono = mono
        self._fed_s: float | None = None
        self.is_ready = False
        """Whether start-up is over."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """The notifier that NOTIFY_SOCKET and WATCHDOG_USEC ask for."""
        watchdog_us = environ.get("WATCHDOG_USEC", "")
        return cls(environ.get("NOTIFY_SOCKET") or None, int(watchdog_us) / 1e6 if watchdog_us.isdecimal() else None)

    def starting(self, within_s: float) -> None:
        """Start-up goes on, and will be over, or this said again, within so many seconds."""
        self._send(f"EXTEND_TIMEOUT_USEC={round(within_s * 1e6)}")

    def ready(self) -> None:
        """Start-up is over."""
        self.is_ready = True
        self._send("READY=1")

    def stopping(self) -> None:
        """An orderly stop began."""
        self._send("STOPPING=1")

    def alive(self) -> None:
        """Feed the watchdog; may be called as often as one likes."""
        if self._feed_every_s is None:
            return
        mono_s = self._mono()
        if self._fed_s is None or mono_s - self._fed_s >= self._feed_every_s:
            self._fed_s = mono_s
            self._send("WATCHDOG=1")

    def _send(self, state: str) -> None:
        if self._address is None:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
                channel.setblocking(False)
                channel.sendto(state.encode(), self._address)
        except OSError:
            return
