"""The Bluetooth source, a real bleak and a real D-Bus against the simulated BlueZ: every way to lose a radio."""

import asyncio

import pytest

from gateway.codecs.adverts import AltBeacon, EddystoneUid, MemberTokenFrame, encode_payload
from gateway.model.sighting import ALTBEACON, EDDYSTONE_UID, IBEACON, BeaconId, MemberToken, Sighting
from gateway.sensing.ble.options import BleOptions
from gateway.sensing.ble.source import WAITING
from simulators.bluez import Controller, SimulatedBluez
from tests.integration.bluez_side import ADDRESS, UUID, Listener, beacon, listening, on_bus, until

BACK_S = 90.0
"""How soon after the radio is back something must be heard again (seconds)."""


async def test_every_packet_of_a_constant_beacon_is_a_sighting() -> None:
    bluez = SimulatedBluez()
    async with listening(bluez, beacon_on=None) as listener:
        await until(lambda: listener.code == "scanning")
        for _ in range(50):
            assert bluez.advertise("hci0", ADDRESS, -61, beacon(7))
            await asyncio.sleep(0.005)
        await until(lambda: len(listener.sightings) == 50)
        first = listener.sightings[0]
        assert (first.medium, first.receiver, first.token) == ("ble", "gw-1", BeaconId(IBEACON, f"{UUID}/1/7"))
        assert (first.rssi_dbm, first.address) == (-61.0, ADDRESS)
        assert listener.told == ["up"]


async def test_frames_of_one_transmitter_are_kept_apart() -> None:
    frames = (
        beacon(1),
        encode_payload(EddystoneUid(-18, bytes(10), bytes(6))),
        encode_payload(AltBeacon(0x0118, bytes(20), -59, 0)),
        encode_payload(MemberTokenFrame("service_data", 1, b"member-1", -59)),
        encode_payload(MemberTokenFrame("service_uuid", 1, b"member-2", None)),
        encode_payload(MemberTokenFrame("service_uuid", 1, b"member-3", None)),
        encode_payload(MemberTokenFrame("service_uuid", 1, b"member-3", None)),
        beacon(1),
        beacon(1),
    )
    bluez = SimulatedBluez()
    async with listening(bluez, beacon_on=None) as listener:
        await until(lambda: listener.code == "scanning")
        for frame in frames:
            bluez.advertise("hci0", ADDRESS, -61, frame)
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)
        ours = BeaconId(IBEACON, f"{UUID}/1/1")
        assert [sighting.token for sighting in listener.sightings] == [
            ours,
            BeaconId(EDDYSTONE_UID, f"{'00' * 10}/{'00' * 6}"),
            BeaconId(ALTBEACON, "00" * 20),
            *(MemberToken(b"member-1"), MemberToken(b"member-2"), MemberToken(b"member-3"), MemberToken(b"member-3")),
            *(ours, ours),
        ]


async def test_without_experimental_the_active_scan_runs_alone_and_health_says_so() -> None:
    bluez = SimulatedBluez(experimental=False, controllers={"hci0": Controller("all")})
    async with listening(bluez) as listener:
        await listener.hears()
        assert (listener.code, listener.told) == ("active_only", ["up"])
        hint = next(condition.hint for condition in listener.health.conditions())
        assert "--experimental" in hint


@pytest.mark.slow
async def test_monitors_that_come_late_are_used() -> None:
    bluez = SimulatedBluez(experimental=False)
    async with listening(bluez) as listener:
        await until(lambda: listener.code == "active_only")
        bluez.offer_monitors()
        await until(lambda: listener.code == "scanning", BACK_S)
        await listener.hears()
        assert listener.told == ["up"]


async def test_in_progress_leaves_the_passive_scan_whose_silence_means_nothing() -> None:
    bluez = SimulatedBluez()
    async with listening(bluez) as listener:
        await listener.hears()
        await bluez.kill_daemon()
        bluez.refuse("InProgress")
        await bluez.start_daemon()
        await until(lambda: listener.code == "passive_only", BACK_S)
        assert listener.told == ["up", "down"]
        assert bluez.scanning("hci0")


@pytest.mark.slow
async def test_in_progress_ends_and_the_active_scan_joins() -> None:
    bluez = SimulatedBluez()
    bluez.refuse("InProgress")
    async with listening(bluez) as listener:
        await until(lambda: listener.code == "passive_only")
        await until(lambda: listener.told == ["down"])
        bluez.refuse(None)
        await until(lambda: listener.code == "scanning", BACK_S)
        await listener.hears()
        await until(lambda: listener.told == ["down", "up"])


async def test_in_progress_without_monitors_is_tried_again() -> None:
    bluez = SimulatedBluez(experimental=False)
    bluez.refuse("InProgress")
    async with listening(bluez) as listener:
        await until(lambda: listener.code == "busy")
        bluez.refuse(None)
        await until(lambda: listener.told == ["down", "up"], BACK_S)


async def test_not_ready_is_tried_again() -> None:
    bluez = SimulatedBluez()
    bluez.refuse("NotReady")
    async with listening(bluez) as listener:
        await until(lambda: listener.code == "powered_off")
        bluez.refuse(None)
        await listener.hears()
        await until(lambda: listener.told == ["down", "up"])


async def test_adapter_unplugged_and_plugged() -> None:
    bluez = SimulatedBluez()
    async with listening(bluez) as listener:
        await listener.hears()
        bluez.unplug("hci0")
        await until(lambda: listener.code == "no_adapter")
        assert listener.told == ["up", "down"]
        bluez.plug("hci0")
        async with asyncio.timeout(BACK_S):
            await listener.hears()
        await until(lambda: listener.told == ["up", "down", "up"])


