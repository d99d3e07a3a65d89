"""A recording replays, and nobody can be found in it."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.replay import played
from gateway.codecs.adverts import encode_payload, tokens_in
from gateway.codecs.beacon_frames import frame_of
from gateway.codecs.captures import header_line, parse_line
from gateway.codecs.ndef import TextRecord, UriRecord, encode
from gateway.core.recording import Recording
from gateway.model.inputs import ClockChanged, Input, ReceiverHealth, Tick
from gateway.model.sighting import (
    ALTBEACON,
    EDDYSTONE_EID,
    EDDYSTONE_UID,
    IBEACON,
    AppReport,
    BeaconId,
    CheckIn,
    CodeText,
    HeardBeacon,
    MemberToken,
    NfcTag,
    Sighting,
    Stranger,
)
from gateway.model.time import Now
from tests.core.shops import SHELF, STARTED_UTC_S, Hand, heard, open_shop, plan

BEGAN = Now(100.0, STARTED_UTC_S + 100.0, "synced", "boot-1")
KEY = bytes(32)
GTIN = "09506000134352"
TAPPED = encode(UriRecord("https://shop.example/m/A7?for=q3lzt7"))


def recorded(*inputs: Input) -> list[dict[str, object]]:
    recording = Recording(plan(), KEY, BEGAN)
    lines = (recording.line(each, Now(101.5, STARTED_UTC_S + 101.5, "synced", "boot-1")) for each in inputs)
    return [json.loads(line) for line in lines if line is not None]


@pytest.mark.parametrize(
    ("heard_of", "kept"),
    [
        (CodeText("qr_code", "https://shop.example/m/A7?for=q3lzt7"), {"symbology": "qr_code", "text": "A7"}),
        (CodeText("qr_code", "member:q3lzt7"), {"symbology": "qr_code", "text": "?"}),
        (CodeText("qr_code", f"]d201{GTIN}21S9"), {"symbology": "qr_code", "text": f"(01){GTIN}"}),
        (NfcTag(TAPPED), {"ndef": encode(TextRecord("en", "A7")).hex()}),
        (NfcTag(encode(UriRecord("https://elsewhere.example/q3lzt7"))), {"ndef": ""}),
    ],
)
def test_of_codes_and_tags_only_marker_or_product_is_kept(heard_of: CodeText | NfcTag, kept: dict[str, object]) -> None:
    (line,) = recorded(Sighting("code" if isinstance(heard_of, CodeText) else "nfc", "cam-1", heard_of))
    assert {key: value for key, value in line.items() if key not in {"t", "medium", "receiver"}} == kept


def test_one_phone_stays_one_phone_and_is_nobody() -> None:
    report = AppReport("q3lzt7", (HeardBeacon("b-7", -60.0), HeardBeacon(SHELF, -61.0), HeardBeacon("theirs", -50.0)))
    first, again, other = recorded(
        Sighting("app", "app", report), Sighting("app", "app", report), Sighting("app", "app", AppReport("w8mmxa", ()))
    )
    assert first["member"] == again["member"] != other["member"]
    assert "q3lzt7" not in json.dumps(first)
    assert len(first["seen"]) == 2  # type: ignore[arg-type]
    elsewhere = Recording(plan(), b"1" * 32, BEGAN).line(Sighting("app", "app", report), BEGAN)
    assert str(first["member"]) not in str(elsewhere)


def test_addresses_are_pseudonyms_of_no_real_maker() -> None:
    (line,) = recorded(heard("rx-door", -50.0))
    assert line["address"] != "C0:00:00:00:00:01"
    assert int(str(line["address"])[:2], 16) >> 6 == 0b11


@pytest.mark.parametrize(
    "input",
    [
        Sighting("ble", "rx-door", MemberToken(bytes(8)), -50.0, "C0:00:00:00:00:01"),
        Sighting("ble", "rx-door", Stranger(), -50.0, "C0:00:00:00:00:01"),
        Sighting("ble", "rx-door", BeaconId(IBEACON, "5f1d0000-0000-4000-8000-00805f9b0001/9/9"), -50.0),
        Sighting("app", "app", CheckIn("q3lzt7", "app")),
        Tick(),
    ],
)
def test_what_could_name_somebody_is_left_out(input: Input) -> None:
    assert recorded(input) == []


def test_a_recording_replays_to_what_happened() -> None:
    hand, recording = open_shop(), Recording(plan(), KEY, Hand(open_shop().engine).at(0.0))
    lines = [header_line(STARTED_UTC_S)]
    walk: list[tuple[float, Input]] = [(second / 2, heard(f"rx-{_zone(second)}", -50.0)) for second in range(1, 240)]
    walk += [(121.0, ReceiverHealth("rx-door", "down")), (500.0, ClockChanged())]
    for at_s, item in walk:
        hand.give(at_s, item)
        line = recording.line(item, hand.at(at_s))
        assert line is not None
        assert parse_line(line, 2).t_s == at_s
        lines.append(line)
    told = [event for event in played(io.StringIO("\n".join(lines)), Path(), plan()) if event.subject]
    assert [(each.type, each.time_utc_s, each.subject) for each in told] == [
        (each.type, each.time_utc_s, each.subject) for each in hand.events if each.subject
    ]
    assert {"visit.started", "zone.entered", "zone.left", "visit.ended"} <= {each.type for each in told}


def _zone(second: int) -> str:
    return "door" if second < 60 else "shoes"


identities = st.one_of(
    st.tuples(st.uuids(), st.integers(0, 65_535), st.integers(0, 65_535)).map(
        lambda parts: BeaconId(IBEACON, "/".join(map(str, parts)))
    ),
    st.binary(min_size=20, max_size=20).map(lambda raw: BeaconId(ALTBEACON, raw.hex())),
    st.tuples(st.binary(min_size=10, max_size=10), st.binary(min_size=6, max_size=6)).map(
        lambda parts: BeaconId(EDDYSTONE_UID, "/".join(part.hex() for part in parts))
    ),
    st.binary(min_size=8, max_size=8).map(lambda raw: BeaconId(EDDYSTONE_EID, raw.hex())),
)


@given(identities)
def test_the_frame_of_a_beacon_says_who_it_is(beacon: BeaconId) -> None:
    assert tokens_in(encode_payload(frame_of(beacon))) == (beacon,)


def test_a_beacon_of_no_known_format_has_no_frame() -> None:
    with pytest.raises(ValueError, match="'other'"):
        frame_of(BeaconId("other", "1"))
