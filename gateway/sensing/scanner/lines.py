"""Bytes of a scanner's device to lines, one a code: as a keyboard types them, or as a serial line sends them."""

import fcntl
import os
import re
import termios
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from gateway.codecs.keyboard import MAX_CHARS, Keyboard, Layout, decode_events
from gateway.sensing.scanner.options import BAUDS

EVIOCGRAB: Final = 0x40044590
"""Take an input device for oneself alone (include/uapi/linux/input.h)."""

_END: Final = re.compile(rb"[\r\n\x03\x00]")


class Lines(Protocol):
    """One way in which a scanner speaks."""

    def open(self, device: Path) -> int:
        """A descriptor that does not block, the device made ready; raises OSError."""

    def feed(self, octets: bytes) -> Iterator[str]:
        """The lines that these bytes complete."""

    def forget(self) -> bool:
        """Drop the beginning of a line; whether there was one."""


class KeyboardLines:
    """A keyboard wedge, read from its event device and grabbed."""

    def __init__(self, layout: Layout) -> None:
        self._keyboard = Keyboard(layout)
        self._left = b""

    def open(self, device: Path) -> int:
        """Open and grab; a device that is none of the kernel's input devices is refused (ENOTTY)."""
        descriptor = os.open(device, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.ioctl(descriptor, EVIOCGRAB, 1)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def feed(self, octets: bytes) -> Iterator[str]:
        """The lines that these bytes complete; an event may come in parts."""
        events, self._left = decode_events(self._left + octets)
        yield from self._keyboard.lines(events)

    def forget(self) -> bool:
        """Drop the beginning of a line; whether there was one."""
        self._left = b""
        return self._keyboard.forget()


class SerialLines:
    """A serial line, 8N1, in UTF-8 or Latin-1; a code ends with CR, LF, ETX or NUL."""

    def __init__(self, baud: int) -> None:
        self._baud = baud
        self._left = b""

    def open(self, device: Path) -> int:
        """Open the line and make it raw."""
        descriptor = os.open(device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            tty.setraw(descriptor)
            attributes = termios.tcgetattr(descriptor)
            attributes[4] = attributes[5] = BAUDS[self._baud]
            attributes[2] |= termios.CLOCAL
            termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
        except (OSError, termios.error) as error:
            os.close(descriptor)
            raise OSError(*error.args) from error
        return descriptor

    def feed(self, octets: bytes) -> Iterator[str]:
        """The lines that these bytes complete; beyond 4,096 bytes without an end only the latest are kept."""
        *whole, left = _END.split(self._left + octets)
        self._left = left[-MAX_CHARS:]
        yield from (_decoded(line.lstrip(b"\x02")) for line in whole if line)

    def forget(self) -> bool:
        """Drop the beginning of a line; whether there was one."""
        left, self._left = self._left, b""
        return bool(left)


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")
