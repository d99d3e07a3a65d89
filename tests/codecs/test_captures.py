"""Lines of captures read and written, and the advice that a wrong one gets."""

import json
import math
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.codecs.adverts import IBeacon, encode_payload
from gateway.codecs.captures import (
    Ask,
    CaptureError,
    CaptureHeader,
    CaptureLine,
    ClockSet,
    DocumentFile,
    ble_line,
    header_line,
    input_line,
    parse_header,
    parse_line,
    sighting_line,
)
from gateway.model.inputs import ReceiverHealth
from gateway.model.sighting import AppReport, BeaconId, CheckIn, CodeText, HeardBeacon, NfcTag, Sighting
from tests.codecs.frames import FRAMES

STARTED_UTC_S = 1_767_603_600.0
UUID = "f7826da6-4fa2-4e98-8024-bc5b71e0893e"
IBEACON = BeaconId("ibeacon", f"{UUID}/1/2")
PAYLOAD = "0201061aff4c000215f7826da64fa24e988024bc5b71e0893e00010002c5"
DIGEST = "sha256:" + "0f" * 32


def read(line: str) -> CaptureLine:
    return parse_line(line, 2)


def test_the_header() -> None:
    line = '{"format": "proximity-capture", "version": 1, "started_at": "2026-01-05T09:00:00Z"}'
    assert parse_header(line) == CaptureHeader(STARTED_UTC_S)
    assert parse_header(header_line(STARTED_UTC_S)) == CaptureHeader(STARTED_UTC_S)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"t": 0}', "format is missing: write one of proximity-capture"),
        ('{"format": "pcap"}', "format is wrong: write one of proximity-capture"),
        ('{"format": "proximity-capture", "version": 2}', "version is wrong: this gateway reads version 1"),
        (
            '{"format": "proximity-capture", "version": 1, "started_at": "today"}',
            "started_at is wrong: write it in UTC",
        ),
        ('{"format": "proximity-capture", "version": 1, "started_at": "2026-01-05T09:00"}', "started_at is wrong"),
        (header_line(0)[:-1] + ',"place":"x"}', "place is not known here"),
    ],
)
def test_what_is_no_header_is_refused(line: str, what: str) -> None:
    with pytest.raises(CaptureError, match=what) as caught:
        parse_header(line)
    assert "line 1: " in str(caught.value)
    assert "a capture begins with" in str(caught.value)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            f"""{{"t": 0.104, "medium": "ble", "receiver": "gw-1", "address": "C0:00:00:00:00:01", "rssi_dbm": -61,
                "payload": "{PAYLOAD}"}}""",
            CaptureLine(0.104, (Sighting("ble", "gw-1", IBEACON, -61.0, "C0:00:00:00:00:01"),)),
        ),
        (
            '{"t": 1, "medium": "ble", "receiver": "gw-1", "rssi_dbm": null, "payload": "020106"}',
            CaptureLine(1.0, ()),
        ),
        (
            '{"t": 3.2, "medium": "code", "receiver": "cam-1", "symbology": "qr_code", "text": "https://…"}',
            CaptureLine(3.2, (Sighting("code", "cam-1", CodeText("qr_code", "https://…")),)),
        ),
        (
            '{"t": 4.0, "medium": "nfc", "receiver": "nfc-1", "uid": "04a1b2c3d4e5f6", "ndef": "d1010155"}',
            CaptureLine(4.0, (Sighting("nfc", "nfc-1", NfcTag(b"\xd1\x01\x01U")),)),
        ),
        ('{"t": 4, "medium": "nfc", "receiver": "nfc-1"}', CaptureLine(4.0, (Sighting("nfc", "nfc-1", NfcTag(b"")),))),
        (
            f"""{{"t": 5.5, "medium": "app", "member": "q3lzt7", "seen": [{{"beacon": "b-7", "rssi_dbm": -72}},
                {{"uuid": "{UUID.upper()}", "major": 1, "minor": 2, "rssi_dbm": -80.5}}]}}""",
            CaptureLine(
                5.5,
                (
                    Sighting(
                        "app", "app", AppReport("q3lzt7", (HeardBeacon("b-7", -72.0), HeardBeacon(IBEACON, -80.5)))
                    ),
                ),
            ),
        ),
        ('{"t": 9.0, "health": "down", "receiver": "gw-1"}', CaptureLine(9.0, ReceiverHealth("gw-1", "down"))),
        (
            '{"t": 9.5, "clock": "synced", "utc": "2026-01-05T09:00:09.498Z"}',
            CaptureLine(9.5, ClockSet("synced", STARTED_UTC_S + 9.498)),
        ),
        (
            f'{{"t": 12.0, "document": "campaigns", "digest": "{DIGEST}", "path": "campaigns.json"}}',
            CaptureLine(12.0, DocumentFile("campaigns", DIGEST, "campaigns.json")),
        ),
        ('{"t": 14.0, "ask": {"redeem": {"code": "x"}}}', CaptureLine(14.0, Ask({"redeem": {"code": "x"}}))),
    ],
    ids=["ble", "nobody", "code", "nfc", "nfc-empty", "app", "health", "clock", "document", "ask"],
)
def test_every_kind_of_line(line: str, expected: CaptureLine) -> None:
    assert read(line) == expected


