"""A leap second: the clock says 23:59:59 twice, a text may say 23:59:60; order is by sequence, nothing negative."""

import pytest

from gateway.core.resume import STEPPED_AFTER_S
from gateway.model.time import from_rfc3339, rfc3339
from tests.core.shops import open_shop, stand

LAST_SECOND = "2016-12-31T23:59:59Z"


@pytest.mark.parametrize(
    ("text", "after_s"),
    [
        ("2016-12-31T23:59:60Z", 0.0),
        ("2016-12-31T23:59:60.5Z", 0.5),
        ("2017-01-01T00:59:60+01:00", 0.0),
        ("2017-01-01T00:00:00Z", 1.0),
    ],
)
def test_a_leap_second_in_a_text_is_the_second_before_it_once_more(text: str, after_s: float) -> None:
    assert from_rfc3339(text) - from_rfc3339(LAST_SECOND) == after_s


@pytest.mark.parametrize("text", ["2016-12-31T23:58:60Z", "2016-12-31T23:59:61Z", "2016-12-31T23:59:60"])
def test_no_other_second_has_a_sixtieth(text: str) -> None:
    with pytest.raises(ValueError, match=r"second|offset"):
        from_rfc3339(text)


def test_a_second_that_comes_twice_leaves_order_to_the_sequence_and_no_duration_negative() -> None:
    assert STEPPED_AFTER_S > 1.0
    hand = open_shop()
    leap_at_s = 30.0
    hand.offset_s = from_rfc3339(LAST_SECOND) + 1.0 - leap_at_s
    stand(hand, "shoes", 1, leap_at_s)
    hand.offset_s -= 1.0
    after = [*stand(hand, "coats", leap_at_s, 60), *hand.give(1_000.0)]
    assert "clock.changed" not in {event.type for event in after}
    assert {event.type for event in hand.events} >= {"zone.entered", "zone.left", "visit.ended"}
    for stream in {event.stream for event in hand.events}:
        sequences = [event.sequence for event in hand.events if event.stream == stream]
        assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))
    for event in hand.events:
        assert float(str(event.data.get("dwell_s", 0.0))) >= 0.0
        assert str(event.data.get("until_at", "~")) >= str(event.data.get("from_at", ""))
        assert str(event.data.get("ended_at", "~")) >= str(event.data.get("started_at", ""))
    assert rfc3339(hand.offset_s + leap_at_s) == "2016-12-31T23:59:59.000Z"


def test_a_clock_that_becomes_trusted_without_a_step_says_no_negative_zero() -> None:
    hand = open_shop()
    hand.clock = "unset"
    hand.give(5.0)
    hand.clock, hand.offset_s = "synced", hand.offset_s - 0.0001
    told = [event for event in hand.give(6.0) if event.type == "clock.changed"]
    assert [str(event.data["step_s"]) for event in told] == ["0.0"]
