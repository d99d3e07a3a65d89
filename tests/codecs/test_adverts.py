"""Every format there and back, the examples of the wire, and bytes that nobody meant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.codecs.adverts import (
    FORMATS,
    AltBeacon,
    Decoded,
    EddystoneEid,
    EddystoneTlm,
    EddystoneUid,
    EddystoneUrl,
    Frame,
    IBeacon,
    MemberTokenFrame,
    decode_payload,
    encode_payload,
    frame_fields,
    token_of,
    tokens_in,
)
from gateway.model.sighting import BeaconId, BeaconTelemetry, MemberToken
from tests.codecs.frames import FRAMES

TOKEN = bytes.fromhex("d7a8805435fac867")
UUID = "f7826da6-4fa2-4e98-8024-bc5b71e0893e"
EXAMPLES = {
    "0201061aff4c000215f7826da64fa24e988024bc5b71e0893e00010002c5": IBeacon(UUID, 1, 2, -59),
    "0201061b21207a5f1e8d3c669a0e4f3f7da4e2c5b101d7a8805435fac867c5": MemberTokenFrame("service_data", 1, TOKEN, -59),
    "020106110767c8fa355480a8d7e8427d5a3c6b1f9e": MemberTokenFrame("service_uuid", 1, TOKEN, None),
}
TLM = "0201060303aafe1116aafe2000"


def decoded(hex_: str) -> tuple[Frame, ...]:
    return decode_payload(bytes.fromhex(hex_)).frames


@pytest.mark.parametrize(("hex_", "frame"), EXAMPLES.items(), ids=["ibeacon", "android", "ios"])
def test_the_examples_of_the_wire_are_read_and_written(hex_: str, frame: Frame) -> None:
    assert decode_payload(bytes.fromhex(hex_)) == Decoded((frame,), None)
    assert encode_payload(frame).hex() == hex_


@pytest.mark.parametrize("name", FRAMES)
@given(choices=st.data())
@settings(max_examples=60)
def test_what_is_sent_is_what_is_read(name: str, choices: st.DataObject) -> None:
    frame = choices.draw(FRAMES[name])
    payload = encode_payload(frame)
    assert len(payload) <= 31
    assert decode_payload(payload) == Decoded((frame,), None)
    assert frame_fields(frame)["format"] == name


def test_every_format_has_frames_to_test() -> None:
    assert {format_.name for format_ in FORMATS} == set(FRAMES)


@given(st.binary(max_size=255))
@settings(max_examples=200)
def test_no_bytes_raise(payload: bytes) -> None:
    decode_payload(payload)


@given(st.sampled_from(sorted(FRAMES)).flatmap(FRAMES.__getitem__), st.data())
@settings(max_examples=200)
def test_no_damage_raises(frame: Frame, choices: st.DataObject) -> None:
    payload = bytearray(encode_payload(frame))
    payload[choices.draw(st.integers(0, len(payload) - 1))] = choices.draw(st.integers(0, 255))
    for found in decode_payload(bytes(payload[: choices.draw(st.integers(0, len(payload)))])).frames:
        frame_fields(found)
        token_of(found)


def test_every_length_of_one_advert_is_read_without_a_frame_until_it_is_whole() -> None:
    payload = bytes.fromhex("0201061aff4c000215f7826da64fa24e988024bc5b71e0893e00010002c5")
    for size in range(4, len(payload)):
        cut = decode_payload(payload[:size])
        assert cut.frames == ()
        assert cut.problem is not None


def test_several_structures_of_an_extended_advert_are_all_read() -> None:
    frames = (IBeacon(UUID, 1, 2, -59), EddystoneUid(-20, bytes(10), bytes(6)), AltBeacon(0x0118, bytes(20), -60, 7))
    payload = b"".join(encode_payload(frame) for frame in frames)
    assert decode_payload(payload) == Decoded(frames, None)


def test_frames_before_a_malformed_structure_stand() -> None:
    found = decode_payload(encode_payload(IBeacon(UUID, 1, 2, -59)) + b"\x05\xff")
    assert found.frames == (IBeacon(UUID, 1, 2, -59),)
    assert found.problem is not None


def test_padding_after_the_structures_is_no_problem() -> None:
    frame = IBeacon(UUID, 1, 2, -59)
    assert decode_payload(encode_payload(frame) + bytes(20)) == Decoded((frame,), None)


@pytest.mark.parametrize(
    "hex_",
    [
        "19ff4c000215f7826da64fa24e988024bc5b71e0893e00010002",
        "1bff4c000215f7826da64fa24e988024bc5b71e0893e00010002c500",
        "1aff4d000215f7826da64fa24e988024bc5b71e0893e00010002c5",
        "1aff4c000216f7826da64fa24e988024bc5b71e0893e00010002c5",
        "19ff1801beac2f234454cf6d4a0fadf2f4911ba9ffa600010002",
        "1cff1801beac2f234454cf6d4a0fadf2f4911ba9ffa600010002c50900",
        "1416aafe00e7000102030405060708090102030405",
        "1616aafe00e70001020304050607080901020304050600",
        "1816aafe00e7000102030405060708090102030405060000ff",
        "1016aafe20000b1813000000146700002ac4"[:-2],
        "1216aafe20000b1813000000146700002ac4e4",
        "1116aafe20020b1813000000146700002ac4",
        "1116aafe20014141414141414141414141ff",
        "0c16aafe30e74549445f746573",
        "0e16aafe30e74549445f7465737400",
        "0316aafe",
        "0116",
        "01ff",
        "0107",
        "0121",
        "1a21207a5f1e8d3c669a0e4f3f7da4e2c5b101d7a8805435fac867",
        "1b21207a5f1e8d3c669a0e4f3f7da4e2c5b102d7a8805435fac867c5",
        "100767c8fa355480a8d7e8427d5a3c6b1f",
        "110767c8fa355480a8d7e8427d5a3c6b1f9f",
        "110667c8fa355480a8d7e8427d5a3c6b1f9e",
        "1316abfe10f8036769746875620063697472757a",
    ],
)
def test_what_cannot_be_a_frame_is_no_frame(hex_: str) -> None:
    assert decode_payload(bytes.fromhex(hex_)) == Decoded((), None)


def test_an_altbeacon_without_its_reserved_byte_has_zero_there() -> None:
    assert decoded("1aff1801beac2f234454cf6d4a0fadf2f4911ba9ffa600010002c5") == (
        AltBeacon(0x0118, bytes.fromhex("2f234454cf6d4a0fadf2f4911ba9ffa600010002"), -59, 0),
    )


def test_an_altbeacon_may_be_of_any_company_even_apple() -> None:
    (frame,) = decoded("1bff4c00beac0215000000000000000000000000000000000000c509")
    assert isinstance(frame, AltBeacon)
    assert frame.company_id == 0x004C


@pytest.mark.parametrize("reserved", ["", "0000", "ffff"])
def test_an_eddystone_uid_with_and_without_its_reserved_bytes(reserved: str) -> None:
    frame = bytes.fromhex("aafe00e700010203040506070809010203040506" + reserved)
    payload = bytes((len(frame) + 1, 0x16)) + frame
    namespace, instance = bytes.fromhex("00010203040506070809"), bytes.fromhex("010203040506")
    assert decode_payload(payload).frames == (EddystoneUid(-25, namespace, instance),)


def test_telemetry_that_a_beacon_does_not_measure_is_none() -> None:
    assert decoded(TLM + "0000 8000 00000001 0000000a") == (EddystoneTlm(None, None, 1, 1.0),)


@pytest.mark.parametrize(
    ("hex_", "temperature_c"), [("7fff", 127.99609375), ("ff80", -0.5), ("8001", -127.99609375), ("0000", 0.0)]
)
def test_temperature_is_signed_fixed_point(hex_: str, temperature_c: float) -> None:
    assert decoded(TLM + "0bb8" + hex_ + "00000000ffffffff") == (EddystoneTlm(3000, temperature_c, 0, 429496729.5),)


def test_a_member_token_is_found_among_other_service_uuids() -> None:
    other, mine = "ff" * 16, "67c8fa355480a8d7e8427d5a3c6b1f9e"
    assert decoded(f"2107{other}{mine}") == (MemberTokenFrame("service_uuid", 1, TOKEN, None),)
    assert decoded(f"2007{other}{mine}"[:66]) == ()


@pytest.mark.parametrize(
    ("frame", "token"),
    [
        (IBeacon(UUID, 1, 65535, -59), BeaconId("ibeacon", f"{UUID}/1/65535")),
        (AltBeacon(1, bytes(19) + b"\xab", -59, 0), BeaconId("altbeacon", "00" * 19 + "ab")),
        (EddystoneUid(0, b"\xab" * 10, bytes(6)), BeaconId("eddystone_uid", "ab" * 10 + "/" + "00" * 6)),
        (EddystoneEid(0, b"\xab" * 8), BeaconId("eddystone_eid", "ab" * 8)),
        (MemberTokenFrame("service_uuid", 1, TOKEN, None), MemberToken(TOKEN)),
        (EddystoneUrl(0, "https://example.com/"), None),
        (EddystoneTlm(3000, 21.5, 1, 1.0), BeaconTelemetry(3000, 21.5)),
    ],
)
def test_what_a_frame_means(frame: Frame, token: BeaconId | BeaconTelemetry | MemberToken | None) -> None:
    assert token_of(frame) == token
    assert tokens_in(encode_payload(frame)) == (() if token is None else (token,))


@pytest.mark.parametrize(
    ("frame", "named"),
    [
        (IBeacon(UUID, 65536, 0, 0), "major is 65536: give 0 to 65535"),
        (IBeacon(UUID, 0, 0, -129), "measured_power_dbm is -129: give -128 to 127"),
        (IBeacon(UUID[:-2], 0, 0, 0), "uuid is 15 bytes long: give exactly 16"),
        (AltBeacon(-1, bytes(20), 0, 0), "company_id is -1"),
        (EddystoneUid(0, bytes(9), bytes(6)), "namespace is 9 bytes long"),
        (EddystoneTlm(None, 128.0, 0, 0.0), "temperature_c is 128.0"),
        (EddystoneTlm(70_000, None, 0, 0.0), "battery_mv is 70000"),
        (MemberTokenFrame("service_data", 2, TOKEN, 0), "version is 2: give 1"),
        (MemberTokenFrame("service_data", 1, TOKEN, None), "service_data needs it"),
        (MemberTokenFrame("service_uuid", 1, TOKEN, 0), "service_uuid has no room"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_name(frame: Frame, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        encode_payload(frame)


def test_fields_are_those_of_the_wire_in_their_order() -> None:
    names = {frame: list(frame_fields(frame)) for frame in EXAMPLES.values()}
    assert list(names.values()) == [
        ["format", "uuid", "major", "minor", "measured_power_dbm"],
        ["format", "encoding", "version", "token", "tx_power_dbm"],
        ["format", "encoding", "version", "token", "tx_power_dbm"],
    ]
    assert frame_fields(AltBeacon(0x0118, bytes(20), -59, 9)) == {
        "format": "altbeacon",
        "company_id": 280,
        "id": "00" * 20,
        "reference_power_dbm": -59,
        "reserved": 9,
    }