def test_a_packet_of_two_identities_is_two_sightings() -> None:
    payload = PAYLOAD + PAYLOAD[6:]
    line = read(ble_line(0.0, "gw-1", -60, bytes.fromhex(payload)))
    assert line.content == (Sighting("ble", "gw-1", IBEACON, -60.0),) * 2


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("", "not JSON"),
        ("[" * 60_000, "not JSON"),
        ('{"t": ' + "9" * 5000 + "}", "not JSON"),
        ('{"t": 1e999, "ask": {}}', "t is wrong: write a number"),
        ('{"t": NaN, "ask": {}}', "t is wrong: write a number"),
        ('{"t": true, "ask": {}}', "t is wrong: write a number"),
        ('{"ask": {}}', "t is missing: write a number"),
        ('{"t": -0.1, "ask": {}}', "t is wrong: it goes back from 0"),
        ('{"t": 1e12, "ask": {}}', "t is wrong: write seconds since started_at"),
        ('{"t": 1}', "no input: write one of medium, health, clock, document, feed, ask"),
        ('{"t": 1, "medium": "smoke"}', "medium is wrong: write one of ble, code, nfc.wallet, nfc, app"),
        ('{"t": 1, "medium": ["ble"]}', "medium is wrong"),
        ('{"t": 1, "medium": "ble", "receiver": "", "payload": ""}', "receiver is wrong: write a text"),
        ('{"t": 1, "medium": "ble", "receiver": "a"}', "payload is missing: write bytes in hex"),
        (
            '{"t": 1, "medium": "ble", "receiver": "a", "payload": "0"}',
            "payload is wrong: write up to 255 bytes in hex",
        ),
        (
            '{"t": 1, "medium": "ble", "receiver": "a", "payload": "' + "00" * 256 + '"}',
            "payload is wrong: write up to",
        ),
        ('{"t": 1, "medium": "ble", "receiver": "a", "payload": "", "rssi": 1}', "rssi is not known here"),
        ('{"t": 1, "medium": "ble", "health": "up", "receiver": "a", "payload": ""}', "health is not known here"),
        ('{"t": 1, "medium": "app", "member": "m", "seen": [{}]}', r"seen\[0\].uuid is missing"),
        ('{"t": 1, "medium": "app", "member": "m", "seen": [1]}', "seen is wrong: write a list"),
        ('{"t": 1, "medium": "app", "member": "m", "seen": [{"beacon": "b"}]}', r"seen\[0\].rssi_dbm is missing"),
        (
            '{"t": 1, "medium": "app", "member": "m", "seen": [{"beacon": "b", "rssi_dbm": 1, "x": 1}]}',
            r"seen\[0\].x is not known here",
        ),
        ('{"t": 1, "medium": "app", "member": "m", "seen": [{"uuid": "x"}]}', r"seen\[0\].uuid is wrong: write 32 hex"),
        (
            f'{{"t": 1, "medium": "app", "member": "m", "seen": [{{"uuid": "{UUID}", "major": 65536}}]}}',
            r"seen\[0\].major is wrong: write a whole number from 0 to 65535",
        ),
        ('{"t": 1, "health": "ill", "receiver": "a"}', "health is wrong: write one of up, down"),
        ('{"t": 1, "clock": "synced", "utc": "noon"}', "utc is wrong: write it in UTC as 2026-01-05T09:00:00Z"),
        ('{"t": 1, "clock": "synced"}', "utc is missing"),
        ('{"t": 1, "clock": "synced", "utc": "0001-01-01T00:00:00Z"}', "utc is wrong: write a time between 1970"),
        ('{"t": 1, "clock": "synced", "utc": "9999-12-31T23:59:59Z"}', "utc is wrong: write a time between 1970"),
        (r'{"t": 1, "health": "up", "receiver": "\ud800"}', "receiver is wrong: write whole characters"),
        ('{"t": 1, "health": "up", "receiver": "' + "x" * 257 + '"}', "receiver is wrong: write at most 256"),
        ('{"t": 1, "document": "poem", "digest": "x", "path": "x"}', "document is wrong: write one of floorplan"),
        ('{"t": 1, "document": "members", "digest": "md5:1", "path": "x"}', "digest is wrong: write sha256:"),
        (
            f'{{"t": 1, "document": "members", "digest": "{DIGEST}", "path": "a\\u0000"}}',
            "path is wrong: write the path",
        ),
        ('{"t": 1, "ask": 1}', "ask is wrong: write an object"),
        ('{"t": 1, "ask": {"a": "' + "x" * 65_536 + '"}}', "longer than 65536 characters"),
    ],
)
def test_what_is_no_line_is_refused_by_number_and_name(line: str, what: str) -> None:
    with pytest.raises(CaptureError, match=what) as caught:
        parse_line(line, 7)
    assert str(caught.value).startswith("line 7: ")
    assert caught.value.number == 7


