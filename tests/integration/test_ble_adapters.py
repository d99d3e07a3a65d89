"""Several adapters at once, and a street of strangers, on a simulated BlueZ."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.codecs.adverts import MemberTokenFrame, encode_payload
from gateway.model.sighting import BeaconId, MemberToken, Stranger
from gateway.sensing.ble import strangers, transmitters
from gateway.sensing.ble.options import BleOptions
from simulators.bluez import SimulatedBluez
from tests.integration.bluez_side import ADDRESS, UUID, Listener, beacon, on_bus, until

ADAPTERS = ("hci0", "hci1", "hci2")


@asynccontextmanager
async def listening_on(bluez: SimulatedBluez, *options: BleOptions) -> AsyncIterator[list[Listener]]:
    listeners = [Listener(each) for each in options]
    async with on_bus(bluez):
        tasks = [asyncio.create_task(each.listen()) for each in listeners]
        try:
            for each in listeners:
                await until(lambda each=each: each.told == ["up"])  # type: ignore[misc]
            yield listeners
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_adapter_asked_for_is_the_adapter_used_of_several_at_once() -> None:
    """Named in another order than BlueZ has them, one by its address, each hears its own antenna and no other's."""
    bluez = SimulatedBluez(ADAPTERS)
    asked = ("hci2", "hci0", "00:AA:01:00:00:01")
    options = [BleOptions(f"rx-{adapter[-1]}", adapter) for adapter in asked]
    async with listening_on(bluez, *options) as listeners:
        assert all(bluez.scanning(adapter) for adapter in ADAPTERS)
        for number, adapter in enumerate(ADAPTERS):
            for _ in range(5):
                bluez.advertise(adapter, ADDRESS, -50 - 10 * number, beacon(number))
        await until(lambda: all(len(each.sightings) == 5 for each in listeners))
        for listener, number in zip(listeners, (2, 0, 1), strict=True):
            heard = {(each.receiver, each.token, each.rssi_dbm) for each in listener.sightings}
            expected = BeaconId("ibeacon", f"{UUID}/1/{number}")
            assert heard == {(f"rx-{asked[listeners.index(listener)][-1]}", expected, -50.0 - 10 * number)}


async def test_the_others_hear_on_when_one_adapter_is_pulled_out() -> None:
    bluez = SimulatedBluez(ADAPTERS[:2])
    async with listening_on(bluez, BleOptions("rx-0", "hci0"), BleOptions("rx-1", "hci1")) as (first, second):
        bluez.unplug("hci0")
        await until(lambda: first.told == ["up", "down"])
        bluez.advertise("hci1", ADDRESS, -60, beacon(1))
        await until(lambda: len(second.sightings) == 1)
        assert second.told == ["up"]
        bluez.plug("hci0")
        await until(lambda: first.told == ["up", "down", "up"])


async def test_a_flood_of_fresh_addresses_loses_no_member_and_fills_no_table() -> None:
    """Six thousand addresses that are never met again, in some seconds; `benchmarks.flood` does it for ten minutes."""
    bluez, chance = SimulatedBluez(), random.Random(1)
    member = encode_payload(MemberTokenFrame("service_data", 1, b"member-1", -59))
    async with listening_on(bluez, BleOptions("rx-0", "hci0", guests=True)) as (listener,):
        sent = 0
        for turn in range(600):
            for _ in range(10):
                address = ":".join(f"{octet:02X}" for octet in (0x40, *chance.randbytes(5)))
                bluez.advertise("hci0", address, -70, b"\x02\x01\x1a")
            if turn % 10 == 0:
                sent += bluez.advertise("hci0", ADDRESS, -60, member)
            await asyncio.sleep(0.005)
        await until(lambda: sum(each.token == MemberToken(b"member-1") for each in listener.sightings) == sent)
        assert sent == 60
        assert sum(isinstance(each.token, Stranger) for each in listener.sightings) > 5_000
        assert len(listener.source._transmitters._known) <= transmitters.MOST_KNOWN
        assert len(listener.source._strangers._told_s) <= strangers.MOST_KNOWN
        assert listener.source.lost == 0
