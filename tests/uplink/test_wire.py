"""Events as head office reads them: the literal example of the wire format, and what holds for every event."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.event import STREAMS, Event
from gateway.model.store import StoreRef
from gateway.uplink.wire import MAX_EVENT_BYTES, EventTooLarge, encode, sequence_text, to_cloudevent

STORE = StoreRef("acme", "0042", "gw-1")
ENTERED = Event(
    id="01900000-0000-7000-8000-000000000000",
    incarnation="9f2c44d01b7ae583",
    stream="visit",
    sequence=1234,
    type="zone.entered",
    subject="m.q3lzt7",
    time_utc_s=1795255200.123,
    recorded_utc_s=1795255201.0,
    data={"visit": "v.1", "zone": "shoes", "confidence": 0.93, "assurance": "proximate", "media": ["ble"]},
)


def test_an_event_of_a_member() -> None:
    assert encode(ENTERED, STORE).decode() == (
        '{"specversion":"1.0","id":"01900000-0000-7000-8000-000000000000",'
        '"source":"/tenants/acme/stores/0042/gateways/gw-1/streams/9f2c44d01b7ae583/visit",'
        '"sequence":"00000000000000001234","type":"proximity.zone.entered.v1","subject":"m.q3lzt7",'
        '"time":"2026-11-21T10:00:00.123Z","recordedtime":"2026-11-21T10:00:01.000Z","partitionkey":"m.q3lzt7",'
        '"datacontenttype":"application/json","dataschema":"schemas/zone.entered.v1.json",'
        '"data":{"visit":"v.1","zone":"shoes","confidence":0.93,"assurance":"proximate","media":["ble"]}}'
    )


def test_an_event_about_nobody_is_partitioned_by_its_stream() -> None:
    event = Event("id", "9f2c44d01b7ae583", "telemetry", 1, "gateway.started", None, 0.0, 0.0, {})
    envelope = to_cloudevent(event, STORE)
    assert "subject" not in envelope
    assert envelope["partitionkey"] == envelope["source"]


def test_an_event_too_large_for_the_way_is_refused() -> None:
    event = Event(
        "id", "9f2c44d01b7ae583", "visit", 7, "visit.ended", "b.1", 0.0, 0.0, {"zones": "x" * MAX_EVENT_BYTES}
    )
    with pytest.raises(EventTooLarge, match="visit/7") as caught:
        encode(event, STORE)
    assert caught.value.size > caught.value.limit == MAX_EVENT_BYTES


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_number_that_json_has_no_word_for_is_refused(number: float) -> None:
    event = Event("id", "9f2c44d01b7ae583", "visit", 7, "visit.ended", "b.1", 0.0, 0.0, {"dwell_s": number})
    with pytest.raises(ValueError, match="JSON"):
        encode(event, STORE)


@given(st.integers(1, 10**19), st.sampled_from(STREAMS), st.text(max_size=20), st.floats(0, 4e9))
def test_every_event_reads_back(sequence: int, stream: str, text: str, utc_s: float) -> None:
    event = Event("id", "9f2c44d01b7ae583", stream, sequence, "zone.left", "b.1", utc_s, utc_s, {"zone": text})
    envelope = json.loads(encode(event, STORE))
    assert int(envelope["sequence"]) == sequence
    assert envelope["sequence"] == sequence_text(sequence)
    assert envelope["source"].rpartition("/")[2] == stream
    assert envelope["data"] == {"zone": text}
