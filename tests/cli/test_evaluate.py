"""`evaluate` as a user runs it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import COMMANDS, app_of

TRUTH = '{"t": 0, "subject": "b-1", "zone": "a", "x": 1.0, "y": null}\n{"t": 10, "subject": "b-1", "zone": "a"}\n'


def evaluate(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app_of(COMMANDS), ["evaluate", *map(str, arguments)], input=stdin)


def event(kind: str, second: float, subject: str | None = None, zone: str = "a") -> str:
    at = f"2026-01-05T09:00:{second:06.3f}Z"
    told = {} if subject is None else {"subject": subject}
    fields = {"type": f"proximity.{kind}.v1"} | told | {"time": at, "recordedtime": at, "data": {"zone": zone}}
    return json.dumps(fields) + "\n"


EVENTS = event("gateway.started", 0) + event("zone.entered", 2, "b.b-1")


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    return written(tmp_path / "walk.truth.ndjson", TRUTH)


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def lines(done: Result) -> list[dict[str, Any]]:
    assert done.exit_code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_line_for_the_subject_and_one_for_all(truth: Path) -> None:
    subject, all_ = lines(evaluate("-", "--truth", truth, stdin=EVENTS))
    nothing = {"count": 0, "missed": 0, "median_s": None, "p90_s": None}
    assert all_ == {
        "zone_accuracy": 0.818,
        "flaps_per_hour": 0.0,
        "enter": nothing,
        "exit": nothing,
        "seconds": 11,
    }
    assert list(all_) == ["zone_accuracy", "flaps_per_hour", "enter", "exit", "seconds"]
    assert subject == {"subject": "b-1"} | all_
    assert next(iter(subject)) == "subject"


def test_a_zone_is_left_when_that_zone_is_left(tmp_path: Path, truth: Path) -> None:
    left = event("zone.left", 5, "b.b-1", "other") + event("zone.left", 7, "b.b-1")
    events = written(tmp_path / "events.ndjson", EVENTS + left)
    assert lines(evaluate(events, "--truth", truth))[-1]["zone_accuracy"] == round(5 / 11, 3)


def test_another_zone_entered_ends_the_one_before(truth: Path) -> None:
    events = EVENTS + event("zone.entered", 4, "b.b-1", "b") + event("zone.left", 6, "b.b-1", "a")
    assert lines(evaluate("-", "--truth", truth, stdin=events))[-1]["zone_accuracy"] == round(2 / 11, 3)


def test_members_and_beacons_are_named_as_in_the_truth(tmp_path: Path) -> None:
    truth = written(tmp_path / "truth", TRUTH + TRUTH.replace("b-1", "m-1"))
    events = EVENTS + event("zone.entered", 0, "m.m-1") + event("zone.entered", 0, "m.unknown")
    beacon, member, all_ = lines(evaluate("-", "--truth", truth, stdin=events))
    assert (beacon["subject"], member["subject"]) == ("b-1", "m-1")
    assert (beacon["zone_accuracy"], member["zone_accuracy"]) == (0.818, 1.0)
    assert all_["seconds"] == 22


def test_walks_are_pooled(tmp_path: Path, truth: Path) -> None:
    first, second = written(tmp_path / "1", EVENTS), written(tmp_path / "2", event("gateway.started", 0))
    one, other, all_ = lines(evaluate(first, second, "--truth", truth, "--truth", truth))
    assert (one["zone_accuracy"], other["zone_accuracy"], all_["zone_accuracy"]) == (0.818, 0.0, 0.409)


@pytest.mark.parametrize(
    ("events", "what"),
    [
        ("", "gateway.started does not come first"),
        (event("zone.entered", 2, "b.b-1"), "gateway.started does not come first"),
        (event("zone.entered", 2, "b.b-1") + EVENTS, "gateway.started does not come first"),
        (EVENTS + "{", "line 3: no event of a replay"),
        (EVENTS + "\n[]", "line 4: no event of a replay"),
        (EVENTS + '{"type": "proximity.zone.left.v1"}', "line 3: no event of a replay"),
    ],
)
def test_events_that_cannot_be_scored_are_refused(events: str, what: str, truth: Path) -> None:
    done = evaluate("-", "--truth", truth, stdin=events)
    assert (done.exit_code, done.stdout) == (2, "")
    assert what in done.stderr


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no truth: write lines such as"),
        ("{", "line 1: not JSON"),
        ('{"t": 1, "subject": "b-1"}', "line 1: zone is missing"),
        ('{"t": 1, "subject": "b-1", "zone": ""}', "line 1: zone is wrong"),
        ('{"t": 1, "subject": "b-1", "zone": null, "who": 1}', "line 1: who is not known here"),
        (TRUTH + TRUTH, "line 3: t is wrong: it goes back"),
    ],
)
def test_truth_that_cannot_be_read_is_refused(text: str, what: str, tmp_path: Path) -> None:
    done = evaluate("-", "--truth", written(tmp_path / "t", text), stdin=EVENTS)
    assert (done.exit_code, done.stdout) == (2, "")
    assert what in done.stderr


def test_missing_files_and_unequal_numbers_are_refused(tmp_path: Path, truth: Path) -> None:
    missing = evaluate(tmp_path / "none", "--truth", truth)
    assert missing.exit_code == 2
    assert "none: No such file or directory: name a file that can be read" in missing.stderr
    unequal = evaluate("-", "--truth", truth, "--truth", truth, stdin=EVENTS)
    assert unequal.exit_code == 2
    assert "1 EVENTS and 2 --truth: give one --truth for each EVENTS" in unequal.stderr
    assert evaluate("-").exit_code == 2
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    assert "not UTF-8" in evaluate(binary, "--truth", truth).stderr
