"""What one sighting costs the engine, beside the floor of smoothing twelve levels and taking the loudest."""

from collections.abc import Callable
from statistics import median
from time import process_time

from gateway.core.engine import Engine
from gateway.core.timeline import tick_due
from gateway.model.documents import Beacon, FloorPlan, Receiver, Zone
from gateway.model.inputs import Started, Tick
from gateway.model.sighting import IBEACON, BeaconId, Sighting
from gateway.model.time import Now

RECEIVERS, ZONES, TAGS, SECONDS, ROUNDS = 12, 9, 20, 60, 5


def plan() -> FloorPlan:
    zones = {f"z{number}": Zone(f"z{number}", "aisle") for number in range(ZONES)}
    receivers = {f"r{number}": Receiver(f"r{number}", zone=f"z{number % ZONES}") for number in range(RECEIVERS)}
    beacons = {f"t{number}": Beacon(f"t{number}", tag_of(number), mobile=True) for number in range(TAGS)}
    return FloorPlan("bench", "bench", "UTC", ("en",), zones, receivers, beacons, {})


def tag_of(number: int) -> BeaconId:
    return BeaconId(IBEACON, f"5f1d0000-0000-4000-8000-00805f9b0001/1/{number}")


def _level_dbm(second: int, tag: int, receiver: int) -> float:
    return -60.0 - 3.0 * ((second // 7 + tag + receiver) % RECEIVERS)


def engine_s() -> float:
    """CPU seconds of an engine that hears every tag at every receiver once a second."""
    engine = Engine(incarnation="0" * 16, id_key=bytes(32), floorplan=plan())
    now = Now(0.0, 1_767_603_600.0, "synced", "bench")
    engine.step(Started("bench"), now)
    began_s = process_time()
    for second in range(1, SECONDS + 1):
        now = Now(float(second), 1_767_603_600.0 + second, "synced", "bench")
        while (tick := tick_due(engine.deadline_s, second - 1.0, now)) is not None:
            engine.step(Tick(), tick)
        for tag in range(TAGS):
            token = tag_of(tag)
            for receiver in range(RECEIVERS):
                level_dbm = _level_dbm(second, tag, receiver)
                engine.step(Sighting("ble", f"r{receiver}", token, level_dbm), now)
    return process_time() - began_s


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
    """Print CPU per sighting of both, medians of interleaved rounds, and their ratio."""

    def microseconds(run: Callable[[], float]) -> float:
        return run() / (SECONDS * TAGS * RECEIVERS) * 1e6

    rounds = [(microseconds(engine_s), microseconds(floor_s)) for _ in range(ROUNDS)]
    ours, floor = median(engine for engine, _ in rounds), median(plain for _, plain in rounds)
    print(f"engine   {ours:6.2f} us CPU a sighting ({RECEIVERS} receivers, {ZONES} zones, {TAGS} tags)")
    print(f"floor    {floor:6.2f} us CPU a sighting (smoothing and the loudest alone)")
    print(f"ratio    {ours / floor:6.1f}")


if __name__ == "__main__":
    main()
