"""Payloads that others recorded and wrote down what they hold; where they stray from a specification, that wins."""

from typing import Any

import pytest

from gateway.codecs.adverts import decode_payload, frame_fields
from gateway.codecs.adverts.eddystone_url import compress, expand
from tests.corpora import PAYLOADS, objects

URL_VECTORS = objects(PAYLOADS / "eddystone_url_vectors.jsonl")

ALTBEACON_ID = "2f234454cf6d4a0fadf2f4911ba9ffa600010002"
LITTLE_ENDIAN_ID = "0102030405060708090a0b0c0d0e0f1011121314"


def altbeacon(id_: str, power: int = -59, reserved: int = 9, company: int = 0x0118) -> dict[str, Any]:
    return {
        "format": "altbeacon",
        "company_id": company,
        "id": id_,
        "reference_power_dbm": power,
        "reserved": reserved,
    }


def url(text: str, power: int = -25) -> dict[str, Any]:
    return {"format": "eddystone_url", "ranging_power_dbm": power, "url": text}


ANDROID = {
    "AltBeaconParserTest/testRecognizeBeacon": altbeacon(ALTBEACON_ID),
    "AltBeaconParserTest/testDetectsDaveMHardwareBeacon": altbeacon(ALTBEACON_ID[:-8] + "00050003", -66, 2),
    "AltBeaconParserTest/testParsesBeaconMissingDataField": altbeacon(ALTBEACON_ID, reserved=0),
    "BeaconParserTest/testParsesBeaconMissingDataField": altbeacon(ALTBEACON_ID, reserved=0),
    "BeaconParserTest/testRecognizeBeaconWithFormatSpecifyingManufacturer": altbeacon(ALTBEACON_ID),
    "BeaconParserTest/testReEncodesBeacon": altbeacon(ALTBEACON_ID),
    "BeaconParserTest/testLittleEndianIdentifierParsing": altbeacon(LITTLE_ENDIAN_ID),
    "BeaconParserTest/testReEncodesLittleEndianBeacon": altbeacon(LITTLE_ENDIAN_ID),
    "BeaconParserTest/testRecognizeBeaconCapturedManufacturer": altbeacon(
        "e2c56db5dffb48d2b060d0f5a71096e000010004", reserved=0, company=0xBBAA
    ),
    "BeaconParserTest/testParseProblematicBeaconFromIssue229": altbeacon(
        "7777772e626c756b692e636f6d000100010001ab", -86, 0, 0x00E0
    ),
    "CBeaconTest/doesNotDetectManufacturerAdvert": altbeacon(ALTBEACON_ID),
    "BeaconParserTest/testParseGattIdentifierThatRunsOverPduLength": url("http://google.com/"),
    "BeaconParserTest/testLongUrlBeaconIdentifier": url("https://www..edu/.net/.info/.biz/.gov/.com.org"),
    "GattBeaconTest/testDetectsEddystoneUID": {
        "format": "eddystone_uid",
        "ranging_power_dbm": -25,
        "namespace": "00010203040506070809",
        "instance": "010203040506",
    },
}
"""What each of the library's payloads holds of our formats; nothing where it is not named."""

CUT_SHORT = {
    "altbeacon/AltBeaconParserTest/testParseWrongFormatReturnsNothing",
    "altbeacon/BeaconParserTest/testReEncodesBeaconForEddystoneTelemetry",
    "altbeacon/BeaconParserTest/testCanParseLocationBeacon",
    "altbeacon/BeaconParserTest/testCanParseLongDataTypeOfDifferentSize",
    "altbeacon/SBeaconTest/testDetectsSBeacon",
    "beacontools/test_bad_packets/0",
    "beacontools/test_bad_packets/2",
    "beacontools/test_bad_packets/3",
    "beacontools/test_eddystone_tlm",
    "beacontools/test_eddystone_tlm2",
    "beacontools/test_eddystone_tlm_enc",
    "beacontools/test_exposure_notification",
}
"""Payloads with a structure that runs past the end. In some the frame stands before it, and is read."""

WRONG_LENGTH_BYTE = {"beacontools/test_eddystone_tlm_enc"}
"""The length byte is wrong, so that the frame lies half outside its structure; a reader that ignores it finds one."""


