"""Visits told of simulated shops against the true ones: how late, how well dated, split, merged, missed or invented.

The boutique of `simulators/shops`, whose people stay away for longer than a visit may pause, in seeds that nothing was
fitted on: as it is, without its drawing (zones by receivers alone), and with all its receivers dead for ten minutes.
`python -m benchmarks.visits [SECONDS]` plays so long a time of each (virtual seconds).
"""

import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Final

from gateway.cli.evaluate import true_zones
from gateway.cli.replay import played
from gateway.cli.scoring import Placed
from gateway.core.options import CoreOptions
from gateway.documents.registry import load_unsigned
from gateway.model.documents import FloorPlan
from gateway.model.event import Event
from gateway.model.time import from_rfc3339
from simulators.box.recording import record
from simulators.box.store import Store, read_store

BEGAN_UTC_S: Final = 1_767_603_600.0  # 2026-01-05T09:00:00Z
SEEDS: Final = (1009, 2003, 3001)
SECONDS: Final = 2_400.0
AWAY_S: Final = (360.0, 700.0)
"""How long people stay away: longer than a visit may pause, so that each of theirs is one."""
DEAD_S: Final = (900.0, 1_500.0)
STREET: Final = "street"
STORE: Final = Path(__file__).parents[1] / "simulators" / "shops" / "boutique.toml"
GAP_S: Final = CoreOptions().visit_gap_s

Lines = Iterable[str]


@dataclass(frozen=True, slots=True)
class Told:
    """A visit as it was told (seconds from the begin): by its evidence, and when; `ended_s` None while it lasts."""

    since_s: float
    started_s: float
    until_s: float | None = None
    ended_s: float | None = None


@dataclass(slots=True)
class Tally:
    """What became of true visits: seconds of lateness, and counts."""

    true: int = 0
    inside_s: float = 0.0
    enter_s: list[float] = field(default_factory=list)
    dated_s: list[float] = field(default_factory=list)
    exit_s: list[float] = field(default_factory=list)
    false_exits: int = 0
    split: int = 0
    merged: int = 0
    missed: int = 0
    invented: int = 0


