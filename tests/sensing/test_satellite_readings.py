"""Readings of satellite gateways: each once, however often it comes, and answered only when it is committed."""

import pytest

from gateway.codecs.satellites import NotRead
from gateway.codecs.satellites.reading import Reading, Taken, encode
from gateway.model.sighting import CodeText, Sighting
from gateway.sensing.satellites.readings import MOST_STREAMS, MOST_WAITING, Readings
from gateway.sensing.source import Sensed

STREAM = "00" * 8


def known(name: str) -> str | None:
    return {"cam": "cam-2"}.get(name)


def message(sequence: int, receiver: str = "cam") -> bytes:
    return encode(Reading(sequence, Sighting("code", receiver, CodeText("qr_code", "A7"), age_s=1.5)))


def taken(readings: Readings) -> list[Sensed]:
    return list(iter(readings.next, None))


def test_a_reading_is_a_sighting_of_our_receiver_that_must_not_be_lost() -> None:
    readings = Readings({}, known)
    assert readings.receive(STREAM, message(1)) is None
    sighting = Sighting("code", "cam-2", CodeText("qr_code", "A7"), age_s=1.5)
    assert taken(readings) == [Sensed(sighting, origin=(f"readings:{STREAM}", 1))]


def test_what_comes_again_before_its_commit_waits_for_it_and_after_it_is_answered() -> None:
    readings = Readings({}, known)
    readings.receive(STREAM, message(1))
    assert readings.receive(STREAM, message(1)) is None
    assert len(taken(readings)) == 1
    assert list(readings.committed({f"readings:{STREAM}": 1, "capture:x": 9})) == [(STREAM, Taken(1))]
    assert readings.receive(STREAM, message(1)) == Taken(1)
    assert taken(readings) == []


def test_a_restarted_gateway_knows_what_it_committed() -> None:
    readings = Readings({f"readings:{STREAM}": 7, "capture:x": 9}, known)
    assert readings.receive(STREAM, message(7)) == Taken(7)
    assert readings.receive(STREAM, message(8)) is None
    assert len(taken(readings)) == 1


def test_a_gateway_that_lost_its_memory_takes_what_is_next() -> None:
    readings = Readings({}, known)
    readings.receive(STREAM, message(812))
    assert [each.origin for each in taken(readings)] == [(f"readings:{STREAM}", 812)]


def test_what_the_satellite_lost_is_passed_over() -> None:
    readings = Readings({}, known)
    readings.receive(STREAM, encode(Reading(3, None)))
    assert taken(readings) == [Sensed(None, origin=(f"readings:{STREAM}", 3))]


def test_a_reading_of_a_receiver_that_is_not_named_is_passed_over_and_the_stream_goes_on() -> None:
    refused = list[tuple[str, str]]()
    readings = Readings({}, known, lambda why, receiver: refused.append((why, receiver)))
    readings.receive(STREAM, message(1, "cam-9"))
    readings.receive(STREAM, message(2))
    first, second = taken(readings)
    assert (first.input, first.origin) == (None, (f"readings:{STREAM}", 1))
    assert second.input is not None
    assert list(readings.committed({f"readings:{STREAM}": 1})) == [(STREAM, Taken(1, "unknown_receiver"))]
    assert list(readings.committed({f"readings:{STREAM}": 2})) == [(STREAM, Taken(2))]
    assert refused == [("unknown_receiver", "cam-9")]


def test_a_reading_of_a_newer_satellite_is_passed_over_too() -> None:
    readings = Readings({}, known)
    readings.receive(STREAM, b'{"sequence": 4, "receiver": "cam", "age_ms": 1, "medium": "smell"}')
    assert taken(readings) == [Sensed(None, origin=(f"readings:{STREAM}", 4))]
    assert list(readings.committed({f"readings:{STREAM}": 4})) == [(STREAM, Taken(4, "not_understood"))]
    assert readings.receive(STREAM, message(4)) == Taken(4, "not_understood")


def test_more_than_can_wait_comes_again() -> None:
    readings = Readings({}, known)
    for sequence in range(1, MOST_WAITING + 2):
        readings.receive(STREAM, message(sequence))
    assert len(taken(readings)) == MOST_WAITING
    readings.receive(STREAM, message(MOST_WAITING + 1))
    assert len(taken(readings)) == 1


def test_streams_are_bounded() -> None:
    readings = Readings({f"readings:{number:016x}": 1 for number in range(MOST_STREAMS)}, known)
    with pytest.raises(NotRead, match="one too many"):
        readings.receive("ff" * 8, message(1))
    with pytest.raises(NotRead, match="no incarnation"):
        readings.receive("", message(1))
