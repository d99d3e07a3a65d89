"""`survey`: a calibration walk to a file that tells what each place of the shop sounds like."""

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from gateway.cli.evaluate import TruePlace, true_places
from gateway.codecs.captures import CaptureError, parse_header, parse_line
from gateway.core.estimation.learning import Scan, learned
from gateway.core.evidence import heard_at
from gateway.core.polygon import Point
from gateway.core.shop import Shop
from gateway.documents.refusal import DocumentRefused
from gateway.documents.registry import load_unsigned
from gateway.documents.survey import write_survey
from gateway.model.documents import FloorPlan
from gateway.model.sighting import AppReport, BeaconId, Sighting
from gateway.settings.problem import did_you_mean

FEW_READINGS: Final = 20
"""A zone with fewer readings is named in a warning."""


WALKED_S: Final = 15.0
"""Two points of the truth within this time were joined by a straight walk; after longer the surveyor stood at the first
(seconds)."""


class _Every:
    """Every beacon's identity: a survey learns of those too that the floor plan does not know."""

    def __contains__(self, identity: object) -> bool:
        return True


def survey(
    capture: Annotated[Path, typer.Argument(help="The capture of a calibration walk.")],
    floorplan: Annotated[Path, typer.Option(help="The shop's floor plan (TOML).")],
    truth: Annotated[Path, typer.Option(help="Where the surveyor was, as `evaluate` takes it.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The survey to write (JSON).")],
) -> None:
    """Learn what each place of a shop sounds like, from a walk whose every place is known."""
    try:
        plan = load_unsigned(floorplan, "floorplan").content
        if not isinstance(plan, FloorPlan):
            msg = f"{floorplan} compiled to {type(plan).__name__}"
            raise TypeError(msg)
        made = learned(plan.store, scans(capture, Shop.of(plan), _places_in(plan, truth)))
        if not made.points:
            raise _refused(f"{capture}: nothing of the truth's subjects was heard while their zone was known")
        output.write_text(write_survey(made), encoding="utf-8")
    except CaptureError as error:
        raise _refused(f"{capture}: {error}") from error
    except DocumentRefused as refused:
        raise _refused(str(refused)) from refused
    except UnicodeDecodeError as error:
        raise _refused(f"{capture}: it is not UTF-8 text: name a capture (.ndjson)") from error
    except ValueError as error:
        raise _refused(str(error)) from error
    except OSError as error:
        raise _refused(
            f"{error.filename}: {error.strerror}: name a file that can be read, and written with -o"
        ) from error
    readings = dict.fromkeys(plan.zones, 0)
    for point in made.points:
        readings[point.zone] = readings.get(point.zone, 0) + sum(heard.count for heard in point.heard.values())
    thin = [zone for zone, count in readings.items() if count < FEW_READINGS]
    if thin:
        typer.echo(f"too little was heard in {', '.join(thin)}: stand there longer", err=True)
    print(
        json.dumps(
            {"survey": output.name, "points": len(made.points), "readings": sum(readings.values()), "zones": readings}
        )
    )


def scans(capture: Path, shop: Shop, places: Mapping[str, Sequence[TruePlace]]) -> Iterator[Scan]:
    """What was heard of the surveyors, and where they were."""
    with capture.open(encoding="utf-8") as lines:
        parse_header(lines.readline())
        t_s = 0.0
        for number, text in enumerate(lines, start=2):
            if text.isspace():
                continue
            line = parse_line(text, number, t_s)
            t_s = line.t_s
            for sighting in line.content if isinstance(line.content, tuple) else ():
                zone, at = _place(places.get(_surveyor(sighting, shop), ()), t_s)
                heard = heard_at(sighting, shop, _Every())
                if zone is not None and heard:
                    yield Scan(zone, at, heard)


def _places_in(plan: FloorPlan, truth: Path) -> Mapping[str, Sequence[TruePlace]]:
    """Where the surveyors were, all of it in zones of the floor plan.

    Raises:
        ValueError: a line is no truth, or names a zone that the plan does not have.
    """
    places = true_places(truth)
    walked = {place.zone: None for each in places.values() for place in each if place.zone is not None}
    for zone in walked:
        if zone not in plan.zones:
            hint = did_you_mean(zone, plan.zones, f"write one of {', '.join(plan.zones)}, or name the right floor plan")
            msg = f"{truth}: the floor plan has no zone {zone!r}: {hint}"
            raise ValueError(msg)
    return places


def _place(places: Sequence[TruePlace], t_s: float) -> tuple[str | None, Point | None]:
    """Zone and point at `t_s`: a line of the truth holds until the next; points soon after each other were walked."""
    after = bisect_right(places, t_s, key=lambda place: place.t_s)
    if after == 0:
        return None, None
    before = places[after - 1]
    if after == len(places) or before.at is None:
        return before.zone, before.at
    following = places[after]
    walked_s = following.t_s - before.t_s
    if following.at is None or following.zone != before.zone or walked_s > WALKED_S:
        return before.zone, before.at
    share = (t_s - before.t_s) / walked_s
    (x0, y0), (x1, y1) = before.at, following.at
    return before.zone, (x0 + share * (x1 - x0), y0 + share * (y1 - y0))


def _surveyor(sighting: Sighting, shop: Shop) -> str:
    """Whose sighting it is, as a truth names its subjects; empty if nobody's."""
    match sighting.token:
        case AppReport(member):
            return member
        case BeaconId() as identity:
            beacon = shop.beacons.get(identity)
            return beacon.id if beacon is not None else ""
    return ""


def _refused(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(2)
