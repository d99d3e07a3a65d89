"""`org.bluez.Device1`: what bluetoothd has gathered of one transmitter, and what of it is news.

Source: src/device.c and src/adapter.c of BlueZ, and runs of 5.66 and 5.82 over a virtual controller.
"""

from typing import Final, TypeVar

from dbus_fast import Variant

from simulators.bluez.packet import Packet

RSSI_THRESHOLD_DB: Final = 8
"""A level that moved less than this (dB) is not signalled, unless a filtered discovery runs."""
TEMPORARY_S: Final = 30.0
"""A transmitter that was not heard for this long (seconds) is forgotten (TemporaryTimeout of main.conf)."""

Key = TypeVar("Key")


class Device:
    """One transmitter at one adapter. Its properties pile up: older services stay beside newer ones.

    Attributes:
        path: Its object path.
        properties: All of `org.bluez.Device1`.
        heard_s: When it was heard last (monotonic seconds).
    """

    def __init__(self, adapter_path: str, address: str) -> None:
        written = address.replace(":", "-")
        self.path = f"{adapter_path}/dev_{address.replace(':', '_')}"
        self.heard_s = 0.0
        self.properties: dict[str, Variant] = {
            "Address": Variant("s", address),
            "AddressType": Variant("s", "random"),
            "Alias": Variant("s", written),
            "Adapter": Variant("o", adapter_path),
            "UUIDs": Variant("as", []),
        } | {name: Variant("b", False) for name in _FLAGS}
        self._manufacturer: dict[int, bytes] = {}
        self._service: dict[str, bytes] = {}

    def hear(self, packet: Packet, rssi_dbm: int, *, again: bool, threshold_db: int) -> dict[str, Variant]:
        """Take in a packet; the properties that are signalled for it.

        With `again` (DuplicateData) the packet's data replaces the old and is signalled even if it is the same.
        """
        news: dict[str, Variant] = {}
        if _gather(self._manufacturer, packet.manufacturer, again):
            gathered = {company: Variant("ay", value) for company, value in self._manufacturer.items()}
            news["ManufacturerData"] = Variant("a{qv}", gathered)
        if _gather(self._service, packet.service, again):
            news["ServiceData"] = Variant("a{sv}", {uuid: Variant("ay", each) for uuid, each in self._service.items()})
        known: list[str] = self.properties["UUIDs"].value
        if added := [uuid for uuid in packet.uuids if uuid not in known]:
            news["UUIDs"] = Variant("as", [*known, *added])
        if packet.name is not None:
            news |= self._differing({"Name": Variant("s", packet.name), "Alias": Variant("s", packet.name)})
        if packet.tx_power_dbm is not None:
            news |= self._differing({"TxPower": Variant("n", packet.tx_power_dbm)})
        before = self.properties.get("RSSI")
        if before is None or abs(before.value - rssi_dbm) >= threshold_db:
            news["RSSI"] = Variant("n", rssi_dbm)
        self.properties |= news
        return news

    def _differing(self, properties: dict[str, Variant]) -> dict[str, Variant]:
        return {name: value for name, value in properties.items() if self.properties.get(name) != value}


def _gather(kept: dict[Key, bytes], fresh: dict[Key, bytes], again: bool) -> bool:
    """Add what is fresh to what is kept; whether there is something to signal."""
    if not fresh or (not again and all(kept.get(key) == value for key, value in fresh.items())):
        return False
    if again:
        kept.clear()
    kept.update(fresh)
    return True


_FLAGS: Final = ("Paired", "Bonded", "Trusted", "Blocked", "LegacyPairing", "Connected", "ServicesResolved")