def main() -> None:
    """Print a row for each shop, of all its seeds together."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    store = read_store(STORE)
    store = replace(store, people=tuple(replace(each, away_s=AWAY_S) for each in store.people))
    print(f"{'':<28}{'visits':>7}{'entry told':>16}{'exit dated':>16}{'exit told':>11}{'false exits/h':>15}", end="")
    print(f"{'split':>7}{'merged':>8}{'missed':>8}{'invented':>10}{'CPU':>8}")
    for name, (drawn, faults) in SHOPS.items():
        tally, began_s = Tally(), time.process_time()
        for seed in SEEDS:
            _play(store, seconds, seed, tally, drawn=drawn, faults=faults)
        _print(name, tally, time.process_time() - began_s)


def _print(name: str, tally: Tally, cpu_s: float) -> None:
    enter, dated = (f"{_median(each):.1f}, {_p90(each):.1f} s" for each in (tally.enter_s, tally.dated_s))
    an_hour = tally.false_exits / (tally.inside_s / 3_600.0)
    print(f"{name:<28}{tally.true:>7}{enter:>16}{dated:>16}{_median(tally.exit_s):>9.0f} s{an_hour:>15.2f}", end="")
    print(f"{tally.split:>7}{tally.merged:>8}{tally.missed:>8}{tally.invented:>10}{cpu_s:>6.0f} s", flush=True)


def _play(
    store: Store, seconds: float, seed: int, tally: Tally, *, drawn: bool, faults: Callable[[Lines], Lines]
) -> None:
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        record(store, seconds, BEGAN_UTC_S, folder, seed)
        plan = load_unsigned(folder / "floorplan.toml", "floorplan").content
        assert isinstance(plan, FloorPlan)
        members = load_unsigned(folder / "members.ndjson", "members")
        heard, touched = folder / "capture.ndjson", folder / "touched.ndjson"
        with heard.open(encoding="utf-8") as lines, touched.open("w", encoding="utf-8") as after:
            after.writelines(faults(lines))
        with touched.open(encoding="utf-8") as after:
            told = _told(played(after, folder, plan if drawn else _not_drawn(plan), (members,), None))
        for subject, places in true_zones(folder / "capture.truth.ndjson").items():
            _judge(_true(places, seconds), told.get(subject, []), seconds, tally)


def _not_drawn(plan: FloorPlan) -> FloorPlan:
    return replace(plan, zones={name: replace(zone, polygon=()) for name, zone in plan.zones.items()})


def _untouched(lines: Lines) -> Lines:
    return lines


def _dead(lines: Lines) -> Iterator[str]:
    """All Bluetooth receivers hear nothing for a while, and say so."""
    receivers = ("gw-1", "gw-2", "gw-3", "sat-1")
    changes = [(at_s, status) for at_s, status in zip(DEAD_S, ("down", "up"), strict=True)]
    for line in lines:
        time_of = re.match(r'\{"t": ?([0-9.]+)', line)
        t_s = float(time_of[1]) if time_of else 0.0
        while changes and t_s >= changes[0][0]:
            at_s, status = changes.pop(0)
            yield from (f'{{"t": {at_s}, "health": "{status}", "receiver": "{each}"}}\n' for each in receivers)
        if not ('"medium":"ble"' in line.replace(" ", "") and DEAD_S[0] <= t_s < DEAD_S[1]):
            yield line


SHOPS: Final[Mapping[str, tuple[bool, Callable[[Lines], Lines]]]] = {
    "boutique": (True, _untouched),
    "boutique, not drawn": (False, _untouched),
    "boutique, radio dead 10 min": (True, _dead),
}
"""By name, whether the plan is drawn, and what happens to the recording."""


def _told(events: Iterable[Event]) -> Mapping[str, list[Told]]:
    told: dict[str, list[Told]] = {}
    for event in events:
        if event.subject is None or event.type not in {"visit.started", "visit.ended"}:
            continue
        of_subject = told.setdefault(event.subject[2:], [])
        recorded_s = event.recorded_utc_s - BEGAN_UTC_S
        if event.type == "visit.started":
            of_subject.append(Told(event.time_utc_s - BEGAN_UTC_S, recorded_s))
        else:
            since_s, until_s = (from_rfc3339(str(event.data[key])) - BEGAN_UTC_S for key in ("started_at", "ended_at"))
            of_subject[-1] = replace(of_subject[-1], since_s=since_s, until_s=until_s, ended_s=recorded_s)
    return told


def _true(places: Sequence[Placed], seconds: float) -> list[tuple[float, float]]:
    """From and until when somebody truly was in the shop, pauses shorter than a visit's bridged."""
    found: list[tuple[float, float]] = []
    for place, following in zip(places, [*places[1:], Placed(seconds, None)], strict=True):
        if place.zone is None or place.zone == STREET:
            continue
        if found and place.t_s - found[-1][1] <= GAP_S:
            found[-1] = (found[-1][0], following.t_s)
        else:
            found.append((place.t_s, following.t_s))
    return found


def _judge(true: Sequence[tuple[float, float]], told: Sequence[Told], seconds: float, tally: Tally) -> None:
    for begin_s, end_s in true:
        tally.true += 1
        tally.inside_s += end_s - begin_s
        of_visit = [each for each in told if _meet(each, begin_s, end_s)]
        tally.missed += not of_visit
        tally.split += max(0, len(of_visit) - 1)
        if of_visit and begin_s > 1.0:
            tally.enter_s.append(max(0.0, of_visit[0].started_s - begin_s))
        last = of_visit[-1] if of_visit else None
        if last is not None and last.until_s is not None and last.ended_s is not None and end_s < seconds - 2 * GAP_S:
            tally.dated_s.append(abs(last.until_s - end_s))
            tally.exit_s.append(last.ended_s - end_s)
    for each in told:
        met = sum(_meet(each, begin_s, end_s) for begin_s, end_s in true)
        tally.merged += max(0, met - 1)
        tally.invented += not met
        tally.false_exits += each.ended_s is not None and any(begin < each.ended_s < end for begin, end in true)


def _meet(told: Told, begin_s: float, end_s: float) -> bool:
    return told.since_s <= end_s and (told.until_s is None or told.until_s >= begin_s)


def _median(seconds: Sequence[float]) -> float:
    return median(seconds) if seconds else 0.0


def _p90(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=10)[-1] if len(seconds) > 1 else _median(seconds)


if __name__ == "__main__":
    main()
