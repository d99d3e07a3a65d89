"""A message on an events topic as a row, without a database."""

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.store import StoreRef
from gateway.uplink.topics import Topics
from gateway.uplink.wire import source
from simulators.consumer.event_row import MAX_EVENT_BYTES, MAX_SEQUENCE, EventRow, Unreadable, read_row
from simulators.consumer.topics import ack_topic, vouches

STORE = StoreRef("acme", "0042", "gw-1")
LIFE = "9f2c44d01b7ae583"
TOPIC = Topics(STORE).events("visit")
VISITS = source(STORE, LIFE, "visit")
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "019aa5c2-0000-7000-8000-000000000001",
    "source": VISITS,
    "sequence": "00000000000000000007",
    "type": "proximity.zone.entered.v1",
    "subject": "m.abc",
    "time": "2026-11-21T10:00:00.123Z",
    "recordedtime": "2026-11-22T00:59:59.999+01:00",
    "data": {"zone": "schuhe"},
}


def read(topic: str = TOPIC, **changes: object) -> EventRow:
    return read_row(topic, json.dumps({**EVENT, **changes}).encode())


def test_an_event_becomes_a_row_of_its_day_in_utc() -> None:
    row = read()
    assert (row.source, row.sequence, row.covers_from, row.type) == (VISITS, 7, 7, "zone.entered")
    assert row.recorded_at == datetime(2026, 11, 21, 23, 59, 59, 999_000, UTC)
    assert (row.subject, row.content) == ("m.abc", '{"zone":"schuhe"}')


@pytest.mark.parametrize(("first", "last", "covers_from"), [(3, 7, 3), (7, 7, 7), (0, 7, 1), (3, 900, 3), (9, 9, 7)])
def test_a_dropped_range_ends_at_its_own_sequence(first: int, last: int, covers_from: int) -> None:
    covered = {"first": f"{first:020d}", "last": f"{last:020d}", "reason": "evicted"}
    row = read(type="proximity.event.dropped.v1", subject=None, data=covered)
    assert (row.covers_from, row.sequence, row.subject) == (covers_from, 7, None)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"source": source(STORE, LIFE, "offer")}, "another than its topic"),
        ({"source": VISITS.replace("0042", "0043")}, "another than its topic"),
        ({"source": VISITS.replace(LIFE, "#")}, "another than its topic"),
        ({"sequence": "0"}, "sequence 0"),
        ({"sequence": str(MAX_SEQUENCE + 1)}, "is not from 1"),
        ({"sequence": 7}, "has to be text"),
        ({"id": "7"}, "ValueError"),
        ({"data": None}, "no JSON object"),
        ({"data": {"zone": "a\0b"}}, "NUL"),
        ({"subject": "m.\0"}, "NUL"),
        ({"subject": "\ud800"}, "UnicodeEncodeError"),
        ({"recordedtime": "2026-11-21T10:00:00"}, "no offset"),
        ({"recordedtime": "today"}, "ValueError"),
        ({"time": None}, "has to be text"),
        ({"data": {"zone": float("nan")}}, "NaN is no number"),
    ],
)
def test_what_no_row_can_hold_is_refused(changes: dict[str, object], why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(**changes)


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b"\xff", b"[" * 5_000, b" " * (MAX_EVENT_BYTES + 1)])
def test_what_is_no_event_is_refused(payload: bytes) -> None:
    with pytest.raises(Unreadable):
        read_row(TOPIC, payload)


@given(st.binary(max_size=200), st.sampled_from(sorted(EVENT)), st.text(max_size=20))
def test_no_message_does_more_than_be_refused(noise: bytes, key: str, value: str) -> None:
    for payload in (noise, json.dumps({**EVENT, key: value}).encode()):
        with contextlib.suppress(Unreadable):
            read_row(TOPIC, payload)


def test_a_topic_vouches_for_its_own_sources_only() -> None:
    assert vouches(TOPIC, VISITS)
    assert not vouches(Topics(StoreRef("acme", "0042", "gw-2")).events("visit"), VISITS)
    assert not vouches("proximity/v1/acme/0042/gw-1/state", VISITS)


def test_a_stream_is_acknowledged_where_its_gateway_listens() -> None:
    assert ack_topic(VISITS) == f"{Topics(STORE).root}acks/{LIFE}/visit"
    with pytest.raises(ValueError, match="names no stream"):
        ack_topic("visit")
