"""`org.bluez.GattManager1` and `LEAdvertisingManager1`: the services and advertisements that clients put on an adapter.

Both managers answer a registration only once they have read the client's objects. What a client registered is gone with
its connection to the bus. Source: src/gatt-database.c and src/advertising.c of BlueZ 5.66 and 5.82.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from dbus_fast import Message, MessageFlag, MessageType, Variant

from simulators.bluez.connection import OBJECTS, PROPERTIES

GATT: Final = "org.bluez.GattManager1"
ADVERTISING: Final = "org.bluez.LEAdvertisingManager1"
SERVICE: Final = "org.bluez.GattService1"
CHARACTERISTIC: Final = "org.bluez.GattCharacteristic1"
ADVERTISEMENT: Final = "org.bluez.LEAdvertisement1"
MOST_ADVERTISEMENTS: Final = 5
LEGACY_OCTETS: Final = 31
_ERROR: Final = "org.bluez.Error."

Objects = Mapping[str, Mapping[str, Mapping[str, Variant]]]
Call = Callable[[Message, Callable[[Message], None]], None]
"""Calls a client, and has its answer taken when it comes."""
Reply = Callable[[Message], None]


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One of a client's: who owns it, where, and what may be done with it."""

    client: str
    path: str
    uuid: str
    flags: tuple[str, ...]


@dataclass(slots=True)
class Peripherals:
    """What clients registered on one adapter.

    Attributes:
        services: Characteristics by (client, root).
        advertisements: What is advertised, by (client, path).
        refusing: The error (`NotPermitted`) with which every advertisement is refused; None = as it should be.
    """

    call: Call
    reply: Reply
    services: dict[tuple[str, str], tuple[Characteristic, ...]] = field(default_factory=dict)
    advertisements: dict[tuple[str, str], Mapping[str, Variant]] = field(default_factory=dict)
    refusing: str | None = None

    def register_application(self, request: Message) -> str | None:
        """Read a client's services, then answer; an error's name where that is known at once."""
        key = (request.sender or "", request.body[0])
        if key in self.services:
            return "AlreadyExists"

        def take(answer: Message) -> None:
            found = _characteristics(key[0], answer)
            if not found:
                self.reply(Message.new_error(request, f"{_ERROR}Failed", "No object received"))
                return
            self.services[key] = found
            self.reply(Message.new_method_return(request))

        self.call(Message(key[0], key[1], OBJECTS, "GetManagedObjects"), take)
        return None

    def register_advertisement(self, request: Message) -> str | None:
        """Read a client's advertisement, then answer; an error's name where that is known at once."""
        key = (request.sender or "", request.body[0])
        if self.refusing is not None:
            return self.refusing
        if key in self.advertisements:
            return "AlreadyExists"
        if len(self.advertisements) >= MOST_ADVERTISEMENTS:
            return "NotPermitted"

        def take(answer: Message) -> None:
            properties = answer.body[0] if answer.message_type is MessageType.METHOD_RETURN else {}
            error = _unfit(properties)
            if error is not None:
                self.reply(Message.new_error(request, f"{_ERROR}{error}", "Failed to parse advertisement."))
                return
            self.advertisements[key] = properties
            self.reply(Message.new_method_return(request))

        self.call(Message(key[0], key[1], PROPERTIES, "GetAll", signature="s", body=[ADVERTISEMENT]), take)
        return None

    def unregister(self, of: dict[tuple[str, str], Any], request: Message) -> str | None:
        """Take back what a client registered."""
        return None if of.pop((request.sender or "", request.body[0]), None) is not None else "DoesNotExist"

    def client_gone(self, client: str) -> None:
        """A client left the bus."""
        for of in (self.services, self.advertisements):
            for key in [key for key in of if key[0] == client]:
                del of[key]

    def release_advertisements(self) -> None:
        """Give up every advertisement, and tell whose it was, who is not to answer (client_release)."""
        for client, path in self.advertisements:
            self.reply(Message(client, path, ADVERTISEMENT, "Release", flags=MessageFlag.NO_REPLY_EXPECTED))
        self.advertisements.clear()

    def advertised(self) -> frozenset[str]:
        """The UUIDs of services that a phone hears of."""
        return frozenset(
            uuid
            for each in self.advertisements.values()
            if "ServiceUUIDs" in each
            for uuid in each["ServiceUUIDs"].value
        )

    def find(self, uuid: str) -> Characteristic | None:
        """The characteristic of this UUID, if any client has it."""
        everything = (each for characteristics in self.services.values() for each in characteristics)
        return next((each for each in everything if each.uuid == uuid), None)


def _characteristics(client: str, answer: Message) -> tuple[Characteristic, ...]:
    if answer.message_type is not MessageType.METHOD_RETURN:
        return ()
    objects: Objects = answer.body[0]
    services = {
        path for path, each in objects.items() if SERVICE in each and {"UUID", "Primary"} <= each[SERVICE].keys()
    }
    found = []
    for path, interfaces in objects.items():
        facts = interfaces.get(CHARACTERISTIC)
        if facts is not None and facts["Service"].value in services:
            found.append(Characteristic(client, path, facts["UUID"].value, tuple(facts["Flags"].value)))
    return tuple(found)


def _unfit(properties: Mapping[str, Variant]) -> str | None:
    """The error for an advertisement that lacks its type, or is longer than a legacy one and its scan response."""
    if "Type" not in properties or properties["Type"].value not in {"peripheral", "broadcast"}:
        return "Failed"
    uuids = properties["ServiceUUIDs"].value if "ServiceUUIDs" in properties else []
    flags = 3 if "Discoverable" in properties else 0
    name = len(properties["LocalName"].value.encode()) + 2 if "LocalName" in properties else 0
    return (
        "InvalidLength"
        if flags + (2 + 16 * len(uuids) if uuids else 0) > LEGACY_OCTETS or name > LEGACY_OCTETS
        else None
    )
