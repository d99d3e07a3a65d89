"""What satellites say, each firmware as it really writes, and what nobody should be able to break."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.adverts import AltBeacon, EddystoneUid, IBeacon, MemberTokenFrame, encode_payload
from gateway.codecs.satellites import DIALECTS, NotRead, Packet, Report
from gateway.codecs.satellites.batch import RawPacket, batch
from gateway.codecs.satellites.espresense import identity
from gateway.model.sighting import BeaconId, BeaconTelemetry, MemberToken
from simulators.satellites import espresense, theengs

UUID = "5f1d0000-0000-4000-8000-00805f9b0001"
ADDRESS = "C0:00:00:00:00:01"
FOB = BeaconId("ibeacon", f"{UUID}/42/7")
PACKET = encode_payload(IBeacon(UUID, 42, 7, -59))
TOKEN = bytes.fromhex("d7a8805435fac867")


def read(speaks: str, topic: str, payload: bytes | dict[str, Any]) -> Report | None:
    return DIALECTS[speaks].read(topic, json.dumps(payload).encode() if isinstance(payload, dict) else payload)


def test_what_the_firmware_page_shows_is_read() -> None:
    """The example of docs/firmware.md, whole."""
    said = b"""{"sent_ms": 81234567, "lost": 0, "adverts": [{"heard_ms": 81234490, "address": "C0:00:00:00:00:01",
        "rssi_dbm": -61, "payload": "0201061aff4c000215f7826da64fa24e988024bc5b71e0893e00010002c5"}]}"""
    token = BeaconId("ibeacon", "f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/2")
    assert read("proximity", "sat-1", said) == Report(
        "sat-1", "up", (Packet((token,), -61.0, ADDRESS, 81234490),), sent_ms=81234567
    )


@given(
    st.lists(
        st.builds(
            RawPacket,
            st.binary(max_size=255),
            st.just(ADDRESS),
            st.integers(-126, 20).map(float),
            st.integers(0, 2**32 - 1),
        ),
        max_size=256,
    ),
    st.integers(0, 2**32 - 1),
    st.integers(0, 1000),
    st.sampled_from(["up", "down"]),
)
def test_a_batch_is_read_as_it_was_written(packets: list[RawPacket], sent_ms: int, lost: int, status: Any) -> None:
    report = read("proximity", "sat-1", batch(packets, sent_ms=sent_ms, lost=lost, status=status))
    assert report is not None
    assert (report.sent_ms, report.lost, report.status) == (sent_ms, lost, status)
    told = [(each.address, each.rssi_dbm, each.heard_ms) for each in report.packets]
    assert told == [(each.address, each.rssi_dbm, each.heard_ms) for each in packets]


def test_a_level_that_no_radio_measures_is_left_out() -> None:
    packets = [RawPacket(PACKET, ADDRESS, rssi_dbm, 1) for rssi_dbm in (-128.0, -127.0, 21.0, -60.0)]
    report = read("proximity", "sat-1", batch(packets, sent_ms=2))
    assert report is not None
    assert [each.rssi_dbm for each in report.packets] == [-60.0]


def test_espresense_tells_of_an_ibeacon() -> None:
    message = espresense("kitchen", PACKET, ADDRESS, -72.5)
    report = read("espresense", message.topic.removeprefix("espresense/"), message.payload)
    assert report == Report("kitchen", "up", (Packet((FOB,), -72.5, ADDRESS),))


def test_espresense_writes_one_byte_of_an_eddystone_namespace_twice() -> None:
    namespace, instance = bytes(range(10)), bytes(range(6))
    message = espresense("kitchen", encode_payload(EddystoneUid(-20, namespace, instance)), ADDRESS, -70.0)
    assert "eddy:00010203040405060708" in message.topic
    report = read("espresense", message.topic.removeprefix("espresense/"), message.payload)
    assert report is not None
    assert report.packets[0].tokens == (BeaconId("eddystone_uid", f"{namespace.hex()}/{instance.hex()}"),)


def test_espresense_numbers_an_altbeacon_like_an_ibeacon() -> None:
    frame = AltBeacon(0x118, bytes(range(20)), -59, 0)
    numbered = identity("altBeacon:00010203-0405-0607-0809-0a0b0c0d0e0f-4113-4627")
    assert numbered == BeaconId("altbeacon", frame.id.hex())


def test_a_battery_that_espresense_read_is_told_with_its_beacon() -> None:
    told = {"mac": "c00000000001", "id": f"iBeacon:{UUID}-42-7", "rssi": -70.25, "mV": 2950, "temp": 21.5}
    report = read("espresense", "devices/x/kitchen", told)
    assert report is not None
    assert report.packets[0].tokens == (FOB, BeaconTelemetry(2950, 21.5))


@pytest.mark.parametrize("name", ["phone:anna", "apple:1005:9-24", "eddy:12-34", f"iBeacon:{UUID}-70000-1", "iBeacon:"])
def test_what_is_no_beacon_is_nothing_to_espresense(name: str) -> None:
    assert read("espresense", "devices/x/kitchen", {"id": name, "rssi": -60}) is None


def test_openmqttgateway_tells_of_an_ibeacon() -> None:
    """As its own documentation shows (docs/use/ble.md); then with the beacon's UUID for its id."""
    told = {"id": "60:87:57:4C:9B:C2", "mac_type": 1, "rssi": -78, "distance": 7.85288, "brand": "GENERIC"}
    told |= {"model": "iBeacon", "model_id": "IBEACON", "mfid": "4c00", "uuid": "1de4b189115e45f6b44e509352269977"}
    told |= {"major": 0, "minor": 0, "txpower": -66}
    beacon = BeaconId("ibeacon", "1de4b189-115e-45f6-b44e-509352269977/0/0")
    heard = Report("OpenMQTTGateway", "up", (Packet((beacon,), -78.0, "60:87:57:4C:9B:C2"),))
    assert read("theengs", "OpenMQTTGateway/BTtoMQTT/6087574C9BC2", told) == heard
    report = read("theengs", "OpenMQTTGateway/BTtoMQTT/x", told | {"id": told["uuid"]})
    assert report == Report("OpenMQTTGateway", "up", (Packet((beacon,), -78.0, None),))


