"""The invented shop: the same every time, in order, plausible, and what the gateway's codecs can read."""

import itertools
import json
from base64 import b64decode
from collections import defaultdict
from pathlib import Path
from random import Random

import pytest

import simulators
from gateway.codecs.captures import CaptureError, parse_line
from gateway.codecs.tokens import day_key, day_of, slot_of, token
from simulators.campaigns import SAMPLE_CONTENT, campaigns_document, sample_campaigns
from simulators.floor import Floor, read_floor
from simulators.members import invent, members_document
from simulators.radio import Air, Route, Stop
from simulators.recorded_walk import PAUSE_S, Recording, TimedLine, read_recording
from simulators.shop import invented_cast, shop_lines

SHOPS = Path(simulators.__file__).parent / "shops"
UTC_S = 1_767_603_600.0


@pytest.fixture(scope="module")
def floor() -> Floor:
    return read_floor(SHOPS / "office.toml")


@pytest.fixture(scope="module")
def walk() -> Recording:
    return read_recording(SHOPS / "office_walk.ndjson")


def minutes(floor: Floor, walk: Recording, count: float, seed: int = 1) -> list[TimedLine]:
    lines = shop_lines(floor, walk, invented_cast(), UTC_S, seed)
    return list(itertools.takewhile(lambda line: line[0] < 60 * count, lines))


def test_the_same_seed_gives_the_same_shop(floor: Floor, walk: Recording) -> None:
    assert minutes(floor, walk, 0.5) == minutes(floor, walk, 0.5)
    assert minutes(floor, walk, 0.5) != minutes(floor, walk, 0.5, seed=2)


def test_time_never_goes_back_over_rounds(floor: Floor, walk: Recording) -> None:
    times = [t_s for t_s, _ in minutes(floor, walk, 3)]
    assert times == sorted(times)
    assert times[-1] > 179


def test_every_line_is_a_line_of_a_capture(floor: Floor, walk: Recording) -> None:
    last_s = 0.0
    for number, (t_s, text) in enumerate(minutes(floor, walk, 0.3), start=2):
        parsed = parse_line(text, number, last_s)
        assert parsed.t_s == t_s
        assert parsed.content
        last_s = t_s


def test_everything_promised_happens_within_half_a_minute(floor: Floor, walk: Recording) -> None:
    cast = invented_cast()
    media = defaultdict(list)
    for _, text in minutes(floor, walk, 0.5):
        each = json.loads(text)
        media[each["medium"]].append(each)
    assert set(media) == {"ble", "app", "code"}
    assert {each["member"] for each in media["app"]} == {cast.reporter.handle}
    assert {each["text"] for each in media["code"]} == {"https://shop.example/m/A7"}
    payloads = {each["payload"] for each in media["ble"]}
    assert cast.android.payload_at("office", UTC_S, "service_data").hex() in payloads
    assert cast.ios.payload_at("office", UTC_S, "service_uuid").hex() in payloads


def test_a_phone_is_loudest_at_the_receiver_it_stands_at(floor: Floor, walk: Recording) -> None:
    cast = invented_cast()
    payload = cast.android.payload_at("office", UTC_S, "service_data").hex()
    levels = defaultdict(list)
    for _, text in minutes(floor, walk, 5 / 60):
        each = json.loads(text)
        if each.get("payload") == payload:
            levels[each["receiver"]].append(each["rssi_dbm"])
    loudest = max(levels, key=lambda receiver: sum(levels[receiver]) / len(levels[receiver]))
    assert loudest in floor.entrances


def test_the_token_is_the_one_that_the_members_document_resolves() -> None:
    member = invent("somebody")
    document = members_document([member], read_floor(SHOPS / "office.toml").as_store("gw-1"), 3, UTC_S)
    header, line = [json.loads(each) for each in document.splitlines()]
    assert (header["document"], header["serial"], header["store"]) == ("members", 3, "office")
    assert set(line["keys"]) == {str(day_of(UTC_S) + step) for step in (-1, 0, 1)}
    today = day_key(member.key, "office", day_of(UTC_S))
    assert b64decode(line["keys"][str(day_of(UTC_S))]) == today
    assert member.token_at("office", UTC_S) == token(today, slot_of(UTC_S))


def test_an_address_changes_with_its_token_and_looks_random() -> None:
    member = invent("somebody")
    addresses = {member.address_at(UTC_S + step * 900) for step in range(10)}
    assert len(addresses) == 10
    assert all(0x40 <= int(address[:2], 16) < 0x80 for address in addresses)
    assert member.address_at(UTC_S) == member.address_at(UTC_S + 899)


def test_the_key_is_in_no_text_of_a_member() -> None:
    assert "key" not in repr(invent("somebody"))


def test_a_walker_stays_walks_and_comes_round() -> None:
    route = Route([Stop((0.0, 0.0), 10.0), Stop((12.0, 0.0), 5.0)], speed_m_s=1.2)
    assert route.round_s == pytest.approx(35.0)
    assert [route.place(t_s) for t_s in (0, 9.9, 15, 22, 35)] == [
        (0.0, 0.0),
        (0.0, 0.0),
        pytest.approx((6.0, 0.0)),
        (12.0, 0.0),
        (0.0, 0.0),
    ]
    assert route.place(30) == pytest.approx((6.0, 0.0))


def test_level_falls_by_distance() -> None:
    air = Air(shadowing_db=0.0, lost=0.0)
    assert air.heard_dbm((0, 0), (1, 0), Random(1)) == -59
    assert air.heard_dbm((0, 0), (10, 0), Random(1)) == -89
    assert air.heard_dbm((0, 0), (100, 0), Random(1)) is None


def test_a_recording_goes_round() -> None:
    recording = Recording(UTC_S, ((0.0, '{"t":0.0,"n":1}'), (2.5, '{"t":2.5,"n":2}')))
    lines = list(itertools.islice(recording.round_and_round(), 4))
    assert [t_s for t_s, _ in lines] == [0.0, 2.5, 2.5 + PAUSE_S, 5.0 + PAUSE_S]
    assert lines[3] == (6.0, '{"t":6.0,"n":2}')
    assert list(Recording(UTC_S, ()).round_and_round()) == []


def test_a_file_that_is_no_capture_says_where(tmp_path: Path) -> None:
    path = tmp_path / "walk.ndjson"
    path.write_text("")
    with pytest.raises(CaptureError, match="line 1"):
        read_recording(path)
    path.write_text('{"format":"proximity-capture","version":1,"started_at":"2026-01-05T09:00:00Z"}\n{"t":1}\n')
    with pytest.raises(CaptureError, match="line 2"):
        read_recording(path)


def test_the_sample_campaigns_speak_both_languages_and_point_at_their_words(floor: Floor) -> None:
    document = json.loads(campaigns_document(sample_campaigns(floor.markers[0]), 1))
    used = {variant["content"] for campaign in document["campaigns"] for variant in campaign["variants"]}
    assert used == set(SAMPLE_CONTENT)
    assert all({"fr", "en"} <= set(words) for words in SAMPLE_CONTENT.values())
