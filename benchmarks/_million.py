"""A process as large as the gateway's that takes a million members: `benchmarks.identity` runs and watches it."""

import asyncio
import hashlib
import hmac
import json
import sys
import time
from pathlib import Path

from benchmarks.documents import NOW, STORE, Loop
from gateway import app
from gateway.codecs.tokens import day_of, slot_of, token
from gateway.core.token_slots import TokenSlots
from gateway.documents.apart import Apart
from gateway.documents.checks import Here
from gateway.documents.verify import Manifest, TrustOptions
from gateway.model.documents import Members
from gateway.model.health import Condition
from gateway.model.inputs import DocumentReady, TokensReady
from gateway.runtime.feed import Committed
from gateway.storage.documents import KeptDocuments
from gateway.uplink.library import Library
from gateway.uplink.tokens import AHEAD, TokenTables

SLOT, DAY = slot_of(NOW.utc_s), day_of(NOW.utc_s)


def key_of(number: int) -> bytes:
    return hmac.digest(b"bench", number.to_bytes(4, "big"), "sha256")[:16]


class Work:
    """The most that the loop's thread worked at a stretch (seconds of a processor), however busy the machine is."""

    def __init__(self) -> None:
        self.longest_s = 0.0

    async def watch(self) -> None:
        while True:
            began_s = time.thread_time()
            await asyncio.sleep(0.001)
            self.longest_s = max(self.longest_s, time.thread_time() - began_s)


async def grow(folder: Path) -> dict[str, float]:
    """Take the document as a gateway does, have the tables made, recognise one member."""
    assert callable(app.run_gateway)
    apart = Apart(Here("bench", "bench"))
    library = Library(KeptDocuments(folder / "state"), apart, STORE, TrustOptions(), bytes(32))
    raw = folder / "members"
    digest = await asyncio.to_thread(_digest_of, raw)
    manifest = Manifest(serial=1, digest=digest, size=raw.stat().st_size, key="", signature="")
    await library.kept.prepare()
    raw.rename(library.kept.content("members", digest))
    began_s = time.perf_counter()
    ready = (await library.admit("members", manifest, None)).ready
    compiled_s = time.perf_counter() - began_s
    loop, work = Loop(), Work()
    watching = [asyncio.create_task(each.watch()) for each in (loop, work)]
    slots = TokenSlots()
    members = ready.content
    assert isinstance(members, Members)
    slots.use(members)
    began_s = time.perf_counter()
    first_s = await _tables(library, ready, slots) - began_s
    tables_s = time.perf_counter() - began_s
    assert slots.handle_of(token(key_of(7), SLOT), SLOT) == f"h{7:015d}"
    for each in watching:
        each.cancel()
    waits = {"work_ms": work.longest_s * 1000, "stall_ms": loop.longest_s * 1000, "idle_ms": await _idle_ms()}
    return {"compiled_s": compiled_s, "first_s": first_s, "tables_s": tables_s, **waits}


async def _idle_ms() -> float:
    """The longest wait of a loop with nothing to do beside a process that works: what the machine itself makes it."""
    loop = Loop()
    watching = asyncio.create_task(loop.watch())
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", "sum(range(150_000_000))")
    await child.wait()
    watching.cancel()
    return loop.longest_s * 1000


async def _tables(library: Library, ready: DocumentReady, slots: TokenSlots) -> float:
    """When the table of what is sent now was there (on `time.perf_counter`); returns once all are."""
    handed: list[float] = []
    complete = asyncio.Event()

    async def put(table: TokensReady) -> None:
        slots.use_table(table.slot, table.table)
        handed.append(time.perf_counter())
        if len(handed) == AHEAD + 2:
            complete.set()

    tables = TokenTables(library, now=lambda: NOW, put=put, report=_loud)
    tables.hear(Committed((), (), {}, (ready,)))
    running = asyncio.create_task(tables.run())
    waiting = asyncio.create_task(complete.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    assert complete.is_set(), running.exception()
    running.cancel()
    return handed[0]


def _loud(condition: Condition) -> None:
    """A table that cannot be made ends the benchmark."""
    assert condition.severity == "ok", condition


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(grow(Path(sys.argv[1])))))
