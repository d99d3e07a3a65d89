"""Recorded walks through an office of which one receiver is no longer as the survey has it."""

import pytest

from gateway.core.engine import Engine
from gateway.core.timeline import tick_due
from gateway.model.inputs import Started, Tick
from tests.scenarios.surveyed_office import Change, at, doubts, louder, played, surveyed, swapped, walked


def test_a_shop_as_surveyed_is_not_doubted() -> None:
    events, code, _ = played(lambda sighting: sighting)
    assert doubts(events) == {}
    assert code == "zones_by_survey"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (louder("r21", -15.0), {"r21": "moved"}),
        (louder("r40", 15.0), {"r40": "moved"}),
        (lambda sighting: None if sighting.receiver == "r32" else sighting, {"r32": "silent"}),
        (swapped("r12", "r30"), {"r12": "moved", "r30": "moved"}),
    ],
    ids=["weaker", "louder", "silent", "swapped"],
)
def test_what_is_not_as_surveyed_is_named(change: Change, found: dict[str, str]) -> None:
    events, code, hint = played(change)
    assert doubts(events) == found
    assert code == "survey_outdated"
    assert all(anchor in hint for anchor in found)


def test_a_receiver_put_back_is_believed_again() -> None:
    plan, survey = surveyed()
    engine = Engine(incarnation="0" * 16, id_key=bytes(32), floorplan=plan, survey=survey)
    last_s, events = 0.0, list(engine.step(Started("test"), at(0.0)).events)
    for lap, change in enumerate((louder("r21", -15.0), lambda sighting: sighting, lambda sighting: sighting)):
        for moment_s, heard in walked():
            now = at(200.0 * lap + moment_s)
            while (tick := tick_due(engine.deadline_s, last_s, now)) is not None:
                events += engine.step(Tick(), tick).events
            last_s = now.mono_s
            events += engine.step(change(heard), now).events
    told = [event.data["status"] for event in events if event.type == "survey.contradicted"]
    assert told == ["moved", "as_surveyed"]
