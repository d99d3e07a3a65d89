"""Deadlines keep one entry a subject and never call too late."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.deadlines import Deadlines


def test_a_subject_heard_a_thousand_times_keeps_one_entry():
    deadlines = Deadlines()
    for packet in range(1000):
        deadlines.heard("b.fob", packet * 0.5)
        assert deadlines.due(packet * 0.5 + 0.25) == ["b.fob"]
        deadlines.set("b.fob", packet * 0.5 + 900.0)
    assert len(deadlines._heap) == 1


def test_more_evidence_does_not_put_a_look_off():
    deadlines = Deadlines()
    assert not deadlines.settles("b.fob")
    deadlines.heard("b.fob", 0.1, whole_s=0.3)
    deadlines.heard("b.fob", 0.2, whole_s=0.9)
    assert deadlines.settles("b.fob")
    assert deadlines.due(0.5) == ["b.fob"]
    assert not deadlines.settles("b.fob")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 100)), min_size=1))
def test_everybody_is_due_by_the_earliest_time_that_was_asked_for(asked):
    deadlines = Deadlines()
    for subject, at_s in asked:
        deadlines.set(subject, at_s)
    assert deadlines.earliest_s == min(at_s for _, at_s in asked)
    for moment_s in sorted({at_s for _, at_s in asked}):
        due = deadlines.due(moment_s)
        expected = {s for s, _ in asked if min(at for other, at in asked if other == s) == moment_s}
        assert set(due) == expected
    assert deadlines.earliest_s is None
