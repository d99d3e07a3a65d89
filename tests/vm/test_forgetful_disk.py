"""The disk that forgets: what is flushed stays, the rest may go."""

import asyncio
import struct
from pathlib import Path
from random import Random

import pytest

from tests.vm.forgetful_disk import SECTOR, ForgetfulDisk

SECTORS = 64


class Guest:
    """As much of an NBD client as a guest's kernel is."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def greet(self) -> int:
        """The disk's size (bytes)."""
        await self._reader.readexactly(18)
        self._writer.write(
            struct.pack(">I8sII", 3, b"IHAVEOPT", 8, 0) + struct.pack(">8sII", b"IHAVEOPT", 7, 6) + bytes(6)
        )
        refused = await self._reader.readexactly(20)
        assert struct.unpack(">QIII", refused)[2] == 2**31 + 1
        export = await self._reader.readexactly(20 + 12 + 20)
        size: int = struct.unpack(">HQH", export[20:32])[1]
        return size

    async def leave(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def ask(self, kind: int, sector: int = 0, content: bytes = b"", length: int = 0, flags: int = 0) -> bytes:
        asked = length or len(content)
        self._writer.write(struct.pack(">IHHQQI", 0x25609513, flags, kind, 7, sector * SECTOR, asked) + content)
        magic, error, handle = struct.unpack(">IIQ", await self._reader.readexactly(16))
        assert (magic, error, handle) == (0x67446698, 0, 7)
        return await self._reader.readexactly(length)


def sector(number: int) -> bytes:
    return bytes([number]) * SECTOR


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "disk"
    path.write_bytes(bytes(SECTORS * SECTOR))
    return path


async def test_a_power_cut_takes_parts_of_what_was_not_flushed_and_nothing_else(image: Path, tmp_path: Path) -> None:
    async with ForgetfulDisk(image, tmp_path / "socket") as disk:
        guest = Guest(*await asyncio.open_unix_connection(tmp_path / "socket"))
        assert await guest.greet() == SECTORS * SECTOR
        await guest.ask(1, 0, b"".join(map(sector, range(1, 9))))
        await guest.ask(3)
        await guest.ask(1, 8, sector(9), flags=1)
        await guest.ask(1, 16, b"".join(map(sector, range(17, 49))))
        assert await guest.ask(0, 15, length=2 * SECTOR) == bytes(SECTOR) + sector(17)
        forgotten = disk.lose_power(Random("cut"))
        await guest.leave()
        assert disk.flushes == 1
    kept = image.read_bytes()
    assert kept[: 9 * SECTOR] == b"".join(map(sector, range(1, 10)))
    later = [kept[number * SECTOR : (number + 1) * SECTOR] for number in range(16, 48)]
    assert later.count(bytes(SECTOR)) == forgotten
    assert 0 < forgotten < 32
    assert all(found in {bytes(SECTOR), sector(number)} for number, found in enumerate(later, 17))
