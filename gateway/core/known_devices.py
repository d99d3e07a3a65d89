"""Known devices: strangers' packets that are staff's, or an asset's, by the address alone."""

from collections import OrderedDict
from dataclasses import replace
from typing import Final

from gateway.codecs.private_address import AddressResolver
from gateway.core.shop import Shop
from gateway.model.devices import Devices
from gateway.model.sighting import Sighting

MOST_REMEMBERED: Final = 4_096
"""Addresses that were resolved, or belong to nobody known; the one heard longest ago makes room."""


class KnownDevices:
    """Keeps what came of an address while it lives, in memory alone: each is tried once."""

    def __init__(self) -> None:
        self._owners: tuple[str | None, ...] = ()
        self._resolver = AddressResolver(())
        self._found: OrderedDict[str, int | None] = OrderedDict()

    def use(self, devices: Devices) -> None:
        """These devices are known, and no others any more."""
        self._owners = (*(None for _ in devices.staff), *devices.assets)
        self._resolver = AddressResolver((*devices.staff, *devices.assets.values()))
        self._found.clear()

    def forget_addresses(self) -> None:
        """Forget what came of addresses: those that are still in use are tried again."""
        self._found.clear()

    def is_staff(self, address: str) -> bool:
        """Whether the transmitter of this address is a device of staff, which is not to be counted."""
        place = self._place(address)
        return place is not None and self._owners[place] is None

    def named(self, sighting: Sighting, shop: Shop) -> Sighting:
        """A stranger's sighting under the identity of the mobile beacon that it is of; as it is where it is of none."""
        place = None if sighting.address is None else self._place(sighting.address)
        beacon = None if place is None else shop.plan.beacons.get(self._owners[place] or "")
        return sighting if beacon is None or not beacon.mobile else replace(sighting, token=beacon.identity)

    def _place(self, address: str) -> int | None:
        if not self._owners:
            return None
        if address in self._found:
            self._found.move_to_end(address)
            return self._found[address]
        place = self._found[address] = self._resolver.index(address)
        if len(self._found) > MOST_REMEMBERED:
            self._found.popitem(last=False)
        return place
