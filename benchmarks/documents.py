"""What 100,000 members and 50,000 products cost the daemon: memory, and the longest the event loop waits for a swap.

Beside it, in the same run, the same documents compiled into dictionaries in a thread of the daemon. Each in a process
of its own, three rounds, medians. `idle` is a loop with nothing to do beside a process that compiles: what the machine
itself makes a loop wait.
"""

import asyncio
import base64
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from gateway.codecs.signing import digest_of
from gateway.codecs.tokens import day_of, slot_of, token
from gateway.core.engine import Engine
from gateway.documents.apart import Apart
from gateway.documents.checks import Here
from gateway.documents.registry import ready
from gateway.documents.verify import Manifest, TrustOptions
from gateway.model.documents import FloorPlan, Members, Products
from gateway.model.inputs import DocumentReady, TokensReady
from gateway.model.sighting import MemberToken, Sighting
from gateway.model.store import StoreRef
from gateway.model.time import Now
from gateway.runtime.feed import Committed
from gateway.storage.documents import KeptDocuments
from gateway.uplink.library import Library
from gateway.uplink.tokens import TokenTables

MEMBERS, PRODUCTS, ROUNDS, LOOKUPS = 100_000, 50_000, 3, 5_000
STORE = StoreRef("bench", "bench", "gw-1")
NOW = Now(1.0, 1_795_000_000.0, "synced", "bench")


def key_of(number: int) -> bytes:
    return number.to_bytes(16, "big")


def members() -> bytes:
    day = day_of(NOW.utc_s)
    facts = {"languages": ["fr"], "purposes": ["presence", "offers"], "segments": ["sneakers"]}
    header: dict[str, object] = {"document": "members", "serial": 1}
    keys = ({str(day + step): base64.b64encode(key_of(number)).decode() for step in (-1, 0, 1)} for number in _all())
    lines = ({"handle": f"h{number:06d}", "keys": each} | facts for number, each in enumerate(keys))
    return "\n".join([json.dumps(header), *map(json.dumps, lines)]).encode()


def _all() -> range:
    return range(MEMBERS)


def products() -> bytes:
    def product(number: int) -> dict[str, object]:
        first = f"{number:013d}"
        check = -sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(first)) % 10
        names = {"fr": f"Basket {number}", "en": f"Trainers {number}"}
        words = {"colour": "red", "material": "suède", "care": "wipe with a soft cloth " * 8}
        return {"gtin": f"{first}{check}", "names": names, "price": 89.9, "currency": "EUR", "attributes": words}

    written = {"document": "products", "serial": 1, "products": [product(number) for number in range(PRODUCTS)]}
    return json.dumps(written, ensure_ascii=False).encode()


class Loop:
    """An event loop that notes the longest it was kept from its work (seconds)."""

    def __init__(self) -> None:
        self.longest_s = 0.0

    async def watch(self) -> None:
        while True:
            began_s = time.perf_counter()
            await asyncio.sleep(0.001)
            self.longest_s = max(self.longest_s, time.perf_counter() - began_s - 0.001)


def resident_mib(kind: str = "RssAnon") -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{kind}:"))


class Shop:
    """An engine and the two ways in which documents come to it."""

    def __init__(self, directory: Path) -> None:
        self.engine = Engine(
            incarnation="0" * 16,
            id_key=bytes(32),
            floorplan=FloorPlan("bench", "bench", "UTC", ("en",), {}, {}, {}, {}),
        )
        self.directory = directory
        self.apart = Apart(Here("bench", "bench"))
        self.library = Library(KeptDocuments(directory / "state"), self.apart, STORE, TrustOptions(), bytes(32))

    async def mapped(self, name: str) -> DocumentReady:
        raw = await asyncio.to_thread((self.directory / name).read_bytes)
        digest = await asyncio.to_thread(digest_of, raw)
        manifest = Manifest(serial=1, digest=digest, size=len(raw), key="", signature="")
        await self.library.kept.prepare()
        await self.library.kept.write(name, digest, raw)
        del raw
        return (await self.library.admit(name, manifest, None)).ready

    async def held(self, name: str) -> DocumentReady:
        raw = await asyncio.to_thread((self.directory / name).read_bytes)
        return await asyncio.to_thread(ready, name, raw, 1)

    def step(self, input: DocumentReady | TokensReady | Sighting) -> None:
        self.engine.step(input, NOW)

    async def tokens(self, document: DocumentReady) -> None:
        """Have the token tables computed apart and handed to the engine."""

        async def put(table: TokensReady) -> None:
            self.step(table)
            handed.set()

        handed = asyncio.Event()
        tables = TokenTables(self.library, now=lambda: NOW, put=put, report=lambda _: None)
        tables.hear(Committed((), (), {}, (document,)))
        running = asyncio.create_task(tables.run())
        await handed.wait()
        running.cancel()


