"""A day of the boutique as a capture: one seed, one day; the gateway's commands replay and score it."""

import json
from collections import Counter, defaultdict
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.cli import app_of
from gateway.codecs.captures import parse_header, parse_line
from simulators.box.recording import record
from simulators.box.store import read_store
from simulators.cli import app as simulators_app
from simulators.members import invent
from tests.simulators.test_box_walks import BOUTIQUE

UTC_S = 1_767_603_600.0
DAY_S = 420.0


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("boutique")
    record(read_store(BOUTIQUE), DAY_S, UTC_S, folder, seed=1)
    return folder


@pytest.fixture(scope="module")
def events(day: Path) -> Path:
    arguments = ["replay", str(day / "capture.ndjson")]
    for document, name in (("floorplan", "toml"), ("members", "ndjson"), ("campaigns", "json")):
        arguments += [f"--{document}", str(day / f"{document}.{name}")]
    done = CliRunner().invoke(app_of(["replay"]), arguments)
    assert done.exit_code == 0, done.output
    path = day / "events.ndjson"
    path.write_text(done.stdout)
    return path


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_same_seed_is_the_same_day(tmp_path: Path) -> None:
    store = read_store(BOUTIQUE)
    for folder, seed in (("one", 7), ("again", 7), ("other", 8)):
        record(store, 20.0, UTC_S, tmp_path / folder, seed)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == ["campaigns.json", "capture.ndjson", "capture.truth.ndjson", "floorplan.toml", "members.ndjson"]
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "again" / name).read_bytes() for name in files)
    assert (tmp_path / "one" / "capture.ndjson").read_bytes() != (tmp_path / "other" / "capture.ndjson").read_bytes()


def test_every_medium_and_every_kind_of_person_is_sensed(day: Path) -> None:
    header, *written = (day / "capture.ndjson").read_text().splitlines()
    assert parse_header(header).started_at_utc_s == UTC_S
    last_s = 0.0
    for number, line in enumerate(written, start=2):
        last_s = parse_line(line, number, last_s).t_s
    assert last_s == pytest.approx(DAY_S, abs=1.0)
    each = [json.loads(line) for line in written]
    assert {line["medium"] for line in each} == {"ble", "app", "code", "nfc"}
    radios = {"gw-1", "gw-2", "gw-3", "sat-1", "sat-2", "sat-3"}
    assert {line["receiver"] for line in each if line["medium"] == "ble"} == radios
    assert len({line["address"] for line in each if line["medium"] == "ble"}) > 20


def test_the_truth_is_of_members_and_tags_alone(day: Path) -> None:
    store = read_store(BOUTIQUE)
    people = [person for person in store.people if not person.on_call]
    members = {invent(person.name).handle for person in people if person.carries in {"iphone", "android"}}
    truth = lines(day / "capture.truth.ndjson")
    assert {line["subject"] for line in truth} == members | set(store.floor.tags)
    for line in truth:
        assert (line["zone"] is None) == ("x" not in line)
        assert line["zone"] is None or store.floor.zone_at((line["x"], line["y"])) is not None


def test_members_enter_get_offers_are_capped_and_leave(events: Path) -> None:
    happened = lines(events)
    kinds = Counter(event["type"].removeprefix("proximity.").removesuffix(".v1") for event in happened)
    assert kinds["visit.started"] >= 10
    assert kinds["zone.left"] >= 50
    assert kinds["code.scanned"] >= 1
    assert kinds["tag.tapped"] >= 1
    told: defaultdict[str, list[str]] = defaultdict(list)
    for event in happened:
        if event["type"].startswith("proximity.offer.") and event["data"]["campaign"] == "welcome":
            told[event["subject"]].append(event["data"].get("reason", "made"))
    assert any(decisions[:2] == ["made", "cap"] for decisions in told.values())


def test_zones_are_found_as_well_as_few_receivers_can(day: Path, events: Path) -> None:
    done = CliRunner().invoke(
        app_of(["evaluate"]), ["evaluate", str(events), "--truth", str(day / "capture.truth.ndjson")]
    )
    assert done.exit_code == 0, done.output
    scores = [json.loads(line) for line in done.stdout.splitlines()]
    *subjects, together = scores
    assert len(subjects) == 11
    assert together["zone_accuracy"] > 0.5
    tags = read_store(BOUTIQUE).floor.tags
    assert fmean(each["zone_accuracy"] for each in subjects if each["subject"] not in tags) > 0.55
    assert fmean(each["zone_accuracy"] for each in subjects if each["subject"] in tags) > 0.35


def test_the_command_writes_and_says_how_much(tmp_path: Path) -> None:
    arguments = ["capture", "--seconds", "5", "--seed", "2", "-o", str(tmp_path / "day")]
    done = CliRunner().invoke(simulators_app, arguments)
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["inputs"] == len((tmp_path / "day" / "capture.ndjson").read_text().splitlines()) - 1
    assert said["truths"] == len((tmp_path / "day" / "capture.truth.ndjson").read_text().splitlines())


def test_a_store_that_is_none_is_bad_input(tmp_path: Path) -> None:
    done = CliRunner().invoke(simulators_app, ["capture", "--store", __file__, "-o", str(tmp_path)])
    assert done.exit_code == 2
    assert "test_box_capture.py" in done.stderr
