"""A street of strangers: fresh random addresses beside members, through D-Bus; memory, loss, latency, all on one core.

Two hundred members' phones send their tokens once a second. Beside them strangers' phones that are never met again,
ten thousand a minute, each counted as a guest. The floor is the same shop without strangers, in the same run. Latency
goes from the packet, where the simulated bluetoothd hands it to its bus, to the engine's decision; memory is what the
process grew by after the first quarter, in which every table fills.

    python -m benchmarks.flood [--seconds 600] [--strangers 10000]
"""

import argparse
import asyncio
import hashlib
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import structlog

from benchmarks.ble import BURST_S, SETTLE_S, Arrivals, Figure, against, no_document
from gateway.codecs.adverts import MemberTokenFrame, encode_payload
from gateway.codecs.tokens import day_of, slot_of, token
from gateway.core.engine import Engine
from gateway.model.documents import FloorPlan, Member, Members, Receiver, Zone
from gateway.model.inputs import DocumentReady, Started
from gateway.model.sighting import MemberToken, Sighting
from gateway.model.step import Step
from gateway.model.time import Now
from gateway.pipeline import Pipeline
from gateway.runtime.clock import SystemClock
from gateway.runtime.feed import Feed
from gateway.runtime.health import Health
from gateway.runtime.inbox import Inbox
from gateway.sensing.ble.options import BleOptions
from gateway.sensing.ble.source import BleSource
from gateway.sensing.source import Surroundings, listen
from gateway.storage.database import open_store
from simulators.bluez import SimulatedBluez

MEMBERS = 200
LONGEST_P99_MS = 100.0
MOST_GROWTH_MIB = 32.0
STRANGER = bytes.fromhex("02011a0bff4c0010065b1a8f2c91e4")
"""What a phone sends that says nothing of whom it is: flags, and 'nearby' of Apple's."""

grown_mib: list[float] = []


def key(number: int) -> bytes:
    return hashlib.sha256(f"member {number}".encode()).digest()[:16]


def tokens(utc_s: float) -> list[bytes]:
    return [token(key(number), slot_of(utc_s)) for number in range(MEMBERS)]


def members() -> Members:
    today = day_of(time.time())
    known = (
        Member(f"h{n}", {day: key(n) for day in (today, today + 1)}, purposes=frozenset({"presence"}))
        for n in range(MEMBERS)
    )
    return Members(1, {each.handle: each for each in known})


