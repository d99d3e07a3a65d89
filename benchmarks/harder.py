"""Zone accuracy and flaps on the recorded walks made harder: what another tag, another day or a lost receiver brings.

Every walk is told again with its readings changed and the survey as it was. A constant that is good on the recordings
alone falls here: `python -m benchmarks.harder [SEEDS]` prints mean accuracy and flaps of so many draws (2 unless told).
"""

import json
import math
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from random import Random
from shutil import copyfile
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Final

from benchmarks.accuracy import ROWS, ours, read
from gateway.cli.scoring import figures, pool

DEAF_DBM: Final = -98.0
"""A reading weaker than this is not heard."""

Reading = Callable[[str, float], float | None]
"""What becomes of a reading of this anchor at this level (dBm); None: it is not heard."""


def _stronger(by_db: float, _: Random) -> Reading:
    return lambda _, dbm: dbm + by_db if dbm + by_db > DEAF_DBM else None


def _noisy(spread_db: float, random: Random) -> Reading:
    return lambda _, dbm: dbm + random.gauss(0.0, spread_db)


def _fading(spread_db: float, random: Random) -> Reading:
    """A body that stands in the way for a while: each receiver's error lasts for about ten readings of it."""
    off_db: dict[str, float] = {}

    def faded(anchor: str, dbm: float) -> float:
        known_db = off_db.get(anchor, random.gauss(0.0, spread_db))
        off_db[anchor] = 0.9 * known_db + random.gauss(0.0, spread_db * math.sqrt(1.0 - 0.9**2))
        return dbm + off_db[anchor]

    return faded


def _thinned(share: float, random: Random) -> Reading:
    return lambda _, dbm: dbm if random.random() < share else None


def _lost(share: float, random: Random) -> Reading:
    lost: dict[str, bool] = {}
    return lambda anchor, dbm: None if lost.setdefault(anchor, random.random() < share) else dbm


def _moved(spread_db: float, random: Random) -> Reading:
    off_db: dict[str, float] = {}
    return lambda anchor, dbm: dbm + off_db.setdefault(anchor, random.gauss(0.0, spread_db))


CHANGES: Final[Mapping[str, Callable[[Random], Reading]]] = MappingProxyType(
    {
        "as recorded": partial(_thinned, 1.0),
        "4 dB louder": partial(_stronger, 4.0),
        "4 dB weaker": partial(_stronger, -4.0),
        "3 dB of noise a reading": partial(_noisy, 3.0),
        "3 dB of fading a receiver": partial(_fading, 3.0),
        "2 dB of error a receiver": partial(_moved, 2.0),
        "7 readings of 10": partial(_thinned, 0.7),
        "a receiver in 10 lost": partial(_lost, 0.1),
    }
)


def main() -> None:
    """Print a line for every row and change."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    for row in ROWS:
        plan, survey, captures = read(row)
        print(row.name)
        for name, change in CHANGES.items():
            with TemporaryDirectory() as folder:
                walks = [
                    _changed(path, Path(folder) / f"{seed}-{path.name}", change(Random(f"{name} {seed}")))
                    for seed in range(seeds)
                    for path in captures
                ]
                told = figures(pool(each for path in walks for each in ours(path, plan, survey)))
            print(f"  {name:<26}{told['zone_accuracy']:9.3f}{told['flaps_per_hour']:9.0f}", flush=True)


def _changed(capture: Path, to: Path, reading: Reading) -> Path:
    """The capture with each of its readings changed, its truth beside it."""
    header, *lines = capture.read_text(encoding="utf-8").splitlines()
    changed = (_line(json.loads(line), reading) for line in lines)
    to.write_text("\n".join([header, *(json.dumps(line) for line in changed if line)]) + "\n", encoding="utf-8")
    copyfile(capture.with_name(f"{capture.stem}.truth.ndjson"), to.with_name(f"{to.stem}.truth.ndjson"))
    return to


def _line(line: dict[str, object], reading: Reading) -> dict[str, object] | None:
    """A packet or a phone's report, changed; None: nothing of it was heard."""
    seen = line.get("seen")
    if not isinstance(seen, list):
        return _heard(line, str(line["receiver"]), reading)
    heard = (_heard(each, f"{each['uuid']}/{each['major']}/{each['minor']}", reading) for each in seen)
    kept = [each for each in heard if each is not None]
    return {**line, "seen": kept} if kept else None


def _heard(one: dict[str, object], anchor: str, reading: Reading) -> dict[str, object] | None:
    dbm = reading(anchor, float(str(one["rssi_dbm"])))
    return None if dbm is None else {**one, "rssi_dbm": round(dbm)}


if __name__ == "__main__":
    main()
