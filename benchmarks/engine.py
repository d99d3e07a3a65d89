"""What one sighting costs the engine, beside the floor of smoothing twelve levels and taking the loudest; a crowd."""

import math
import tracemalloc
from collections.abc import Callable
from statistics import median
from time import process_time
from typing import Final

from gateway.core.engine import Engine
from gateway.core.timeline import tick_due
from gateway.model.documents import Beacon, FloorPlan, Receiver, Zone
from gateway.model.inputs import Started, Tick
from gateway.model.sighting import IBEACON, BeaconId, Sighting
from gateway.model.survey import Heard, Survey, SurveyPoint
from gateway.model.time import Now

RECEIVERS, TAGS, SECONDS, ROUNDS = 12, 20, 60, 5
CROWD, CROWD_SECONDS = 1000, 8
SHARED: Final = (*(f"*/estimation/{name}.py" for name in ("field", "lanes", "motion")), tracemalloc.__file__)
"""Where likelihoods and steps are remembered, once for all visitors, in bounded tables."""
NAMES: Final = tuple(f"r{number}" for number in range(RECEIVERS))
ZONE_M: Final = 6.0
"""A zone's width; they lie in rows of ten."""


def plan(zones: int, *, drawn: bool, tags: int = TAGS) -> FloorPlan:
    """A shop of this many zones; `drawn` with their polygons and the receivers' positions."""
    named = {f"z{number}": Zone(f"z{number}", "aisle", _square(number) if drawn else ()) for number in range(zones)}
    receivers = {
        f"r{number}": Receiver(
            f"r{number}", at=_middle(number * 9 // RECEIVERS) if drawn else None, zone=f"z{number % zones}"
        )
        for number in range(RECEIVERS)
    }
    beacons = {f"t{number}": Beacon(f"t{number}", tag_of(number), mobile=True) for number in range(tags)}
    return FloorPlan("bench", "bench", "UTC", ("en",), named, receivers, beacons, {})


def survey(zones: int) -> Survey:
    """Five points a zone, every receiver heard at each."""
    points = []
    for zone in range(zones):
        x, y = _middle(zone)
        for dx, dy in ((0.0, 0.0), (2.0, 2.0), (2.0, -2.0), (-2.0, 2.0), (-2.0, -2.0)):
            heard = {}
            for number in range(RECEIVERS):
                there = _middle(number * 9 // RECEIVERS)
                level_dbm = -58.0 - 25.0 * math.log10(max(1.0, math.dist((x + dx, y + dy), there)))
                heard[f"r{number}"] = Heard({round(level_dbm) - 4: 4, round(level_dbm) + 4: 4})
            points.append(SurveyPoint(f"z{zone}", (x + dx, y + dy), 8, heard))
    return Survey("bench", tuple(points))


def tag_of(number: int) -> BeaconId:
    return BeaconId(IBEACON, f"5f1d0000-0000-4000-8000-00805f9b0001/1/{number}")


def _middle(zone: int) -> tuple[float, float]:
    return (zone % 10 + 0.5) * ZONE_M, (zone // 10 + 0.5) * ZONE_M


def _square(zone: int) -> tuple[tuple[float, float], ...]:
    x, y, half = *_middle(zone), ZONE_M / 2
    return ((x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half))


def _level_dbm(second: int, tag: int, receiver: int) -> float:
    """A tag that walks to and fro along the first row, heard by distance and with some noise."""
    x = abs((second + 5 * tag) % 108 - 54.0)
    there_x, there_y = _middle(receiver * 9 // RECEIVERS)
    noise_db = (second * 31 + tag * 17 + receiver * 57) % 13 - 6.0
    return round(-58.0 - 25.0 * math.log10(max(1.0, math.hypot(x - there_x, 3.0 - there_y))) + noise_db)


def engine_s(zones: int, *, surveyed: bool) -> float:
    """CPU seconds of an engine that hears every tag at every receiver once a second, in its second minute.

    In the first it makes the tables that all visitors share from then on.
    """
    engine = _begun(zones, TAGS, surveyed=surveyed)
    spent_s = [_second_s(engine, second, TAGS) for second in range(1, 2 * SECONDS + 1)]
    return sum(spent_s[SECONDS:])


def crowd() -> tuple[float, float, str]:
    """Of so many visitors at once: CPU seconds a second, bytes a visitor, and what the engine says of it."""
    engine = _begun(9, CROWD, surveyed=True)
    spent_s = [_second_s(engine, second, CROWD) for second in range(1, CROWD_SECONDS + 1)]
    told = "; ".join(f"{each.code}: {each.hint}" for each in engine.conditions(_at(CROWD_SECONDS)))
    return median(spent_s[CROWD_SECONDS // 2 :]), _grown_bytes() / CROWD, told


def _grown_bytes() -> int:
    """What all of them take, evidence that waits included, without the tables that they share."""
    engine = _begun(9, CROWD, surveyed=True)
    tracemalloc.start()
    for second in range(1, CROWD_SECONDS):
        _second_s(engine, second, CROWD)
    taken = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(False, name) for name in SHARED])
    tracemalloc.stop()
    return sum(each.size for each in taken.statistics("filename"))


def _begun(zones: int, tags: int, *, surveyed: bool) -> Engine:
    found = survey(zones) if surveyed else None
    floorplan = plan(zones, drawn=surveyed, tags=tags)
    engine = Engine(incarnation="0" * 16, id_key=bytes(32), floorplan=floorplan, survey=found)
    engine.step(Started("bench"), _at(0))
    return engine


def _second_s(engine: Engine, second: int, tags: int) -> float:
    """CPU seconds of one second in which every receiver hears every tag."""
    began_s, now = process_time(), _at(second)
    while (tick := tick_due(engine.deadline_s, second - 1.0, now)) is not None:
        engine.step(Tick(), tick)
    for tag in range(tags):
        token = tag_of(tag)
        for receiver, name in enumerate(NAMES):
            engine.step(Sighting("ble", name, token, _level_dbm(second, tag, receiver)), now)
    return process_time() - began_s


def _at(second: int) -> Now:
    return Now(float(second), 1_767_603_600.0 + second, "synced", "bench")


def floor_s() -> float:
    """CPU seconds of nothing but a smoothed level a tag and receiver, and the loudest of each burst."""
    levels: dict[tuple[int, int], float] = {}
    began_s = process_time()
    for second in range(1, SECONDS + 1):
        for tag in range(TAGS):
            tag_of(tag)
            for receiver in range(RECEIVERS):
                level_dbm = _level_dbm(second, tag, receiver)
                known = levels.get((tag, receiver), level_dbm)
                levels[tag, receiver] = known + 0.3 * (level_dbm - known)
            max(range(RECEIVERS), key=lambda receiver: levels[tag, receiver])
    return process_time() - began_s


def main() -> None:
    """Print CPU per sighting of all, medians of interleaved rounds, and their ratios to the floor."""

    def microseconds(run: Callable[[], float]) -> float:
        return run() / (SECONDS * TAGS * RECEIVERS) * 1e6

    runs: dict[str, Callable[[], float]] = {
        "floor (smoothing and the loudest alone)": floor_s,
        "engine, 9 zones, receivers' zones": lambda: engine_s(9, surveyed=False),
        "engine, 9 zones, survey": lambda: engine_s(9, surveyed=True),
        "engine, 100 zones, survey": lambda: engine_s(100, surveyed=True),
    }
    rounds = [{name: microseconds(run) for name, run in runs.items()} for _ in range(ROUNDS)]
    medians = {name: median(each[name] for each in rounds) for name in runs}
    floor = next(iter(medians.values()))
    print(f"CPU a sighting, {RECEIVERS} receivers in a burst, {TAGS} tags")
    for name, cost in medians.items():
        print(f"{name:<42} {cost:7.2f} us   x{cost / floor:5.1f}")
    spent_s, each_bytes, told = crowd()
    print(f"{CROWD} visitors at once: {spent_s:.2f} s of CPU a second, {each_bytes / 1024:.1f} KiB a visitor; {told}")


if __name__ == "__main__":
    main()
