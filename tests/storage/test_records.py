"""What is written reads back equal, and what was not written by us is refused."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.decision import Decision
from gateway.model.event import Event
from gateway.model.step import Change, Record, Stream, kind_of
from gateway.storage.folding import fold
from gateway.storage.records import (
    decode_changes,
    decode_decision,
    decode_events,
    decode_record,
    encode_changes,
    encode_decision,
    encode_events,
    encode_record,
)
from gateway.storage.refusals import Corrupted
from gateway.storage.shape import Shape
from tests.storage.values import INCARNATION, changes, decisions, events, records


@dataclass(frozen=True)
class Unwritable:
    part: complex


@given(records)
def test_every_record_reads_back_equal(record: Record) -> None:
    back = decode_record(kind_of(record), encode_record(record))
    assert back == record
    assert repr(back) == repr(record) or kind_of(record) == "visit"  # types too; a set has no order to compare


@given(st.lists(events, min_size=1, max_size=3))
def test_every_run_reads_back_equal(some: list[Event]) -> None:
    run = [replace(event, stream="visit", sequence=n) for n, event in enumerate(some, 7)]
    assert decode_events(INCARNATION, "visit", 7, encode_events(run)) == run


@pytest.mark.parametrize("odd", [1 << 80, -(1 << 63) - 1, "half \ud83d of a smile", {"line": [1.5, None, "é"]}])
def test_what_few_writers_of_json_take_reads_back_equal(odd: object) -> None:
    run = [Event("id", INCARNATION, "visit", 1, "ticket.recorded", None, 0.0, 0.0, {"value": odd})]
    assert decode_events(INCARNATION, "visit", 1, encode_events(run)) == run


@given(changes)
def test_every_change_reads_back_equal(made: list[Change]) -> None:
    folded = fold(made)
    assert decode_changes(encode_changes(folded)) == folded


@given(decisions)
def test_every_decision_reads_back_equal(decision: Decision) -> None:
    assert decode_decision(encode_decision(decision)) == decision


def test_a_key_of_newer_code_is_ignored_and_a_missing_one_takes_its_default() -> None:
    assert decode_record("stream", b'{"name":"visit","later":[1]}') == Stream("visit")


@pytest.mark.parametrize("body", [b"", b"null", b"[1]", b'{"next_sequence":1}', b"\xff"])
def test_what_is_no_record_is_corruption(body: bytes) -> None:
    with pytest.raises(Corrupted, match="not as it was written"):
        decode_record("stream", body)


@pytest.mark.parametrize("body", [b"{}", b'{"offered":{},"withheld":{}}', b'{"perhaps":{}}'])
def test_what_is_no_decision_is_corruption(body: bytes) -> None:
    with pytest.raises(Corrupted):
        decode_decision(body)


def test_a_type_without_json_is_refused_when_the_code_is_loaded() -> None:
    with pytest.raises(TypeError, match="has no JSON"):
        Shape(Unwritable)