def beacontools(expected: dict[str, Any] | None) -> list[dict[str, Any]]:
    match expected:
        case {"frame_class": "EddystoneUIDFrame"}:
            named = {"namespace": expected["namespace"], "instance": expected["instance"]}
            return [{"format": "eddystone_uid", "ranging_power_dbm": expected["tx_power"]} | named]
        case {"frame_class": "EddystoneURLFrame"}:
            return [url(expected["url"], expected["tx_power"])]
        case {"frame_class": "EddystoneTLMFrame"}:
            named = {"battery_mv": expected["voltage"], "temperature_c": expected.get("temperature", 71.06640625)}
            counted = {"advertisements": expected["advertising_count"], "uptime_s": expected["seconds_since_boot"] / 10}
            return [{"format": "eddystone_tlm"} | named | counted]
        case {"frame_class": "EddystoneEIDFrame"}:
            eid = expected["eid"]["hex"]
            return [{"format": "eddystone_eid", "ranging_power_dbm": expected["tx_power"], "eid": eid}]
        case {"frame_class": "IBeaconAdvertisement", "uuid": uuid, "major": major}:
            minor = expected.get("minor", 0x6C66)
            named = {"uuid": uuid, "major": major, "minor": minor, "measured_power_dbm": expected["tx_power"]}
            return [{"format": "ibeacon"} | named]
    return []


def advlib(expected: dict[str, Any] | None) -> list[dict[str, Any]]:
    match expected:
        case {"txPower": power, "deviceIds": [str(ids)]} if ids.endswith("/0"):
            return [{"format": "eddystone_eid", "ranging_power_dbm": power, "eid": ids.removesuffix("/0")}]
        case {"txPower": power, "deviceIds": [str(ids)]}:
            namespace, instance = ids.split("/")
            named = {"namespace": namespace, "instance": instance}
            return [{"format": "eddystone_uid", "ranging_power_dbm": power} | named]
        case {"txPower": power, "uri": uri}:
            return [url(uri, power)]
        case {"batteryVoltage": volts, "temperature": celsius, "txCount": count, "uptime": uptime_ms}:
            measured = {"battery_mv": volts * 1000, "temperature_c": celsius}
            return [{"format": "eddystone_tlm"} | measured | {"advertisements": count, "uptime_s": uptime_ms / 1000}]
        case {"encrypted": {"data": ciphertext, "salt": salt, "checksum": mic}}:
            return [{"format": "eddystone_etlm", "ciphertext": ciphertext, "salt": f"{salt:04x}", "mic": f"{mic:04x}"}]
    return []


def read(hex_: str) -> list[dict[str, object]]:
    return [frame_fields(frame) for frame in decode_payload(bytes.fromhex(hex_)).frames]


@pytest.mark.parametrize("case", objects(PAYLOADS / "android_beacon_library.jsonl"), ids=lambda case: case["id"])
def test_android_beacon_library(case: dict[str, Any]) -> None:
    expected = ANDROID.get(case["id"].removeprefix("altbeacon/"))
    assert read(case["hex"]) == ([] if expected is None else [expected])
    assert [read(hex_) for hex_ in case["more_hex"]] == [[] for _ in case["more_hex"]]


@pytest.mark.parametrize("case", objects(PAYLOADS / "beacontools.jsonl"), ids=lambda case: case["id"])
def test_beacontools(case: dict[str, Any]) -> None:
    expected = [] if case["id"] in WRONG_LENGTH_BYTE else beacontools(case["expected"])
    assert read(case["hex"]) == expected


@pytest.mark.parametrize("case", objects(PAYLOADS / "advlib_eddystone.jsonl"), ids=lambda case: case["label"])
def test_advlib(case: dict[str, Any]) -> None:
    (service_data,) = case["input"]
    frame = bytes.fromhex("aafe" + service_data)
    assert read((bytes((len(frame) + 1, 0x16)) + frame).hex()) == advlib(case["expected"])


def test_a_problem_is_told_for_malformed_payloads_alone() -> None:
    cases = [*objects(PAYLOADS / "android_beacon_library.jsonl"), *objects(PAYLOADS / "beacontools.jsonl")]
    told = {case["id"] for case in cases if decode_payload(bytes.fromhex(case["hex"])).problem}
    assert told == CUT_SHORT


@pytest.mark.parametrize("vector", URL_VECTORS, ids=lambda vector: vector["id"])
def test_eddystone_url_vectors(vector: dict[str, Any]) -> None:
    encoded = bytes.fromhex(vector["encoded_hex"])
    expanded = expand(encoded)
    assert compress(vector["url"]) == encoded
    assert expanded is not None
    assert expanded.lower() == vector["url"].lower()
    assert compress(expanded) == encoded


@pytest.mark.parametrize("vector", [v for v in URL_VECTORS if "Uncompress" in v["id"]], ids=lambda vector: vector["id"])
def test_eddystone_url_expansions(vector: dict[str, Any]) -> None:
    assert expand(bytes.fromhex(vector["encoded_hex"])) == vector["url"]
