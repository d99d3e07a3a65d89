"""One connection to a bus, for a service that signals thousands of times a second.

dbus-fast marshals; the bytes go through asyncio's own stream. dbus-fast's MessageBus cannot do this: it takes a socket
that is full for one that is dead, and ends the connection in the middle of a burst.
"""

import asyncio
import io
import os
from collections.abc import AsyncIterator
from pathlib import Path
from struct import Struct
from typing import Any, Final, Self

from dbus_fast import Message, MessageType
from dbus_fast._private.unmarshaller import Unmarshaller

OBJECTS: Final = "org.freedesktop.DBus.ObjectManager"
PROPERTIES: Final = "org.freedesktop.DBus.Properties"
MOST_UNSENT_BYTES: Final = 8 << 20
"""Signals beyond this backlog are lost, and counted: the bus does not keep up."""

_FIXED_HEADER: Final = 16
_LITTLE: Final = Struct("<4xI4xI")
_BIG: Final = Struct(">4xI4xI")
_BUS: Final = "org.freedesktop.DBus"
_BUS_PATH: Final = "/org/freedesktop/DBus"


class Connection:
    """Sends and receives whole messages; `unique_name` is what the bus calls it.

    Attributes:
        lost: Signals that found too long a backlog.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lost = 0
        self._reader = reader
        self._writer = writer
        self._serial = 0
        self._turn: list[bytes | bytearray] = []

    @classmethod
    async def open(cls, socket: Path) -> Self:
        """Connect and authenticate as this process's user (EXTERNAL).

        Raises:
            OSError: nobody listens there, or the bus refused.
        """
        reader, writer = await asyncio.open_unix_connection(socket)
        writer.write(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
        if not (answer := await reader.readline()).startswith(b"OK"):
            writer.close()
            msg = f"the bus refused this user: {answer.decode(errors='replace').strip()}"
            raise PermissionError(msg)
        writer.write(b"BEGIN\r\n")
        connection = cls(reader, writer)
        await connection.ask("Hello")
        return connection

    async def ask(self, member: str, signature: str = "", body: tuple[Any, ...] = ()) -> Message:
        """The bus's own answer to a call. Only before `messages` is iterated: what comes meanwhile is dropped.

        Raises:
            RuntimeError: the bus answers with an error.
        """
        serial = self.send(Message(_BUS, _BUS_PATH, _BUS, member, signature=signature, body=list(body)))
        async for answer in self.messages():
            if answer.reply_serial == serial:
                if answer.message_type is MessageType.ERROR:
                    msg = f"{member} failed: {answer.error_name} {answer.body}"
                    raise RuntimeError(msg)
                return answer
        msg = f"the bus went away during {member}"
        raise ConnectionError(msg)

    async def messages(self) -> AsyncIterator[Message]:
        """What arrives, until the bus is gone."""
        try:
            while True:
                head = await self._reader.readexactly(_FIXED_HEADER)
                body_bytes, fields_bytes = (_LITTLE if head[:1] == b"l" else _BIG).unpack(head)
                rest = await self._reader.readexactly((fields_bytes + 7) // 8 * 8 + body_bytes)
                yield _unmarshalled(head + rest)
        except (asyncio.IncompleteReadError, OSError):
            return

    def send(self, message: Message) -> int:
        """Send a message, whatever waits already; its serial."""
        self._serial += 1
        message.serial = self._serial
        if not self._turn:
            asyncio.get_running_loop().call_soon(self._write)
        self._turn.append(message._marshall(False))  # noqa: SLF001 - dbus-fast has no other way to bytes
        return self._serial

    def signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> bool:
        """Send a signal to whoever listens; False when it was lost for a backlog."""
        if self._writer.transport.get_write_buffer_size() > MOST_UNSENT_BYTES:
            self.lost += 1
            return False
        self.send(Message(None, path, interface, member, MessageType.SIGNAL, signature=signature, body=body))
        return True

    def abort(self) -> None:
        """Break the connection, as the death of its process would."""
        self._turn.clear()
        self._writer.transport.abort()

    def _write(self) -> None:
        """What one turn of the loop sent goes out in one write."""
        if not self._writer.is_closing():
            self._writer.writelines(self._turn)
        self._turn.clear()


def _unmarshalled(message: bytes) -> Message:
    read = Unmarshaller(io.BytesIO(message)).unmarshall()  # type: ignore[arg-type] # it only reads
    if read is None:
        msg = f"a D-Bus message of {len(message)} bytes could not be read"
        raise ValueError(msg)
    return read
