"""What the store costs beside bare SQLite: CPU microseconds an event, group commits of 100, both in the same run.

The bare side inserts bodies of the same size, made beforehand, in the same transactions (WAL, synchronous=FULL): the
floor of this disk and this SQLite. Ours encodes and seals the events, saves the stream's record and its pace, and
crosses to aiosqlite's thread. Rounds are interleaved and medians taken, for the machine may be shared.

    python -m benchmarks.storage [EVENTS]
"""

import asyncio
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gateway.model.event import Event
from gateway.model.step import Save, Stream
from gateway.storage.batch import Batch
from gateway.storage.database import open_store
from gateway.storage.outbox import open_outbox

PER_COMMIT = 100
ROUNDS = 5
UTC_S = 1_790_000_000.0
INCARNATION = "9f2c44d01b7ae583"
SEAL_BYTES = 12 + 16
EVENT_BYTES = 321
"""An event of the kind below as JSON."""


def event(sequence: int) -> Event:
    """An event like those of a busy shop: 300 bytes of JSON."""
    return Event(
        id=f"019a0000-0000-7000-8000-{sequence:012x}",
        incarnation=INCARNATION,
        stream="visit",
        sequence=sequence,
        type="zone.entered",
        subject="m.q3lzt7w2k5",
        time_utc_s=UTC_S + sequence / 1000,
        recorded_utc_s=UTC_S + sequence / 1000,
        data={
            "visit": "v.k5zq3m2v7c4xw6ta",
            "zone": "shoes",
            "confidence": 0.93,
            "assurance": "proximate",
            "media": ["ble"],
            "evidence_at": "2026-11-21T10:00:00.123Z",
            "clock": "synced",
        },
    )


def bare(directory: Path, count: int, body_bytes: int) -> None:
    """Insert bodies of the same size with nothing around them."""
    connection = sqlite3.connect(directory / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY, at REAL, topic TEXT, body BLOB)")
    body = bytes(body_bytes)
    for _ in range(0, count, PER_COMMIT):
        connection.execute("BEGIN IMMEDIATE")
        rows = [(UTC_S, "events/visit", body)] * PER_COMMIT
        connection.executemany("INSERT INTO outbox (at, topic, body) VALUES (?, ?, ?)", rows)
        connection.execute("COMMIT")
    connection.close()


async def ours(directory: Path, batches: list[Batch]) -> None:
    """Commit the same events through the store."""
    async with open_store(directory, bytes(32)) as store:
        for batch in batches:
            await store.commit(batch)


async def read_back(directory: Path, count: int) -> None:
    """Read all that was committed, 1000 at a time, as the sender would."""
    async with open_outbox(directory, bytes(32)) as outbox:
        read = 0
        while events := await outbox.after(INCARNATION, "visit", read, 1000):
            read = events[-1].sequence
    assert read == count


def batches_of(count: int) -> list[Batch]:
    """The events in groups, each with the record of their stream."""
    return [
        Batch((Save(Stream("visit", first + PER_COMMIT)),), tuple(event(first + n) for n in range(PER_COMMIT)))
        for first in range(1, count, PER_COMMIT)
    ]


def cost_us(work: Callable[[], object], count: int) -> tuple[float, float]:
    """CPU (all threads, user and system) and wall microseconds an event."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return (time.process_time() - cpu) / count * 1e6, (time.perf_counter() - wall) / count * 1e6


def one_round(count: int, batches: list[Batch], body_bytes: int) -> dict[str, tuple[float, float]]:
    """Each side once, in a fresh directory of the working directory's disk."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as place:
        directory = Path(place)
        return {
            "bare": cost_us(lambda: bare(directory, count, body_bytes), count),
            "store": cost_us(lambda: asyncio.run(ours(directory, batches)), count),
            "read": cost_us(lambda: asyncio.run(read_back(directory, count)), count),
            "bytes": (size(directory / "bare.db") / count, size(directory / "gateway.db") / count),
        }


def size(path: Path) -> int:
    return path.stat().st_size


def main() -> None:
    count = (int(sys.argv[1]) if len(sys.argv) > 1 else 20_000) // PER_COMMIT * PER_COMMIT
    body_bytes = EVENT_BYTES + SEAL_BYTES
    batches = batches_of(count)
    rounds = [one_round(count, batches, body_bytes) for _ in range(ROUNDS)]
    cpu = {name: statistics.median(found[name][0] for found in rounds) for name in rounds[0]}
    wall = {name: statistics.median(found[name][1] for found in rounds) for name in rounds[0]}
    figures = {
        "events": count,
        "body_bytes": body_bytes,
        "bare_cpu_us": round(cpu["bare"], 2),
        "store_cpu_us": round(cpu["store"], 2),
        "ratio": round(cpu["store"] / cpu["bare"], 2),
        "bare_wall_us": round(wall["bare"], 2),
        "store_wall_us": round(wall["store"], 2),
        "read_cpu_us": round(cpu["read"], 2),
        "bare_file_bytes": round(cpu["bytes"]),
        "store_file_bytes": round(wall["bytes"]),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
