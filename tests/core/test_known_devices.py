"""Devices that change their addresses: staff's are not counted, assets are followed; each address is tried once."""

from gateway.codecs.private_address import ah
from gateway.core.known_devices import MOST_REMEMBERED, KnownDevices
from gateway.core.shop import Shop
from gateway.model.devices import Devices
from gateway.model.documents import Beacon, FloorPlan
from gateway.model.sighting import IBEACON, BeaconId, Sighting, Stranger

STAFF, TROLLEY = bytes(range(16)), bytes(range(100, 116))
IDENTITY = BeaconId(IBEACON, "5f1d0000-0000-4000-8000-00805f9b0001/1/7")
PLAN = FloorPlan("acme", "0042", "UTC", ("en",), {}, {}, {"trolley-7": Beacon("trolley-7", IDENTITY, mobile=True)}, {})
SHOP = Shop.of(PLAN)


def address(irk: bytes, number: int = 0) -> str:
    prand = bytes([0x40, *number.to_bytes(2)])
    return (prand + ah(irk, prand)).hex(":").upper()


def stranger(at: str) -> Sighting:
    return Sighting("ble", "gw-1", Stranger(), -60.0, at)


def known() -> KnownDevices:
    devices = KnownDevices()
    devices.use(Devices(1, (STAFF,), {"trolley-7": TROLLEY, "gone": bytes(16)}))
    return devices


def test_staff_are_known_and_named_nobody() -> None:
    devices = known()
    assert devices.is_staff(address(STAFF))
    assert not devices.is_staff(address(TROLLEY))
    assert not devices.is_staff("C0:00:00:00:00:01")
    assert devices.named(stranger(address(STAFF)), SHOP) == stranger(address(STAFF))


def test_an_asset_is_its_beacon_if_the_plan_has_it() -> None:
    devices = known()
    assert devices.named(stranger(address(TROLLEY)), SHOP).token == IDENTITY
    assert devices.named(stranger(address(bytes(16))), SHOP).token == Stranger()


def test_new_devices_take_the_place_of_the_old_whatever_is_remembered() -> None:
    devices = known()
    assert devices.is_staff(address(STAFF))
    devices.use(Devices(2))
    assert not devices.is_staff(address(STAFF))


def test_however_many_addresses_come_few_are_remembered() -> None:
    devices = known()
    for number in range(MOST_REMEMBERED + 100):
        devices.is_staff(f"40:00:00:00:{number >> 8:02X}:{number & 255:02X}")
    assert len(devices._found) == MOST_REMEMBERED
    assert devices.is_staff(address(STAFF, 9))
