"""A socket as paho wants it, with a buffer on either side.

paho asks a socket for one byte, then another, then the rest of each packet, and gives it one packet at a time. Here one
system call reads what has come and one writes what has gathered: many PUBACKs or publishes a call. It also ends the
trap of TLS, where the socket looks empty while OpenSSL still holds packets.
"""

import contextlib
import socket
import ssl
from typing import Final

READ_BYTES: Final = 65_536
"""The most that one `fill` takes (bytes): a few milliseconds of packets, so that the event loop stays free."""

UNSENT_LIMIT_BYTES: Final = 262_144
"""Above this much unsent, `send` takes no more until some has gone (bytes); paho keeps it then."""


class Link:
    """A connected socket; after `setblocking(False)` nothing here blocks."""

    def __init__(self, opened: socket.socket) -> None:
        self._socket = opened
        self._arrived = b""
        self._read_to = 0
        self._unsent = bytearray()
        self._ended = False

    @property
    def readable(self) -> bool:
        """Whether `recv` has an answer: bytes in the buffer, or the end."""
        return self._read_to < len(self._arrived) or self._ended

    @property
    def decrypted(self) -> bool:
        """Whether OpenSSL holds bytes that the socket will not announce."""
        return isinstance(self._socket, ssl.SSLSocket) and self._socket.pending() > 0

    @property
    def unsent(self) -> bool:
        """Whether the socket has not taken everything yet."""
        return bool(self._unsent)

    @property
    def congested(self) -> bool:
        """Whether `send` takes no more for now."""
        return len(self._unsent) >= UNSENT_LIMIT_BYTES

    def fill(self) -> int:
        """Take what has come, up to `READ_BYTES`; returns how many bytes did.

        Raises:
            OSError: the connection broke.
        """
        try:
            came = self._socket.recv(READ_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0
        if came:
            self._arrived = self._arrived[self._read_to :] + came
            self._read_to = 0
        else:
            self._ended = True
        return len(came)

    def recv(self, buffer_size: int) -> bytes:
        """Up to `buffer_size` bytes of what `fill` took; empty at the end of the connection.

        Raises:
            BlockingIOError: there is nothing until the next `fill`.
        """
        start = self._read_to
        if start == len(self._arrived):
            if self._ended:
                return b""
            raise BlockingIOError
        taken = self._arrived[start : start + buffer_size]
        self._read_to = start + len(taken)
        return taken

    def send(self, buffer: bytes | bytearray) -> int:
        """Gather `buffer` for the next `flush`; all of it, or nothing.

        Raises:
            BlockingIOError: too much is unsent already.
        """
        if self.congested:
            raise BlockingIOError
        self._unsent += buffer
        return len(buffer)

    def flush(self) -> None:
        """Write what has gathered, as far as the socket takes it.

        Raises:
            OSError: the connection broke.
        """
        while self._unsent:
            try:
                taken = self._socket.send(self._unsent)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            del self._unsent[:taken]

    def parting(self, broken: OSError) -> OSError:
        """Why a `flush` failed with `broken`: the alert of TLS that the other side sent before it hung up, if it did.

        That it misses our certificate it says when the handshake is over for us (RFC 8446, 4.4.2.4), and what we write
        next may come too late.
        """
        try:
            self.fill()
        except ssl.SSLError as alert:
            return alert
        except OSError:
            pass
        return broken

    def close(self) -> None:
        """Write what the socket still takes, and close it."""
        with contextlib.suppress(OSError):
            self.flush()
        self._socket.close()

    def fileno(self) -> int:
        """The file descriptor, -1 once closed."""
        return self._socket.fileno()

    def setblocking(self, flag: bool) -> None:
        """As `socket.setblocking`."""
        self._socket.setblocking(flag)