@pytest.mark.slow
async def test_adapter_unplugged_and_plugged_within_a_moment() -> None:
    bluez = SimulatedBluez()
    async with listening(bluez) as listener:
        await listener.hears()
        bluez.unplug("hci0")
        bluez.plug("hci0")
        async with asyncio.timeout(BACK_S):
            await listener.hears()
        await until(lambda: listener.told == ["up", "down", "up"])


async def test_adapter_off_and_on() -> None:
    bluez = SimulatedBluez()
    async with listening(bluez) as listener:
        await listener.hears()
        bluez.power("hci0", on=False)
        await until(lambda: listener.code == "powered_off")
        assert listener.told == ["up", "down"]
        bluez.power("hci0", on=True)
        async with asyncio.timeout(BACK_S):
            await listener.hears()
        await until(lambda: listener.told == ["up", "down", "up"])


async def test_bluetoothd_killed_and_started() -> None:
    bluez = SimulatedBluez()
    async with listening(bluez) as listener:
        await listener.hears()
        await bluez.kill_daemon()
        await until(lambda: listener.code == "no_bluez")
        assert listener.told == ["up", "down"]
        await bluez.start_daemon()
        async with asyncio.timeout(BACK_S):
            await listener.hears()
        await until(lambda: listener.told == ["up", "down", "up"])


async def test_bluetoothd_restarted_within_a_moment() -> None:
    bluez = SimulatedBluez()
    async with listening(bluez) as listener:
        await listener.hears()
        await bluez.kill_daemon()
        await bluez.start_daemon()
        async with asyncio.timeout(BACK_S):
            await listener.hears()
        await until(lambda: listener.told == ["up", "down", "up"])


async def test_bus_restarted() -> None:
    bluez = SimulatedBluez()
    async with listening(bluez) as listener:
        await listener.hears()
        await bluez.restart_bus()
        async with asyncio.timeout(BACK_S):
            await listener.hears()
        await until(lambda: listener.told == ["up", "down", "up"])


@pytest.mark.slow
async def test_a_radio_that_falls_silent_is_started_anew() -> None:
    bluez = SimulatedBluez()
    async with listening(bluez) as listener:
        await until(lambda: len(listener.sightings) > 150)
        bluez.stall("hci0")
        async with asyncio.timeout(BACK_S):
            await listener.hears()
        await until(lambda: listener.told == ["up", "down", "up"])


@pytest.mark.slow
async def test_a_receiver_that_hears_nothing_any_more_stays_down() -> None:
    bluez = SimulatedBluez()
    async with listening(bluez, silence_s=1.0, beacon_on=None) as listener:
        await until(lambda: listener.told == ["up"])
        bluez.advertise("hci0", ADDRESS, -60, beacon())
        await until(lambda: listener.code == "silent", 10)
        await asyncio.sleep(1)
        assert listener.told == ["up", "down"]
        await until(lambda: bluez.scanning("hci0"))
        bluez.advertise("hci0", ADDRESS, -60, beacon())
        await until(lambda: listener.told == ["up", "down", "up"])


async def test_the_first_adapter_that_is_on_is_used_where_none_is_named() -> None:
    bluez = SimulatedBluez(("hci0", "hci1"))
    async with listening(bluez, adapter=None, beacon_on="hci0") as listener:
        await until(lambda: bluez.scanning("hci0"))
        bluez.power("hci0", on=False)
        await until(lambda: bluez.scanning("hci1"))
        await until(lambda: listener.code == "scanning")
        assert "hci1" in next(condition.hint for condition in listener.health.conditions())


async def test_an_adapter_can_be_named_by_its_address() -> None:
    bluez = SimulatedBluez(("hci0", "hci1"))
    async with listening(bluez, adapter="00:aa:01:00:00:01", beacon_on="hci1") as listener:
        await listener.hears()
        assert bluez.scanning("hci1")
        assert not bluez.scanning("hci0")


async def test_an_adapter_that_is_not_there_is_waited_for() -> None:
    bluez = SimulatedBluez(("hci0", "hci1"))
    bluez.unplug("hci1")
    async with listening(bluez, adapter="hci1", beacon_on="hci1") as listener:
        await until(lambda: listener.code == "no_adapter")
        assert listener.told == ["down"]
        bluez.plug("hci1")
        await listener.hears()
        await until(lambda: listener.told == ["down", "up"])


async def test_too_many_packets_push_out_the_oldest_and_are_counted() -> None:
    async with on_bus(SimulatedBluez()) as bluez:
        listener = Listener(BleOptions("gw-1", "hci0"))
        async with listener.source:
            await until(lambda: listener.code == "scanning")
            for number in range(WAITING + 300):
                bluez.advertise("hci0", ADDRESS, -60, beacon(number))
            await until(lambda: listener.source.lost == 300)
            await until(lambda: "overrun" in [condition.code for condition in listener.health.conditions()])
            sensed = aiter(listener.source)
            first = (await anext(sensed)).input
            assert isinstance(first, Sighting)
            assert first.token == BeaconId(IBEACON, f"{UUID}/1/300")


async def test_leaving_leaves_no_scan_behind() -> None:
    bluez = SimulatedBluez()
    async with listening(bluez) as listener:
        await listener.hears()
        await listener.source.__aexit__(None, None, None)
        assert not bluez.scanning("hci0")
        async with listener.source:
            await until(lambda: bluez.scanning("hci0"))
