"""ESPresense-companion's published case: four nodes, two rooms, noise of 2.5 dB and bursts of -6 dB.

Source: docs/accuracy.md of that project, scenario `baseline_4node_6x4m` (61 points across, 121 back and forth over the
border, seed 20260530); packets twice a second, since it states none.
"""

import math
from collections.abc import Mapping
from random import Random
from statistics import fmean
from typing import Final

from gateway.core.engine import Engine
from gateway.core.timeline import tick_due
from gateway.model.documents import Beacon, FloorPlan, Receiver, Zone
from gateway.model.inputs import Started, Tick
from gateway.model.sighting import IBEACON, BeaconId, Sighting
from gateway.model.time import Now

SEED: Final = 20260530
SEEDS: Final = 10
"""One walk is so short that chance decides: the mean of this many, theirs the first."""
NODES: Final = {"n-1": (0.0, 0.0), "n-2": (6.0, 0.0), "n-3": (0.0, 4.0), "n-4": (6.0, 4.0)}
TAG: Final = BeaconId(IBEACON, "5f1d0000-0000-4000-8000-00805f9b0001/1/1")
EVERY_S: Final = 0.5


def two_rooms() -> Mapping[str, float]:
    """By walk, the mean share of points at which the wrong room is told."""
    across = [(0.5 + 5.0 * step / 60, 0.5 + 3.0 * step / 60) for step in range(61)]
    border = [(3.0 - 2.0 * math.cos(2 * math.pi * step / 60), 2.0) for step in range(121)]
    seeds = range(SEED, SEED + SEEDS)
    return {
        name: fmean(_wrong(walk, Random(seed)) for seed in seeds)
        for name, walk in (("diagonal", across), ("over the border", border))
    }


def _wrong(walk: list[tuple[float, float]], chance: Random) -> float:
    engine = Engine(incarnation="0" * 16, id_key=bytes(32), floorplan=_plan())
    last_s, told, wrong = 0.0, None, 0
    engine.step(Started("bench"), _now(0.0))
    for number, at in enumerate(walk, start=1):
        for node, there in NODES.items():
            engine.step(Sighting("ble", node, TAG, _level_dbm(math.dist(at, there), chance)), _now(number * EVERY_S))
        now = _now(number * EVERY_S + 0.25)
        while (tick := tick_due(engine.deadline_s, last_s, now)) is not None:
            for event in engine.step(Tick(), tick).events:
                told = event.data["zone"] if event.type == "zone.entered" else told
        last_s = now.mono_s
        wrong += told != ("west" if at[0] < 3.0 else "east")
    return wrong / len(walk)


def _level_dbm(distance_m: float, chance: Random) -> float:
    burst_db = -6.0 if chance.random() < 0.1 else 0.0
    return round(-59.0 - 27.0 * math.log10(max(0.3, distance_m)) + chance.gauss(0.0, 2.5) + burst_db)


def _plan() -> FloorPlan:
    zones = {
        "west": Zone("west", "aisle", ((0.0, 0.0), (3.0, 0.0), (3.0, 4.0), (0.0, 4.0))),
        "east": Zone("east", "aisle", ((3.0, 0.0), (6.0, 0.0), (6.0, 4.0), (3.0, 4.0))),
    }
    receivers = {name: Receiver(name, "satellite", at, "west" if at[0] < 3.0 else "east") for name, at in NODES.items()}
    beacons = {"tag": Beacon("tag", TAG, mobile=True)}
    return FloorPlan("two-rooms", "bench", "UTC", ("en",), zones, receivers, beacons, {})


def _now(mono_s: float) -> Now:
    return Now(mono_s, 1_767_603_600.0 + mono_s, "synced", "bench")
