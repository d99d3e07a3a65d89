"""Recorded walks through a surveyed office, played with every sighting changed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

from gateway.cli.evaluate import true_places
from gateway.cli.survey import scans
from gateway.codecs.captures import parse_line
from gateway.core.engine import Engine
from gateway.core.estimation.learning import learned
from gateway.core.shop import Shop
from gateway.core.timeline import tick_due
from gateway.documents.registry import load_unsigned
from gateway.model.documents import FloorPlan
from gateway.model.event import Event
from gateway.model.inputs import Started, Tick
from gateway.model.sighting import Sighting
from gateway.model.survey import Survey
from gateway.model.time import Now
from tests.corpora import RADIO

OFFICE = RADIO / "office"
Change = Callable[[Sighting], Sighting | None]


@cache
def surveyed() -> tuple[FloorPlan, Survey]:
    plan = load_unsigned(OFFICE / "floorplan.toml", "floorplan").content
    assert isinstance(plan, FloorPlan)
    truth = true_places(OFFICE / "survey.truth.ndjson")
    return plan, learned(plan.store, scans(OFFICE / "survey.ndjson", Shop.of(plan), truth))


@cache
def walked() -> tuple[tuple[float, Sighting], ...]:
    """The three walks, one after the other."""
    return tuple(_walked())


def _walked() -> Iterator[tuple[float, Sighting]]:
    began_s = 0.0
    for capture in ("straight_01", "straight_02", "straight_03"):
        last_s = 0.0
        lines = (OFFICE / f"{capture}.ndjson").read_text(encoding="utf-8").splitlines()
        for number, text in enumerate(lines[1:], start=2):
            line = parse_line(text, number)
            last_s = line.t_s
            for sighting in line.content if isinstance(line.content, tuple) else ():
                yield began_s + line.t_s, sighting
        began_s += last_s + 1.0


def played(change: Change) -> tuple[list[Event], str, str]:
    """The events of the walks with every sighting changed, and the condition of zones after them."""
    plan, survey = surveyed()
    engine = Engine(incarnation="0" * 16, id_key=bytes(32), floorplan=plan, survey=survey)
    last_s, events = 0.0, list(engine.step(Started("test"), at(0.0)).events)
    for moment_s, heard in walked():
        sighting = change(heard)
        if sighting is None:
            continue
        while (tick := tick_due(engine.deadline_s, last_s, at(moment_s))) is not None:
            events += engine.step(Tick(), tick).events
        last_s = moment_s
        events += engine.step(sighting, at(moment_s)).events
    zones = next(each for each in engine.conditions(at(last_s)) if each.part == "zones")
    return events, zones.code, zones.hint


def at(mono_s: float) -> Now:
    return Now(mono_s, 1_767_603_600.0 + mono_s, "synced", "test")


def louder(receiver: str, by_db: float) -> Change:
    def change(sighting: Sighting) -> Sighting:
        if sighting.receiver != receiver or sighting.rssi_dbm is None:
            return sighting
        return replace(sighting, rssi_dbm=sighting.rssi_dbm + by_db)

    return change


def swapped(one: str, other: str) -> Change:
    names = {one: other, other: one}
    return lambda sighting: replace(sighting, receiver=names.get(sighting.receiver, sighting.receiver))


def doubts(events: list[Event]) -> dict[str, str]:
    return {
        str(event.data["anchor"]): str(event.data["status"]) for event in events if event.type == "survey.contradicted"
    }
