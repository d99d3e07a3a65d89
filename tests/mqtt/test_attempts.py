"""Which broker is tried when, in which version."""

from collections.abc import Iterator
from itertools import accumulate, islice

import pytest

from gateway.mqtt.attempts import STEADY_S, UNSUPPORTED_VERSION, YOUNG_PAUSE_S, YOUNG_S, Attempts, pauses
from gateway.mqtt.message import LinkLost, Refused
from gateway.mqtt.options import BrokerAddress

A = BrokerAddress("a.example", 8883, tls=True)
B = BrokerAddress("b.example", 8883, tls=True)
UNSUPPORTED = Refused(UNSUPPORTED_VERSION, "Unsupported protocol version")
CLOSED = LinkLost("closed", welcomed=False)


def doubling() -> Iterator[float]:
    pause_s = 1.0
    while True:
        yield pause_s
        pause_s *= 2


def test_pauses_grow_while_a_broker_is_away() -> None:
    attempts = Attempts([A], doubling)
    assert [attempts.failed(attempts.next(), ConnectionRefusedError()) for _ in range(4)] == [1, 2, 4, 8]


def test_every_broker_is_tried_before_a_pause() -> None:
    attempts = Attempts([A, B], doubling)
    tried = []
    for _ in range(4):
        attempt = attempts.next()
        tried.append((attempt.address, attempts.failed(attempt, TimeoutError())))
    assert tried == [(A, 0), (B, 1), (A, 0), (B, 2)]


@pytest.mark.parametrize("no", [UNSUPPORTED, CLOSED])
def test_a_broker_that_knows_no_5_gets_3_1_1_at_once_and_is_remembered(no: Exception) -> None:
    attempts = Attempts([A], doubling)
    first = attempts.next()
    assert first.version == "5"
    assert attempts.failed(first, no) == 0
    second = attempts.next()
    assert (second.address, second.version) == (A, "3.1.1")
    attempts.worked(second)
    attempts.ended(second, 1.0)
    assert attempts.next().version == "3.1.1"


@pytest.mark.parametrize(("no", "again"), [(UNSUPPORTED, "3.1.1"), (CLOSED, "5")])
def test_a_version_that_was_guessed_is_doubted_after_a_while(no: Exception, again: str) -> None:
    attempts = Attempts([A], doubling)
    attempts.failed(attempts.next(), no)
    used = attempts.next()
    attempts.worked(used)
    attempts.ended(used, STEADY_S)
    assert attempts.next().version == again


def test_a_broker_that_took_5_before_is_only_in_trouble_when_it_closes() -> None:
    attempts = Attempts([A], doubling)
    attempts.worked(attempts.next())
    assert attempts.failed(attempts.next(), CLOSED) == 1
    assert attempts.next().version == "5"
    assert attempts.failed(attempts.next(), UNSUPPORTED) == 0
    assert attempts.next().version == "3.1.1"


def test_a_remembered_version_that_is_refused_is_forgotten() -> None:
    attempts = Attempts([A], doubling)
    attempts.failed(attempts.next(), UNSUPPORTED)
    attempts.worked(attempts.next())
    assert attempts.failed(attempts.next(), CLOSED) > 0
    assert attempts.next().version == "5"


def test_a_wrong_password_is_no_reason_for_another_version() -> None:
    attempts = Attempts([A], doubling)
    assert attempts.failed(attempts.next(), Refused(0x86, "Bad user name or password")) == 1
    assert attempts.next().version == "5"


def test_a_broken_certificate_is_no_reason_for_another_version() -> None:
    attempts = Attempts([A], doubling)
    lost = LinkLost("alert", welcomed=False)
    lost.__cause__ = OSError("alert")
    assert attempts.failed(attempts.next(), lost) == 1
    assert attempts.next().version == "5"


def test_pauses_are_short_again_only_after_a_steady_connection() -> None:
    attempts = Attempts([A], doubling)
    attempt = attempts.next()
    assert [attempts.ended(attempt, lived_s) for lived_s in (1.0, 1.0, STEADY_S, 1.0)] == [1, 2, 1, 2]


def test_after_a_connection_ends_the_next_broker_is_tried() -> None:
    attempts = Attempts([A, B], doubling)
    first = attempts.next()
    attempts.worked(first)
    assert attempts.ended(first, STEADY_S) == 1
    assert attempts.next().address == B


def test_a_young_outage_is_looked_at_often_and_an_old_one_seldom() -> None:
    longest = list(islice(pauses(1.0, 60.0, lambda: 1.0), 60))
    assert longest[:5] == [1, 2, 4, 8, 8]
    young = [pause_s for pause_s, waited_s in zip(longest, accumulate(longest), strict=True) if waited_s <= YOUNG_S]
    assert max(young) == YOUNG_PAUSE_S
    assert longest[len(young) + 1 : len(young) + 4] == [16, 32, 60]


def test_pauses_are_jittered_and_keep_their_bounds() -> None:
    assert list(islice(pauses(1.0, 60.0, lambda: 0.0), 5)) == [0.5, 1, 2, 4, 4]
    assert list(islice(pauses(0.05, 0.2, lambda: 1.0), 4)) == [0.05, 0.1, 0.2, 0.2]
    assert list(islice(pauses(30.0, 60.0, lambda: 1.0), 3)) == [30, 30, 30]


def test_connections_that_end_within_seconds_thrice_in_a_row_are_unsteady_until_one_lives() -> None:
    attempts = Attempts([A], doubling)
    told = []
    for lived_s in (2.0, 1.0, STEADY_S - 1, STEADY_S, 1.0):
        attempts.ended(attempts.next(), lived_s)
        told.append(attempts.unsteady)
    assert told == [False, False, True, False, False]
