"""Our outbox beside the event storage of thingsboard-gateway, the best known store-and-forward gateway in Python.

One run, rounds interleaved, medians: CPU microseconds (all threads, user and system) of a backlog of 25,000 events of
300 bytes, put, read again 1,000 at a time and acknowledged; how much of that backlog came back; and how many events
that were accepted are gone after a kill -9, which no disk has to be blamed for. The peer's storage takes and gives
strings, which its gateway encodes and decodes besides; ours takes and gives events, so that JSON, compression and
sealing are in our figure and not in the peer's. Ours commits 1,000 at a time, as the peer's writer does, and 100.
Accepted is what `put()` said True to, and in ours what is committed.

    python -m benchmarks.peer_storage [EVENTS]

The peer is installed from requirements/thingsboard.lock into build/thingsboard at the first run.
"""

import asyncio
import gc
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.storage import INCARNATION, event
from gateway.model.step import Save, Stream
from gateway.storage.batch import Batch
from gateway.storage.database import Store, open_store
from gateway.storage.outbox import Outbox, open_outbox

EVENTS = 25_000
AT_ONCE = 1_000
ROUNDS = 3
KILLS = 6
MOST_RATIO = 0.75
"""Of the CPU of the peer's SQLite storage, what ours may take."""
SECRET = bytes(32)
PEER_HOME = Path("build/thingsboard")
PEER_LOCK = Path("requirements/thingsboard.lock")
PEER = Path(__file__).with_name("_thingsboard.py")


def peer_python() -> Path:
    """The peer's own Python, made at the first run."""
    python = PEER_HOME / "bin" / "python"
    made_from = PEER_HOME / ".made-from"
    if not made_from.exists() or made_from.read_text() != PEER_LOCK.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", PEER_HOME], check=True)
        quietly = ("-q", "--disable-pip-version-check", "--require-hashes", "--no-deps")
        subprocess.run([python, "-m", "pip", "install", *quietly, "-r", PEER_LOCK], check=True)
        made_from.write_text(PEER_LOCK.read_text())
    return python


def peer(python: Path, kind: str, count: int) -> tuple[float, int]:
    """CPU microseconds an event, and how many came back."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as place:
        told = json.loads(subprocess.check_output([python, PEER, kind, "cost", place, str(count)]))
    return told["cpu_us"], told["found"]


def batches(count: int, at_once: int) -> list[Batch]:
    return [
        Batch((Save(Stream("visit", first + at_once)),), tuple(event(first + n) for n in range(at_once)))
        for first in range(1, count, at_once)
    ]


async def read_and_ack(store: Store, outbox: Outbox) -> int:
    """All that waits, acknowledged as it is read; how much it was."""
    found = 0
    while events := await outbox.after(INCARNATION, "visit", found, AT_ONCE):
        found = events[-1].sequence
        await store.commit(Batch(acks={(INCARNATION, "visit"): found}))
    return found


async def left_in(directory: Path) -> int:
    """How many events a database gives back."""
    async with open_store(directory, SECRET) as store, open_outbox(directory, SECRET) as outbox:
        return await read_and_ack(store, outbox)


def ours(count: int, at_once: int) -> tuple[float, int]:
    """CPU microseconds an event, and how many came back."""
    made = batches(count, at_once)
    gc.collect()
    gc.freeze()  # what was made beforehand is none of the store's garbage

    async def work(directory: Path) -> tuple[float, int]:
        async with open_store(directory, SECRET) as store, open_outbox(directory, SECRET) as outbox:
            began_s = time.process_time()
            for batch in made:
                await store.commit(batch)
            found = await read_and_ack(store, outbox)
            return (time.process_time() - began_s) / count * 1e6, found

    with tempfile.TemporaryDirectory(dir=Path.cwd()) as place:
        return asyncio.run(work(Path(place)))


async def flood(directory: Path) -> None:
    """Commit ten events at a time and say so, until killed."""
    async with open_store(directory, SECRET) as store:
        for batch in batches(100_000, 10):
            await store.commit(batch)
            print(batch.events[-1].sequence, flush=True)


def lost_in_kill(command: list[Any], chance: random.Random) -> int:
    """Start what prints how many events it accepted, kill it at a moment, and return that number."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.uniform(0.3, 1.5))
        process.kill()
        lines = process.stdout.read().split("\n")[:-1]
    return int(lines[-1])


def kills(python: Path, kind: str) -> list[int]:
    """Events accepted and gone, in each trial."""
    chance, lost = random.Random(4), []
    for _ in range(KILLS):
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as place:
            if kind == "ours":
                accepted = lost_in_kill([sys.executable, "-m", "benchmarks.peer_storage", "--flood", place], chance)
                found = asyncio.run(left_in(Path(place)))
            else:
                accepted = lost_in_kill([python, PEER, kind, "flood", place, "100000"], chance)
                told = subprocess.check_output([python, PEER, kind, "count", place, "100000"])
                found = json.loads(told)["found"]
        lost.append(max(0, accepted - found))
    return lost


def main() -> None:
    if "--flood" in sys.argv:
        asyncio.run(flood(Path(sys.argv[-1])))
        return
    count = (int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS) // AT_ONCE * AT_ONCE
    python = peer_python()
    sides: dict[str, Callable[[], tuple[float, int]]] = {
        "thingsboard sqlite": lambda: peer(python, "sqlite", count),
        "thingsboard file": lambda: peer(python, "file", count),
        "ours, 1000 a commit": lambda: ours(count, AT_ONCE),
        "ours, 100 a commit": lambda: ours(count, 100),
    }
    rounds = [{name: side() for name, side in sides.items()} for _ in range(ROUNDS)]
    cpu_us = {name: statistics.median(found[name][0] for found in rounds) for name in sides}
    print(f"{count} events of 300 bytes: put, read, acknowledged")
    for name in sides:
        returned = min(found[name][1] for found in rounds)
        ratio = cpu_us[name] / cpu_us["thingsboard sqlite"]
        print(f"{name:20} {cpu_us[name]:6.2f} us CPU an event {ratio:5.2f} x its sqlite  {returned} came back")
    for kind in ("sqlite", "file", "ours"):
        name = kind if kind == "ours" else f"thingsboard {kind}"
        print(f"{name:20} accepted and gone after each of {KILLS} kill -9: {kills(python, kind)}")
    whole = all(found["ours, 1000 a commit"][1] == count for found in rounds)
    sys.exit(0 if whole and cpu_us["ours, 1000 a commit"] <= MOST_RATIO * cpu_us["thingsboard sqlite"] else 1)


if __name__ == "__main__":
    main()
