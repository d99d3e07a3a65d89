"""A phone as a Bluetooth central of the simulated stack: it connects, and reads and writes attributes as ATT does."""

import asyncio
from dataclasses import dataclass
from typing import Final, Protocol

from dbus_fast import Message, MessageType, Variant

from simulators.bluez.peripherals import CHARACTERISTIC, Characteristic, Peripherals

MTU: Final = 185
"""What iPhones agree to; a longer value is read in pieces of one less."""
LONGEST_VALUE: Final = 512
GIVEN_UP_S: Final = 5.0
"""BlueZ gives up what a client does not answer for so long (seconds; ATTRIBUTE_TIMEOUT of src/shared/gatt-db.c)."""

_ATT_ERRORS: Final = {
    "org.bluez.Error.Failed": 0x80,
    "org.bluez.Error.InProgress": 0xFE,
    "org.bluez.Error.InvalidOffset": 0x07,
    "org.bluez.Error.InvalidValueLength": 0x0D,
    "org.bluez.Error.NotAuthorized": 0x08,
    "org.bluez.Error.NotSupported": 0x06,
}
_READ_NOT_PERMITTED, _WRITE_NOT_PERMITTED, _UNLIKELY, _NOT_FOUND, _TOO_LONG = 0x02, 0x03, 0x0E, 0x0A, 0x0D


class AttError(Exception):
    """An attribute answered with this error code (Bluetooth Core, Vol 3, Part F, 3.4.1.1)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"ATT error 0x{code:02x}")
        self.code = code


class NotConnected(Exception):
    """Nobody there takes connections: nothing is advertised, or the link is gone."""


class Links(Protocol):
    """What stands between a phone and the clients of bluetoothd."""

    def peripherals(self, adapter: str) -> Peripherals | None:
        """What is registered on an adapter that is on; None where there is none."""


@dataclass(slots=True)
class Phone:
    """One phone near `adapter`, of this address, which changes whenever it connects anew in reality."""

    links: Links
    adapter: str
    address: str
    mtu: int = MTU
    connected: bool = False

    def connect(self, service: str) -> None:
        """Connect to whoever advertises this service.

        Raises:
            NotConnected: nobody does.
        """
        peripherals = self.links.peripherals(self.adapter)
        if peripherals is None or service not in peripherals.advertised():
            msg = f"nobody advertises {service} on {self.adapter}"
            raise NotConnected(msg)
        self.connected = True

    def leave(self) -> None:
        """End the connection."""
        self.connected = False

    async def read(self, uuid: str) -> bytes:
        """The whole value of a characteristic, in as many pieces as it takes.

        Raises:
            AttError: as its owner, or BlueZ for it, answers.
            NotConnected: the link is gone.
        """
        value = b""
        while True:
            piece_of = self._options(len(value))
            answer = await self._call(uuid, "read", "ReadValue", "a{sv}", [piece_of], _READ_NOT_PERMITTED)
            piece = bytes(answer.body[0])[: self.mtu - 1]
            value += piece
            if len(piece) < self.mtu - 1 or len(value) >= LONGEST_VALUE:
                return value

    async def write(self, uuid: str, value: bytes) -> None:
        """Write a characteristic, and wait until its owner took the value. Raises as `read`.

        A long value goes in pieces, which BlueZ hands on as one.
        """
        if len(value) > LONGEST_VALUE:
            raise AttError(_TOO_LONG)
        body: list[object] = [value, self._options(0)]
        await self._call(uuid, "write", "WriteValue", "aya{sv}", body, _WRITE_NOT_PERMITTED)

    async def _call(
        self, uuid: str, flag: str, member: str, signature: str, body: list[object], not_permitted: int
    ) -> Message:
        peripherals = self.links.peripherals(self.adapter) if self.connected else None
        if peripherals is None:
            self.connected = False
            msg = f"there is no link to {self.adapter}"
            raise NotConnected(msg)
        characteristic = peripherals.find(uuid)
        if characteristic is None:
            raise AttError(_NOT_FOUND)
        if flag not in characteristic.flags:
            raise AttError(not_permitted)
        answer = await _asked(peripherals, characteristic, Message(
            characteristic.client, characteristic.path, CHARACTERISTIC, member, signature=signature, body=body
        ))  # fmt: skip
        if answer.message_type is MessageType.ERROR:
            default = not_permitted if answer.error_name == "org.bluez.Error.NotPermitted" else _UNLIKELY
            raise AttError(_ATT_ERRORS.get(answer.error_name or "", default))
        return answer

    def _options(self, offset: int) -> dict[str, Variant]:
        device = f"/org/bluez/{self.adapter}/dev_{self.address.replace(':', '_')}"
        options = {"device": Variant("o", device), "link": Variant("s", "LE"), "mtu": Variant("q", self.mtu)}
        return options | {"offset": Variant("q", offset)} if offset else options


async def _asked(peripherals: Peripherals, characteristic: Characteristic, call: Message) -> Message:
    answered: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
    peripherals.call(call, lambda answer: None if answered.done() else answered.set_result(answer))
    try:
        async with asyncio.timeout(GIVEN_UP_S):
            return await answered
    except TimeoutError:
        msg = f"{characteristic.uuid} was not answered within {GIVEN_UP_S:g} s"
        raise AttError(_UNLIKELY) from TimeoutError(msg)
