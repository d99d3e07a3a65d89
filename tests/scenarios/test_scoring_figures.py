"""The scorer gives the figures published with the recordings, for the rule that they were published for."""

import json
import tomllib
from collections.abc import Iterator

import pytest

from gateway.cli.evaluate import true_zones
from gateway.cli.scoring import Placed, Score, percentile, pool, score
from tests.corpora import RADIO

WALKS = {
    "drives": ("doorway", [f"car_sensor_1_measurement_{number}" for number in range(1, 6)]),
    "walk": ("doorway", ["walk_sensor_1_measurement_1"]),
    "office": ("office", [f"straight_{number:02}" for number in range(1, 4)]),
}
WEIGHT = 0.3


def loudest(folder: str, walk: str, margin_db: float) -> Iterator[Placed]:
    """The zone of the receiver that hears the tag loudest; another takes over with a packet louder by the margin."""
    plan = tomllib.loads((RADIO / folder / "floorplan.toml").read_text())
    zones = {receiver["id"]: receiver["zone"] for receiver in plan["receivers"]}
    levels_dbm: dict[str, float] = {}
    leader = None
    for line in (RADIO / folder / f"{walk}.ndjson").read_text().splitlines()[1:]:
        packet = json.loads(line)
        receiver, rssi_dbm = packet["receiver"], packet["rssi_dbm"]
        before_dbm = levels_dbm.get(receiver, rssi_dbm)
        levels_dbm[receiver] = before_dbm + WEIGHT * (rssi_dbm - before_dbm)
        if leader is None or levels_dbm[receiver] > levels_dbm[leader] + margin_db:
            leader = receiver
            yield Placed(packet["t"], zones[leader])


def scored(folder: str, walk: str, margin_db: float) -> Score:
    truth = true_zones(RADIO / folder / f"{walk}.truth.ndjson")
    return score(list(loudest(folder, walk, margin_db)), truth["b-1"])


@pytest.mark.parametrize(
    ("walks", "margin_db", "accuracy", "flaps_per_hour", "enter"),
    [
        ("drives", 16, 0.630, 0, (0.0, 9.6, 13, 36)),
        ("drives", 6, 0.880, 0, (2.8, 6.4, 0, 36)),
        ("drives", 0, 0.926, 64, (2.0, 3.6, 0, 36)),
        ("walk", 16, 0.934, 0, (5.2, 5.8, 0, 4)),
        ("walk", 6, 0.955, 0, (3.2, 5.8, 0, 4)),
        ("walk", 0, 0.996, 58, (0.2, 0.4, 0, 4)),
        ("office", 16, 0.317, 0, (2.7, 2.7, 5, 6)),
        ("office", 6, 0.422, 158, (12.8, 17.8, 2, 6)),
        ("office", 0, 0.497, 1307, (2.3, 8.2, 2, 6)),
    ],
)
def test_published_figures(
    walks: str, margin_db: float, accuracy: float, flaps_per_hour: int, enter: tuple[float, float, int, int]
) -> None:
    folder, names = WALKS[walks]
    found = pool(scored(folder, name, margin_db) for name in names)
    assert (round(found.right / found.seconds, 3), round(found.flaps / found.hours)) == (accuracy, flaps_per_hour)
    reached_s, missed = found.enter.reached_s, found.enter.missed
    late = [round(percentile(reached_s, percent) or 0.0, 1) for percent in (50, 90)]
    assert (*late, missed, len(reached_s) + missed) == enter