async def idle(directory: Path) -> float:
    """The longest wait of a loop that does nothing while another process works (milliseconds)."""
    loop = Loop()
    watching = asyncio.create_task(loop.watch())
    command = (sys.executable, "-m", "benchmarks.documents", "held", str(directory))
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    await child.wait()
    watching.cancel()
    return loop.longest_s * 1000


async def one(way: str, directory: Path) -> dict[str, float]:
    shop, loop = Shop(directory), Loop()
    before_mib = resident_mib()
    watching = asyncio.create_task(loop.watch())
    began_s = time.perf_counter()
    documents = [await (shop.mapped if way == "mapped" else shop.held)(name) for name in ("members", "products")]
    for document in documents:
        shop.step(document)
    if way == "mapped":
        await shop.tokens(documents[0])
    shop.step(Sighting("ble", "gw-1", MemberToken(token(key_of(7), slot_of(NOW.utc_s))), -60.0))
    await asyncio.sleep(0.01)
    took_s = time.perf_counter() - began_s
    watching.cancel()
    return {
        "took_s": took_s,
        "stall_ms": loop.longest_s * 1000,
        "anon_mib": resident_mib() - before_mib,
        "file_mib": resident_mib("RssFile"),
        "lookup_us": _lookup_us(documents),
    }


def _lookup_us(documents: list[DocumentReady]) -> float:
    chance = random.Random(7)
    handles = [f"h{chance.randrange(MEMBERS):06d}" for _ in range(LOOKUPS)]
    known = documents[0].content
    assert isinstance(known, Members)
    assert isinstance(documents[1].content, Products)
    began_s = time.process_time()
    for handle in handles:
        assert known.members[handle].purposes
    return (time.process_time() - began_s) / LOOKUPS * 1e6


def main() -> None:
    """Print, of both ways, the medians of three rounds."""
    if len(sys.argv) == 3:
        print(json.dumps(asyncio.run(one(sys.argv[1], Path(sys.argv[2])))))
        return
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("members", members()), ("products", products())):
            (Path(folder) / name).write_bytes(content)
            print(f"{name:8} {len(content) / 1e6:6.1f} MB")
        rounds: dict[str, list[dict[str, float]]] = {"mapped": [], "held": []}
        idle_ms = []
        for _ in range(ROUNDS):
            idle_ms.append(asyncio.run(idle(Path(folder))))
            for way, found in rounds.items():
                command = [sys.executable, "-m", "benchmarks.documents", way, folder]
                found.append(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
    print("         memory MiB   of files MiB   longest stall ms   in use after s   lookup us")
    for way, found in rounds.items():
        figures = [median(each[name] for each in found) for name in found[0]]
        took_s, stall_ms, anon_mib, file_mib, lookup_us = figures
        print(f"{way:8} {anon_mib:9.1f} {file_mib:12.1f} {stall_ms:16.1f} {took_s:15.1f} {lookup_us:13.1f}")
    print(f"idle     {'':9} {'':12} {median(idle_ms):16.1f}")
    stall_ms = median(each["stall_ms"] for each in rounds["mapped"])
    print(f"mapped, beyond what an idle loop waits: {stall_ms - median(idle_ms):.1f} ms")


if __name__ == "__main__":
    main()
