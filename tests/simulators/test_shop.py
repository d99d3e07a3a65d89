"""The invented shop: the same every time, in order, plausible, and what the gateway's codecs can read."""

import itertools
import json
from base64 import b64decode
from collections import defaultdict
from pathlib import Path
from random import Random

import pytest

import simulators
from gateway.codecs.tokens import day_key, day_of, slot_of, token
from simulators.campaigns import SAMPLE_CONTENT, campaigns_document, sample_campaigns
from simulators.floor import Floor, read_floor
from simulators.members import invent, members_document
from simulators.radio import Air, Route, Stop
from simulators.recorded_walk import PAUSE_S, CaptureError, Recording, read_recording
from simulators.shop import Timed, as_lines, invented_cast, shop_inputs

SHOPS = Path(simulators.__file__).parent / "shops"
UTC_S = 1_767_603_600.0


@pytest.fixture(scope="module")
def floor() -> Floor:
    return read_floor(SHOPS / "office.toml")


@pytest.fixture(scope="module")
def walk() -> Recording:
    return read_recording(SHOPS / "office_walk.ndjson")


def minutes(floor: Floor, walk: Recording, count: float, seed: int = 1) -> list[Timed]:
    inputs = shop_inputs(floor, walk, invented_cast(), UTC_S, seed)
    return list(itertools.takewhile(lambda timed: timed[0] < 60 * count, inputs))


def test_the_same_seed_gives_the_same_shop(floor: Floor, walk: Recording) -> None:
    assert minutes(floor, walk, 0.5) == minutes(floor, walk, 0.5)
    assert minutes(floor, walk, 0.5) != minutes(floor, walk, 0.5, seed=2)


def test_time_never_goes_back_over_rounds(floor: Floor, walk: Recording) -> None:
    times = [t_s for t_s, _ in minutes(floor, walk, 3)]
    assert times == sorted(times)
    assert times[-1] > 179


def test_lines_carry_their_own_time(floor: Floor, walk: Recording) -> None:
    for t_s, text in itertools.islice(as_lines(iter(minutes(floor, walk, 0.2))), 200):
        assert json.loads(text)["t"] == t_s


def test_everything_promised_happens_within_half_a_minute(floor: Floor, walk: Recording) -> None:
    cast = invented_cast()
    media = defaultdict(list)
    for t_s, each in minutes(floor, walk, 0.5):
        media[str(each["medium"])].append((t_s, each))
    assert set(media) == {"ble", "app", "code"}
    assert {each["member"] for _, each in media["app"]} == {cast.reporter.handle}
    assert {each["text"] for _, each in media["code"]} == {"https://shop.example/m/A7"}
    payloads = {each["payload"] for _, each in media["ble"]}
    for member, encoding in ((cast.android, "service_data"), (cast.ios, "service_uuid")):
        assert member.payload_at("office", UTC_S, encoding).hex() in payloads


def test_a_phone_is_loudest_at_the_receiver_it_stands_at(floor: Floor, walk: Recording) -> None:
    cast = invented_cast()
    payload = cast.android.payload_at("office", UTC_S, "service_data").hex()
    levels = defaultdict(list)
    for _, each in minutes(floor, walk, 5 / 60):
        if each.get("payload") == payload:
            levels[each["receiver"]].append(float(str(each["rssi_dbm"])))
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
    recording = Recording("2026-01-05T09:00:00Z", ({"t": 0.0, "n": 1}, {"t": 2.5, "n": 2}))
    times = [t_s for t_s, _ in itertools.islice(recording.round_and_round(), 5)]
    assert times == [0.0, 2.5, 2.5 + PAUSE_S, 5.0 + PAUSE_S, 5.0 + 2 * PAUSE_S]
    assert list(Recording("2026-01-05T09:00:00Z", ()).round_and_round()) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1 is no JSON"),
        ("[]\n", "line 1 is no JSON object"),
        ('{"format": "proximity-capture", "version": 2}\n', "line 1 is not the header"),
        ('{"format": "proximity-capture", "version": 1, "started_at": "x"}\n{"t": 1}\n{}\n', "line 3 has no time"),
    ],
)
def test_a_file_that_is_no_capture_says_where(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "walk.ndjson"
    path.write_text(text)
    with pytest.raises(CaptureError, match=says):
        read_recording(path)


def test_the_sample_campaigns_speak_both_languages_and_point_at_their_words(floor: Floor) -> None:
    document = json.loads(campaigns_document(sample_campaigns(floor.markers[0]), 1))
    used = {variant["content"] for campaign in document["campaigns"] for variant in campaign["variants"]}
    assert used == set(SAMPLE_CONTENT)
    assert all({"fr", "en"} <= set(words) for words in SAMPLE_CONTENT.values())