def test_theengs_gateway_relays_a_members_token_in_advertising_data() -> None:
    frame = MemberTokenFrame("service_data", 1, TOKEN, -59)
    message = theengs("TheengsGateway", encode_payload(frame), ADDRESS, -64)
    report = read("theengs", message.topic.removeprefix("home/"), message.payload)
    assert report == Report("TheengsGateway", "up", (Packet((MemberToken(TOKEN),), -64.0, ADDRESS),))


@pytest.mark.parametrize("service", ["0xfeaa", "feaa"])
def test_sixteen_bit_service_data_is_read_however_its_uuid_is_written(service: str) -> None:
    data = "00ec" + bytes(range(16)).hex() + "0000"
    told = {"id": ADDRESS, "rssi": -70, "servicedatauuid": service, "servicedata": data}
    report = read("theengs", "gw/BTtoMQTT/undecoded", told)
    assert report is not None
    assert report.packets[0].tokens[0] == BeaconId("eddystone_uid", f"{bytes(range(10)).hex()}/0a0b0c0d0e0f")


def test_manufacturer_data_and_numbers_are_one_beacon() -> None:
    told = {"id": ADDRESS, "rssi": -70, "manufacturerdata": PACKET[5:].hex()}
    told |= {"uuid": UUID.replace("-", ""), "major": 42, "minor": 7}
    report = read("theengs", "gw/BTtoMQTT/x", told)
    assert report is not None
    assert report.packets[0].tokens == (FOB,)


@pytest.mark.parametrize(
    ("speaks", "topic"), [("espresense", "rooms/kitchen/status"), ("theengs", "kitchen/LWT")], ids=["rooms", "home"]
)
def test_a_will_says_who_is_gone_and_lasts(speaks: str, topic: str) -> None:
    assert read(speaks, topic, b"offline") == Report("kitchen", "down", lasts=True)
    assert read(speaks, topic, b"online") == Report("kitchen", "up", lasts=True)


TOPICS = {"proximity": "sat-1", "espresense": "devices/x/kitchen", "theengs": "gw/BTtoMQTT/x"}
WORDS = (
    "sent_ms lost status adverts heard_ms address rssi_dbm payload id rssi mac mV temp uuid major minor "
    "manufacturerdata servicedata servicedatauuid"
)
KEYS = st.sampled_from(WORDS.split())
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=40)
    | st.sampled_from([UUID, "ff", "0xfeaa"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=12,
)


@pytest.mark.parametrize("speaks", list(DIALECTS))
@given(st.binary(max_size=400) | st.dictionaries(KEYS, VALUES).map(lambda said: json.dumps(said).encode()))
def test_nothing_that_is_said_breaks_the_reader(speaks: str, said: bytes) -> None:
    with suppress(NotRead):
        DIALECTS[speaks].read(TOPICS[speaks], said)


@pytest.mark.parametrize("speaks", ["espresense", "theengs"])
@given(st.text(max_size=30))
def test_no_topic_breaks_the_reader(speaks: str, topic: str) -> None:
    with suppress(NotRead):
        DIALECTS[speaks].read(topic, b"{}")


def test_a_refusal_repeats_nothing_of_what_was_said() -> None:
    with pytest.raises(NotRead) as refused:
        read(
            "proximity",
            "sat-1",
            {"sent_ms": 1, "lost": 0, "adverts": [{"heard_ms": 1, "address": "anna", "rssi_dbm": UUID}]},
        )
    assert UUID not in str(refused.value)