async def transmit(strangers_a_minute: int, seconds: float) -> None:
    """The radio: says where its bus is, sends, and says when it sent each member's packets."""
    chance, sent = random.Random(1), {number: list[int]() for number in range(MEMBERS)}
    said = tokens(time.time())
    async with SimulatedBluez() as bluez:
        print(json.dumps({"address": bluez.address}), flush=True)
        while not bluez.scanning("hci0"):  # noqa: ASYNC110 - the simulation has no event for it
            await asyncio.sleep(0.05)
        await asyncio.sleep(SETTLE_S)
        began_s, packets, met = time.monotonic(), 0, 0
        while (at_s := time.monotonic() - began_s) < seconds:
            while packets < at_s * MEMBERS:
                number = packets % MEMBERS
                if number == 0:
                    said = tokens(time.time())
                frame = MemberTokenFrame("service_data", 1, said[number], -59)
                address = f"C0:00:00:00:{number >> 8:02X}:{number & 0xFF:02X}"
                if bluez.advertise("hci0", address, -50 - packets % 40, encode_payload(frame)):
                    sent[number].append(time.monotonic_ns())
                packets += 1
            while met < at_s * strangers_a_minute / 60:
                address = ":".join(f"{octet:02X}" for octet in (0x40 | chance.randrange(64), *chance.randbytes(5)))
                bluez.advertise("hci0", address, -60 - met % 30, STRANGER)
                met += 1
            await asyncio.sleep(BURST_S)
        await asyncio.sleep(SETTLE_S)
        print(json.dumps({"offered": packets, "sent": sent}), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


class NotingEngine:
    """The engine, and when it was done with each packet of a member."""

    def __init__(self, engine: Engine, arrivals: Arrivals) -> None:
        self._engine = engine
        self._arrivals = arrivals
        self._known: dict[bytes, int] = {}

    @property
    def deadline_s(self) -> float | None:
        return self._engine.deadline_s

    def step(self, input: Any, now: Now) -> Step:
        step = self._engine.step(input, now)
        if isinstance(input, Sighting) and isinstance(input.token, MemberToken):
            if input.token.value not in self._known:
                self._known |= {value: number for number, value in enumerate(tokens(time.time()))}
            self._arrivals[self._known[input.token.value]].append(time.monotonic_ns())
        return step


def plan() -> FloorPlan:
    zones = {"shop": Zone("shop", "entrance")}
    return FloorPlan("bench", "bench", "UTC", ("en",), zones, {"gw-1": Receiver("gw-1", zone="shop")}, {}, {})


async def our_gateway(done: Callable[[], Awaitable[Any]]) -> Arrivals:
    arrivals: Arrivals = {number: [] for number in range(MEMBERS)}
    health, inbox, begin = Health(), Inbox(SystemClock()), asyncio.Event()
    with tempfile.TemporaryDirectory(prefix="proximity-bench-") as folder:
        async with open_store(Path(folder), bytes(32)) as store:
            engine = Engine(incarnation=store.incarnation, id_key=bytes(32), floorplan=plan())
            noting = NotingEngine(engine, arrivals)
            pipeline = Pipeline(inbox=inbox, engine=noting, store=store, feed=Feed(), health=health)
            source = BleSource(BleOptions("gw-1", "hci0", guests=True), Surroundings(Path(folder), health, no_document))
            await inbox.put(DocumentReady("members", 1, "sha256:" + "0" * 64, members()))
            await inbox.put(Started("bench"))
            begin.set()
            running = asyncio.create_task(pipeline.run())
            edges = {asyncio.create_task(listen(source, inbox, begin)), asyncio.create_task(weigh())}
            await done()
            for edge in edges:
                edge.cancel()
            await asyncio.wait(edges)
            inbox.close()
            await running
            if source.lost or inbox.dropped:
                print(f"lost in the gateway: {source.lost} at the source, {inbox.dropped} at the inbox")
    return arrivals


async def weigh() -> None:
    """Note what the process weighs, every second (MiB)."""
    grown_mib.clear()
    while True:
        pages = int(Path("/proc/self/statm").read_text().split()[1])  # noqa: ASYNC240 - no file of a disk
        grown_mib.append(pages * os.sysconf("SC_PAGESIZE") / 2**20)
        await asyncio.sleep(1.0)


def run(strangers_a_minute: int, seconds: float) -> tuple[Figure, float, float]:
    """The figure, the most that the process weighed, and what it grew by after the first quarter (MiB)."""
    radio = ["-m", "benchmarks.flood", "--radio", f"--strangers={strangers_a_minute}", f"--seconds={seconds}"]
    figure = against(radio, our_gateway)
    settled = max(grown_mib[: max(1, len(grown_mib) // 4)])
    return figure, max(grown_mib), max(grown_mib) - settled


def main() -> None:
    arguments = argparse.ArgumentParser(description="Fresh addresses beside members: memory, loss, latency.")
    arguments.add_argument("--seconds", type=float, default=600.0)
    arguments.add_argument("--strangers", type=int, default=10_000, help="fresh addresses a minute")
    arguments.add_argument("--radio", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.radio:
        asyncio.run(transmit(given.strangers, given.seconds))
        return
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    print(f"{MEMBERS} members beside {given.strangers} fresh addresses a minute for {given.seconds:.0f} s, on one core")
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    floor = run(0, min(60.0, given.seconds))
    ours = run(given.strangers, given.seconds)
    for name, (each, most_mib, growth_mib) in (("members alone", floor), ("with strangers", ours)):
        heard = f"{each.arrived} of {each.sent} members' packets  p50 {each.p50_ms:.2f} ms  p99 {each.p99_ms:.2f} ms"
        weight = f"{most_mib:.0f} MiB, grew by {growth_mib:.1f} after the first quarter"
        print(f"{name:15} {heard}  {each.cpu_us:.0f} us CPU a packet  {weight}")
    (figure, _, growth_mib), alone = ours, floor[0]
    later, dearer = figure.p99_ms / alone.p99_ms, figure.cpu_us / alone.cpu_us
    print(f"beside members alone: p99 {later:.1f} times as long, CPU {dearer:.1f} times as much")
    sound = figure.sent == figure.arrived and figure.p99_ms < LONGEST_P99_MS and growth_mib < MOST_GROWTH_MIB
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
