"""What bluetoothd sees of us as a peripheral: the objects of one GATT service and of the advertisement that names it.

Source: doc/org.bluez.GattManager.rst, GattCharacteristic.rst and LEAdvertisingManager.rst of BlueZ. bluetoothd asks for
all objects below a root (GetManagedObjects), then calls ReadValue and WriteValue of the characteristics for each phone.
"""

from collections.abc import Callable, Mapping
from typing import Final

from dbus_fast import Message, MessageFlag, MessageType, Variant

from gateway.codecs.check_in import ANSWER, CHALLENGE, CHECK_IN, SERVICE
from gateway.sensing.ble.bluez import Bluez
from gateway.sensing.ble.trouble import RadioTrouble

ROOT: Final = "/proximity/checkin"
ADVERTISEMENT: Final = "/proximity/advertisement"
LONGEST_NAME: Final = 26
"""Octets of a name that fit beside what BlueZ adds into a scan response of 31."""

_SERVICE: Final = f"{ROOT}/service"
_PATHS: Final = {f"{_SERVICE}/challenge": CHALLENGE, f"{_SERVICE}/checkin": CHECK_IN, f"{_SERVICE}/answer": ANSWER}
_OBJECTS: Final = "org.freedesktop.DBus.ObjectManager"
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"
_GATT_SERVICE: Final = "org.bluez.GattService1"
_CHARACTERISTIC: Final = "org.bluez.GattCharacteristic1"
_ADVERTISING: Final = "org.bluez.LEAdvertisement1"
_ERROR: Final = "org.bluez.Error."
_MISSING: Final = ("UnknownMethod", "UnknownInterface", "UnknownObject")

Objects = Mapping[str, Mapping[str, Mapping[str, Variant]]]


class AttributeRefused(Exception):
    """A read or write fails; `name` is the error that BlueZ turns into one of ATT."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = f"{_ERROR}{name}"


Read = Callable[[str, str, int], bytes]
"""The value of a characteristic (its UUID) for a phone, from an offset on. Raises AttributeRefused."""
Write = Callable[[str, str, bytes, Callable[[str | None], None]], None]
"""Takes what a phone wrote, and is to call back when it is done, with an error's name or None. As `Read` raises."""


class Peripheral:
    """Answers bluetoothd, and nobody else on the bus.

    Attributes:
        released: bluetoothd gave the advertisement up: it is to be registered anew.
    """

    def __init__(self, bluez: Bluez, bluetoothd: str, name: str, read: Read, write: Write) -> None:
        """`bluetoothd` is its unique name on the bus, `name` what is advertised."""
        self.released = False
        self._bluez = bluez
        self._bluetoothd = bluetoothd
        self._read = read
        self._write = write
        self._service = _service()
        self._advertisement = {ADVERTISEMENT: {_ADVERTISING: _advertisement(name)}}
        self._calls: Mapping[tuple[str, str], Callable[[Message], Message | bool]] = {
            (_OBJECTS, "GetManagedObjects"): self._managed_objects,
            (_PROPERTIES, "GetAll"): self._get_all,
            (_CHARACTERISTIC, "ReadValue"): self._read_value,
            (_CHARACTERISTIC, "WriteValue"): self._write_value,
            (_ADVERTISING, "Release"): self._release,
        }

    async def register(self, adapter: str) -> None:
        """Offer the service on an adapter, then tell of it.

        Raises:
            RadioTrouble: `no_peripheral`, `service_refused`, `advertising_refused`.
        """
        self._bluez.answer(self.answer)
        said = await self._bluez.register(adapter, "org.bluez.GattManager1", "RegisterApplication", ROOT)
        if said is not None:
            raise _not_taken("service_refused", f"BlueZ does not offer the service on {adapter}", said)
        manager, member = "org.bluez.LEAdvertisingManager1", "RegisterAdvertisement"
        said = await self._bluez.register(adapter, manager, member, ADVERTISEMENT)
        if said is not None:
            problem = f"{adapter} does not advertise: other programs may use all of its advertisements up"
            raise _not_taken("advertising_refused", problem, said)

    def answer(self, call: Message) -> Message | bool | None:
        """The answer to a call of bluetoothd; True where it comes later or not, None where it is not ours to answer."""
        if call.message_type is not MessageType.METHOD_CALL or call.sender != self._bluetoothd:
            return None
        act = self._calls.get((call.interface or "", call.member or ""))
        if act is None:
            return None
        try:
            answer = act(call)
        except AttributeRefused as refused:
            answer = Message.new_error(call, refused.name, "refused")
        return True if call.flags & MessageFlag.NO_REPLY_EXPECTED else answer

    def _managed_objects(self, call: Message) -> Message:
        ours = self._service if call.path == ROOT else self._advertisement if call.path == ADVERTISEMENT else {}
        return Message.new_method_return(call, "a{oa{sa{sv}}}", [ours])

    def _get_all(self, call: Message) -> Message:
        of_path = {**self._service, **self._advertisement}.get(call.path or "", {})
        return Message.new_method_return(call, "a{sv}", [of_path.get(call.body[0], {})])

    def _read_value(self, call: Message) -> Message:
        phone, offset = _options(call.body[0])
        return Message.new_method_return(call, "ay", [self._read(_uuid(call), phone, offset)])

    def _write_value(self, call: Message) -> bool:
        value, options = call.body
        phone, offset = _options(options)
        if offset:
            raise AttributeRefused("InvalidOffset")

        def done(error: str | None) -> None:
            answer = (
                Message.new_error(call, f"{_ERROR}{error}", "refused") if error else Message.new_method_return(call)
            )
            self._bluez.send(answer)

        self._write(_uuid(call), phone, bytes(value), done)
        return True

    def _release(self, call: Message) -> Message:
        self.released = True
        return Message.new_method_return(call)


def _uuid(call: Message) -> str:
    uuid = _PATHS.get(call.path or "")
    if uuid is None:
        raise AttributeRefused("NotSupported")
    return uuid


def _options(options: Mapping[str, Variant]) -> tuple[str, int]:
    """Which phone it is (BlueZ's path for it) and at which offset."""
    return str(options["device"].value) if "device" in options else "", options[
        "offset"
    ].value if "offset" in options else 0


def _service() -> Objects:
    objects: dict[str, dict[str, dict[str, Variant]]] = {
        _SERVICE: {_GATT_SERVICE: {"UUID": Variant("s", SERVICE), "Primary": Variant("b", True)}}
    }
    for path, uuid in _PATHS.items():
        flags = ["write"] if uuid == CHECK_IN else ["read"]
        facts = {"UUID": Variant("s", uuid), "Service": Variant("o", _SERVICE), "Flags": Variant("as", flags)}
        objects[path] = {_CHARACTERISTIC: facts}
    return objects


def _advertisement(name: str) -> dict[str, Variant]:
    short = name.encode()[:LONGEST_NAME].decode(errors="ignore")
    return {
        "Type": Variant("s", "peripheral"),
        "ServiceUUIDs": Variant("as", [SERVICE]),
        "LocalName": Variant("s", short),
        "Discoverable": Variant("b", True),
    }


def _not_taken(code: str, problem: str, said: str) -> RadioTrouble:
    if said.rpartition(".")[2] in _MISSING:
        hint = "this adapter or BlueZ offers no connections (`btmgmt info` shows its roles): use another adapter"
        return RadioTrouble("no_peripheral", f"{hint} ({said})", values={"said": said})
    return RadioTrouble(code, f"{problem} ({said}); it is tried again", values={"said": said})
