"""A live shop on file: the truth counts from the gateway's start, and every line is there when it is written."""

import json
import time
from pathlib import Path

import pytest

from gateway.cli.evaluate import reported_zones, true_zones
from gateway.model.time import rfc3339
from simulators.box.happenings import Whereabouts
from simulators.live_record import LiveRecord


def event(kind: str, utc_s: float, subject: str | None = None) -> bytes:
    at = rfc3339(utc_s)
    told = {} if subject is None else {"subject": subject}
    return json.dumps(
        {"type": f"proximity.{kind}.v1", "time": at, "recordedtime": at, "data": {"zone": "a"}} | told
    ).encode()


def test_events_and_truth_share_their_time_while_both_are_written(tmp_path: Path) -> None:
    started_s = round(time.time() - 10.0, 3)
    with LiveRecord(tmp_path / "day") as record:
        record.told(Whereabouts(0.0, "fob-1", "a", (1.0, 2.0)))
        record.received(event("zone.entered", started_s - 1.0, "b.early"))
        record.received(event("gateway.started", started_s))
        record.received(event("zone.entered", time.time(), "b.fob-1"))
        record.told(Whereabouts(3.0, "fob-1", "a", (1.0, 2.0)))
        (true,), (reported,) = true_zones(record.truth)["fob-1"], reported_zones(str(record.events))["fob-1"]
        assert record.started_utc_s == started_s
    assert true.zone == reported.zone == "a"
    assert (true.t_s, reported.t_s) == pytest.approx((10.0, 10.0), abs=1.0)
    assert set(reported_zones(str(record.events))) == {"fob-1"}
