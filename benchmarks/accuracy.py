"""Zone accuracy and flaps on recorded walks: this gateway's, and the rules of others from their published constants.

Recordings lie beside the repository (`shared/corpora/radio`); another folder of the same kind can be named:
`python -m benchmarks.accuracy [FOLDER]`. Every rule sees the same packets, and reports at the instant of a packet.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks._peer_zones import RULES, Ear, Packet
from benchmarks._two_rooms import two_rooms
from gateway.cli.evaluate import true_places, true_zones
from gateway.cli.replay import played
from gateway.cli.scoring import Placed, Score, figures, pool, score
from gateway.cli.survey import scans
from gateway.codecs.captures import parse_header, parse_line
from gateway.core.estimation.learning import learned
from gateway.core.evidence import heard_at
from gateway.core.identity import Identity
from gateway.core.shop import Shop
from gateway.documents.registry import load_unsigned
from gateway.model.documents import FloorPlan
from gateway.model.event import Event
from gateway.model.survey import Survey
from gateway.model.time import Now

CORPORA: Final = Path(__file__).parents[2] / "shared" / "corpora" / "radio"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: captures of a folder, and its survey's capture if that may be used."""

    name: str
    folder: str
    captures: str
    survey: str | None = None


ROWS: Final = (
    Row("office with survey", "office", "straight_*.ndjson", "survey.ndjson"),
    Row("office, positions only", "office", "straight_*.ndjson"),
    Row("doorway drives", "doorway", "car_*.ndjson"),
    Row("doorway walk", "doorway", "walk_*.ndjson"),
    Row("mall floors with survey", "mall", "walk-*.ndjson", "survey.ndjson"),
    Row("sectors with survey", "sectors", "tx-4dbm.ndjson", "tx-4dbm.survey.ndjson"),
)


def main() -> None:
    """Print the table of all rows and rules, then the simulated two rooms."""
    corpora = Path(sys.argv[1]) if len(sys.argv) > 1 else CORPORA
    print(f"{'':<28}{'accuracy':>9}{'flaps/h':>9}{'enter median, p90 (missed)':>30}")
    for row in ROWS:
        plan, survey, captures = read(row, corpora)
        print(row.name)
        _tell("this gateway", pool(each for path in captures for each in ours(path, plan, survey)))
        for name, rule in RULES.items():
            scores = (each for path in captures for each in _theirs(path, plan, survey, rule))
            _tell(name, pool(scores))
    print("two rooms, simulated (rooms told wrongly; ESPresense-companion publishes 6.6 % and 22.3 %)")
    for name, share in two_rooms().items():
        print(f"  {name:<26}{share:9.1%}")


def read(row: Row, corpora: Path = CORPORA) -> tuple[FloorPlan, Survey | None, Sequence[Path]]:
    """A row's floor plan, its survey if that may be used, and its captures."""
    folder = corpora / row.folder
    plan = load_unsigned(folder / "floorplan.toml", "floorplan").content
    assert isinstance(plan, FloorPlan)
    captures = [path for path in sorted(folder.glob(row.captures)) if ".truth." not in path.name]
    survey = _survey(folder / row.survey, plan) if row.survey else None
    return plan, survey, [path for path in captures if path.name != row.survey]


def ours(capture: Path, plan: FloorPlan, survey: Survey | None) -> Iterator[Score]:
    """How well this gateway tells a capture, by subject."""
    return _scored(capture, told(capture, plan, survey))


def told(capture: Path, plan: FloorPlan, survey: Survey | None) -> Mapping[str, list[Placed]]:
    """What this gateway tells of a capture, by subject."""
    with capture.open(encoding="utf-8") as lines:
        return _reported(played(lines, capture.parent, plan, (), survey))


def _survey(capture: Path, plan: FloorPlan) -> Survey:
    truth = true_places(capture.with_name(f"{capture.stem}.truth.ndjson"))
    return learned(plan.store, scans(capture, Shop.of(plan), truth))


def _tell(name: str, of_all: Score) -> None:
    told = figures(of_all)
    enter = told["enter"]
    assert isinstance(enter, Mapping)
    late = (
        "" if not enter["count"] else f"{enter['median_s']}, {enter['p90_s']} s ({enter['missed']} of {enter['count']})"
    )
    print(f"  {name:<26}{told['zone_accuracy']:9.3f}{told['flaps_per_hour']:9.0f}{late:>30}", flush=True)


def _scored(capture: Path, reported: Mapping[str, list[Placed]]) -> Iterator[Score]:
    for subject, placed in true_zones(capture.with_name(f"{capture.stem}.truth.ndjson")).items():
        yield score(reported.get(subject, ()), placed)


def _reported(events: Iterable[Event]) -> Mapping[str, list[Placed]]:
    told: dict[str, list[Placed]] = {}
    started_s = 0.0
    for event in events:
        at_s = event.recorded_utc_s
        if event.type == "gateway.started":
            started_s = at_s
        if event.subject is None or event.type not in {"zone.entered", "zone.left"}:
            continue
        of_subject = told.setdefault(event.subject[2:], [])
        zone = str(event.data["zone"])
        if event.type == "zone.entered":
            of_subject.append(Placed(round(at_s - started_s, 3), zone))
        elif of_subject and of_subject[-1].zone == zone:
            of_subject.append(Placed(round(at_s - started_s, 3), None))
    return told


def _theirs(capture: Path, plan: FloorPlan, survey: Survey | None, rule: "type[Ear]") -> Iterator[Score]:
    ears: dict[str, Ear] = {}
    told: dict[str, list[Placed]] = {}
    for subject, t_s, packets in _packets(capture, plan, survey):
        ear = ears.setdefault(subject, rule(plan, survey))
        zone = ear.hear(t_s, packets)
        of_subject = told.setdefault(subject, [])
        if zone is not None and (not of_subject or of_subject[-1].zone != zone):
            of_subject.append(Placed(t_s, zone))
    return _scored(capture, told)


def _packets(capture: Path, plan: FloorPlan, survey: Survey | None) -> Iterator[tuple[str, float, list[Packet]]]:
    shop, identity = Shop.of(plan), Identity()
    known = {anchor for point in survey.points for anchor in point.heard} if survey else set()
    with capture.open(encoding="utf-8") as lines:
        parse_header(lines.readline())
        for number, text in enumerate(lines, start=2):
            line = parse_line(text, number)
            for sighting in line.content if isinstance(line.content, tuple) else ():
                visitor = identity.resolve(sighting, shop, Now(line.t_s, 0.0, "synced", ""))
                if visitor is not None:
                    yield visitor.subject[2:], line.t_s, list(heard_at(sighting, shop, known))


if __name__ == "__main__":
    main()