def test_time_may_stand_still_but_not_go_back() -> None:
    assert parse_line('{"t": 3, "ask": {}}', 3, last_t_s=3.0).t_s == 3.0
    with pytest.raises(CaptureError, match=r"line 3: t is wrong: it goes back from 3\.5"):
        parse_line('{"t": 3, "ask": {}}', 3, last_t_s=3.5)


def test_an_error_repeats_nothing_personal() -> None:
    line = '{"t": 1, "medium": "ble", "receiver": 5, "address": "C0:00:00:00:00:01", "payload": "zz-secret"}'
    with pytest.raises(CaptureError) as caught:
        read(line)
    assert "C0:00" not in str(caught.value)
    assert "secret" not in str(caught.value)


WORDS = st.text(min_size=1, max_size=12)
TIMES = st.floats(0, 1e6).map(lambda t_s: round(t_s, 3))
SIGHTINGS = (
    st.builds(lambda r, s, t: Sighting("code", r, CodeText(s, t)), WORDS, WORDS, WORDS)
    | st.builds(lambda r, ndef: Sighting("nfc", r, NfcTag(ndef)), WORDS, st.binary(max_size=40))
    | st.builds(
        lambda m, seen: Sighting("app", "app", AppReport(m, tuple(seen))),
        WORDS,
        st.lists(st.builds(HeardBeacon, WORDS | st.just(IBEACON), st.integers(-127, 20).map(float)), max_size=3),
    )
)
OTHERS = (
    st.builds(ReceiverHealth, WORDS, st.sampled_from(("up", "down")))
    | st.builds(ClockSet, st.sampled_from(("synced", "unset")), st.integers(0, 4_000_000_000).map(float))
    | st.builds(DocumentFile, st.just("members"), st.just(DIGEST), WORDS.filter(lambda path: "\0" not in path))
    | st.builds(Ask, st.dictionaries(WORDS, WORDS, max_size=2))
)


@given(TIMES, SIGHTINGS)
@settings(max_examples=60)
def test_sightings_there_and_back(t_s: float, sighting: Sighting) -> None:
    assert read(sighting_line(t_s, sighting)) == CaptureLine(t_s, (sighting,))


@given(TIMES, OTHERS)
@settings(max_examples=60)
def test_other_inputs_there_and_back(t_s: float, content: ReceiverHealth | ClockSet | DocumentFile | Ask) -> None:
    assert read(input_line(t_s, content)) == CaptureLine(t_s, content)


@given(TIMES, st.sampled_from(("ibeacon", "member_token")).flatmap(FRAMES.__getitem__))
@settings(max_examples=40)
def test_packets_there_and_back(t_s: float, frame: IBeacon) -> None:
    line = read(ble_line(t_s, "gw-1", -61.5, encode_payload(frame), "C0:00:00:00:00:01"))
    assert isinstance(line.content, tuple)
    (sighting,) = line.content
    assert (sighting.receiver, sighting.rssi_dbm, sighting.address) == ("gw-1", -61.5, "C0:00:00:00:00:01")


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)))
@settings(max_examples=100)
def test_any_value_in_any_place_is_a_line_or_a_capture_error(value: object) -> None:
    for key in ("t", "medium", "receiver", "rssi_dbm", "payload", "seen", "member", "symbology", "text", "ndef"):
        for medium in ("ble", "code", "nfc", "app"):
            whole = {"t": 1, "medium": medium, "receiver": "a", "payload": "", "symbology": "s", "text": "t"}
            with suppress(CaptureError):
                read(json.dumps(whole | {key: value}))


@pytest.mark.parametrize(
    "sighting", [Sighting("ble", "gw-1", IBEACON), Sighting("app", "app", CheckIn("q3lzt7", "app"))]
)
def test_a_sighting_that_has_no_line_is_refused(sighting: Sighting) -> None:
    with pytest.raises(ValueError, match="a capture has no line"):
        sighting_line(0.0, sighting)


def test_a_beacon_that_an_app_does_not_hear_is_refused() -> None:
    heard = HeardBeacon(BeaconId("eddystone_uid", "00/00"), -60)
    with pytest.raises(ValueError, match="by id, as ibeacon or by light"):
        sighting_line(0.0, Sighting("app", "app", AppReport("m", (heard,))))


def test_time_is_a_float_of_seconds() -> None:
    assert math.isclose(read('{"t": 1, "ask": {}}').t_s, 1.0)
