"""NFC tags on a virtual reader: clients of vpcd's port, each a card in the field for as long as it is connected.

A tag answers commands as the reader's firmware and the tag together would: Type 2 (NTAG213) and Type 4.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

from gateway.codecs.type2 import FIRST_PAGE, MAGIC, PAGE_BYTES, READ_ONLY, pack
from gateway.codecs.type4 import APPLICATION, CAPABILITY_FILE, Capability, encode_capability

DONE, REFUSED, UNKNOWN = b"\x90\x00", b"\x63\x00", b"\x6d\x00"
UID = bytes.fromhex("04a1b2c3d4e5f6")
NDEF_FILE = 0xE104
_POWER_OR_RESET = 1
_GET_ATR = 4
_READY_S = 5.0
_RETRY_S = 0.05


class Tag(Protocol):
    """What is held to a reader."""

    @property
    def atr(self) -> bytes:
        """What the reader makes of its anti-collision answer."""

    def answer(self, command: bytes) -> bytes:
        """What it says to a command."""


@dataclass
class Type2Tag:
    """An NTAG213 with a message: 45 pages of four bytes, of which it refuses to write the locked ones."""

    message: bytes = b""
    uid: bytes = UID
    atr: bytes = bytes.fromhex("3b8f8001804f0ca0000003060300030000000068")
    pages: int = 45
    memory: bytearray = field(init=False)

    def __post_init__(self) -> None:
        size = (self.pages - 9) * PAGE_BYTES
        self.memory = bytearray(self.pages * PAGE_BYTES)
        self.memory[0:8] = self.uid[:3] + bytes((0x88 ^ self.uid[0] ^ self.uid[1] ^ self.uid[2],)) + self.uid[3:]
        self.memory[12:16] = bytes((MAGIC, 0x10, size // 8, 0))
        packed = pack(self.message)
        self.memory[FIRST_PAGE * PAGE_BYTES : FIRST_PAGE * PAGE_BYTES + len(packed)] = packed

    @property
    def is_locked(self) -> bool:
        """Whether its lock bytes let nothing be written any more."""
        return self.memory[10:12] == b"\xff\xff" and self.memory[15] & READ_ONLY == READ_ONLY

    def answer(self, command: bytes) -> bytes:
        """Read sixteen bytes, rolling over to the first page, or write one page."""
        match command[:2]:
            case b"\xff\xca":
                return self.uid + DONE
            case b"\xff\xb0":
                at = command[3] * PAGE_BYTES
                return REFUSED if at >= len(self.memory) else bytes((self.memory * 2)[at : at + command[4]]) + DONE
            case b"\xff\xd6":
                return self._write(command[3], command[5:])
        return UNKNOWN

    def _write(self, page: int, content: bytes) -> bytes:
        at = page * PAGE_BYTES
        if self.is_locked or len(content) != PAGE_BYTES or at >= len(self.memory):
            return REFUSED
        if page in {2, 3, 40}:
            content = bytes(old | new for old, new in zip(self.memory[at : at + PAGE_BYTES], content, strict=True))
        self.memory[at : at + PAGE_BYTES] = content
        return DONE


@dataclass
class Type4Tag:
    """A Type 4 tag with a message of at most 2 KB, 59 bytes at once."""

    message: bytes = b""
    uid: bytes = UID
    atr: bytes = bytes.fromhex("3b8180018080")
    files: dict[int, bytearray] = field(init=False)
    _selected: int = 0

    def __post_init__(self) -> None:
        capability = encode_capability(Capability(59, 52, NDEF_FILE, 2048, 0, 0))
        content = len(self.message).to_bytes(2) + self.message
        self.files = {CAPABILITY_FILE: bytearray(capability), NDEF_FILE: bytearray(content.ljust(2048, b"\0"))}

    @property
    def is_locked(self) -> bool:
        """Whether its capability file lets nothing be written any more."""
        return self.files[CAPABILITY_FILE][14] != 0

    def answer(self, command: bytes) -> bytes:
        """Select the application or a file, read or write the file selected."""
        at = int.from_bytes(command[2:4])
        match command[:2], command[2:4]:
            case b"\xff\xca", _:
                return self.uid + DONE
            case b"\x00\xa4", b"\x04\x00":
                return DONE if command[5 : 5 + len(APPLICATION)] == APPLICATION else b"\x6a\x82"
            case b"\x00\xa4", b"\x00\x0c":
                self._selected = int.from_bytes(command[5:7])
                return DONE if self._selected in self.files else b"\x6a\x82"
            case b"\x00\xb0", _:
                return bytes(self.files[self._selected][at : at + command[4]]) + DONE
            case b"\x00\xd6", _ if not self.is_locked:
                self.files[self._selected][at : at + len(command) - 5] = command[5:]
                return DONE
        return UNKNOWN


@asynccontextmanager
async def held(tag: Tag, port: int, torn_after: int | None = None) -> AsyncIterator[asyncio.Task[None]]:
    """Hold a tag to the virtual reader at `port` of this machine; torn away after so many commands, or at the end.

    The task is over once the tag is away.
    """
    reader, writer = await _connected(port)
    task = asyncio.create_task(_serve(tag, reader, writer, torn_after), name="tag")
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the virtual reader, once it listens."""
    async with asyncio.timeout(_READY_S):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(_RETRY_S)


async def _serve(tag: Tag, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, torn_after: int | None) -> None:
    """Frames of vpcd: a length of two bytes and a command; one byte alone is power, reset, or a wish for the ATR."""
    connection: socket.socket = writer.get_extra_info("socket")
    commands = 0
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            command = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
            if len(command) == _POWER_OR_RESET:
                answer = tag.atr if command[0] == _GET_ATR else b""
            else:
                answer = tag.answer(command)
                commands += 1
            if torn_after is not None and commands > torn_after:
                break
            if answer:
                writer.write(len(answer).to_bytes(2) + answer)
                await writer.drain()
    writer.close()
