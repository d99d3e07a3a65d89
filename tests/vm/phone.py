"""A phone near a real bluetoothd: it connects over a virtual controller, and reads and writes attributes as ATT does.

Source: Core specification, volume 3, part F (the attribute protocol) and part G (how services are found with it).
"""

import asyncio
import os
from asyncio import Future
from typing import Final
from uuid import UUID

from simulators.bluez.phone import LONGEST_VALUE, MTU, AttError, NotConnected
from tests.vm.controller import COMMAND, Controller, completed
from tests.vm.link import ATTRIBUTES, DATA, Link, framed

PATIENCE_S: Final = 60.0
"""The most that an answer may take (seconds): the guest is an emulated machine."""

_LONGEST: Final = 1024
_FAILED, _MTU, _MTU_IS = 0x01, 0x02, 0x03
_FIND_BY_VALUE, _READ_BY_TYPE, _READ, _READ_ON = 0x06, 0x08, 0x0A, 0x0C
_WRITE, _PREPARE, _EXECUTE = 0x12, 0x16, 0x18
_NOTIFIED, _INDICATED, _CONFIRMED = 0x1B, 0x1D, 0x1E
_SERVICE, _CHARACTERISTIC = b"\x00\x28", b"\x03\x28"
_NOT_FOUND: Final = 0x0A
_LAST_HANDLE: Final = 0xFFFF


class Antenna:
    """The one controller of the machine on /dev/vhci, and the phone that is connected over it."""

    def __init__(self, device: int, controller: Controller) -> None:
        self.controller = controller
        self.phone: Phone | None = None
        self._device = device
        asyncio.get_running_loop().add_reader(device, self._hear)

    def advertises(self, service: str) -> bool:
        """Whether this service is advertised now."""
        return self.controller.advertising and UUID(service).bytes[::-1] in self.controller.advertisement

    def send(self, packets: bytes) -> None:
        """Give the kernel a packet."""
        os.write(self._device, packets)

    def _hear(self) -> None:
        packet = os.read(self._device, _LONGEST)
        if packet[0] == COMMAND:
            for answer in self.controller.answers(packet):
                self.send(answer)
            if self.phone is not None and not self.controller.connected:
                self.phone.left()
        elif packet[0] == DATA and self.phone is not None:
            self.send(completed())
            self.phone.take(packet)


class Phone:
    """A phone of this address; only one is connected at a time."""

    def __init__(self, antenna: Antenna, address: str, mtu: int = MTU) -> None:
        self.mtu = mtu
        self._antenna = antenna
        self._address = address
        self._agreed = 23
        self._link = Link()
        self._answer: Future[bytes] | None = None
        self._handles: dict[str, int] = {}
        self._service = ""

    def connect(self, service: str) -> None:
        """Connect to whoever advertises this service.

        Raises:
            NotConnected: nobody does.
        """
        if not self._antenna.advertises(service):
            msg = f"nobody advertises {service}"
            raise NotConnected(msg)
        self._antenna.phone, self._service = self, service
        self._antenna.send(self._antenna.controller.connect(self._address))

    def leave(self) -> None:
        """End the connection."""
        self._antenna.send(self._antenna.controller.disconnect())
        self.left()

    def left(self) -> None:
        """The connection is over."""
        self._antenna.phone = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(NotConnected("the gateway ended the connection"))

    async def read(self, uuid: str) -> bytes:
        """The whole value of a characteristic, in as many pieces as it takes. Raises AttError, NotConnected."""
        handle = _two(await self._handle(uuid))
        piece = value = await self._ask(_READ, handle)
        while len(piece) == self._agreed - 1 and len(value) < LONGEST_VALUE:
            piece = await self._ask(_READ_ON, handle + _two(len(value)))
            value += piece
        return value

    async def write(self, uuid: str, value: bytes) -> None:
        """Write a characteristic, in pieces where it is long (part G, 4.9.4). Raises as `read`."""
        handle = _two(await self._handle(uuid))
        if len(value) <= self._agreed - 3:
            await self._ask(_WRITE, handle + value)
            return
        most = self._agreed - 5
        try:
            for offset in range(0, len(value), most):
                await self._ask(_PREPARE, handle + _two(offset) + value[offset : offset + most])
        except AttError:
            await self._ask(_EXECUTE, b"\x00")
            raise
        await self._ask(_EXECUTE, b"\x01")

    def take(self, packet: bytes) -> None:
        """A packet of the gateway's side."""
        frame = self._link.take(packet)
        if frame is None or frame[0] != ATTRIBUTES:
            return
        content = frame[1]
        if content[0] == _MTU:
            self._say(bytes((_MTU_IS,)) + _two(self.mtu))
        elif content[0] == _INDICATED:
            self._say(bytes((_CONFIRMED,)))
        elif content[0] % 2 == 0:  # bluetoothd looks for services of the phone's, and finds none
            self._say(bytes((_FAILED, content[0])) + content[1:3] + bytes((_NOT_FOUND,)))
        elif content[0] != _NOTIFIED and self._answer is not None and not self._answer.done():
            self._answer.set_result(content)

    async def _handle(self, uuid: str) -> int:
        """Where a characteristic's value is; asked of the gateway on a new connection, as a phone does."""
        if not self._handles:
            self._agreed = min(self.mtu, _number(await self._ask(_MTU, _two(self.mtu))))
            found = await self._ask(_FIND_BY_VALUE, _two(1) + _two(_LAST_HANDLE) + _SERVICE + _octets(self._service))
            first, last = _number(found[:2]), _number(found[2:4])
            while first <= last:
                try:
                    listed = await self._ask(_READ_BY_TYPE, _two(first) + _two(last) + _CHARACTERISTIC)
                except AttError:
                    break
                for at in range(1, len(listed), listed[0]):
                    each = listed[at : at + listed[0]]
                    self._handles[str(UUID(bytes=each[5:][::-1]))] = _number(each[3:5])
                    first = _number(each[3:5]) + 1
        if uuid not in self._handles:
            raise AttError(_NOT_FOUND)
        return self._handles[uuid]

    async def _ask(self, request: int, content: bytes) -> bytes:
        """What follows the opcode of the answer."""
        if self._antenna.phone is not self:
            msg = "this phone is not connected"
            raise NotConnected(msg)
        self._answer = asyncio.get_running_loop().create_future()
        self._say(bytes((request,)) + content)
        async with asyncio.timeout(PATIENCE_S):
            answer = await self._answer
        if answer[0] == _FAILED:
            raise AttError(answer[4])
        return answer[1:]

    def _say(self, content: bytes) -> None:
        self._antenna.send(framed(ATTRIBUTES, content))


def _octets(uuid: str) -> bytes:
    return UUID(uuid).bytes[::-1]


def _two(number: int) -> bytes:
    return number.to_bytes(2, "little")


def _number(octets: bytes) -> int:
    return int.from_bytes(octets, "little")
