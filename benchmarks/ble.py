"""Bluetooth adverts through D-Bus: what is lost, how long they take, what each costs; all of it on one core.

One hundred tags in the air, the level of each packet its own; the simulated BlueZ, the bus and the side measured share
one core. The peer is bleak alone, the same two scans and a callback that only notes the time. Ours goes from the packet
to the engine's decision: source, inbox, pipeline, and a real database. Latency counts from the moment at which the
simulated bluetoothd hands a packet to its bus, so it holds the bus and bleak too. CPU is the measured process's own.

A decision is made in memory and served once it is committed, so that what a person waits for is measured beside it: a
question every 50 ms, from asking to the answer, and how much of that was the commit (the rest is the time for which an
urgent batch waits for company). `--disturbed` runs a process beside that keeps another core busy and syncs a file
without end, on the same disk.

    python -m benchmarks.ble [--seconds 20] [--rate 1000] [--disturbed]
"""

import argparse
import asyncio
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from bleak import BleakScanner

from gateway.codecs.adverts import IBeacon, encode_payload
from gateway.core.engine import Engine
from gateway.model.documents import Beacon, FloorPlan, Receiver, Zone
from gateway.model.inputs import DocumentReady, OperatorNotice, Started
from gateway.model.sighting import IBEACON, BeaconId, Sighting
from gateway.model.step import Step
from gateway.model.time import Now
from gateway.pipeline import Pipeline
from gateway.runtime.clock import SystemClock
from gateway.runtime.feed import Feed
from gateway.runtime.health import Health
from gateway.runtime.inbox import Inbox
from gateway.sensing.ble.options import BleOptions
from gateway.sensing.ble.patterns import OR_PATTERNS
from gateway.sensing.ble.source import BleSource
from gateway.sensing.source import Surroundings, listen
from gateway.storage.batch import Batch
from gateway.storage.database import Store, open_store
from simulators.bluez import SimulatedBluez

TAGS = 100
UUID = "5f1d0000-0000-4000-8000-00805f9b0001"
BURST_S = 0.01
SETTLE_S = 2.0
ASK_EVERY_S = 0.05
QUESTION = OperatorNotice("operation", "publish.refused", {"class": "visit", "reason": "denied"})
LONGEST_P99_MS = 50.0

Arrivals = dict[int, list[int]]
"""By tag, when each of its packets was sent or arrived (nanoseconds of the monotonic clock), in order."""


Side = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Arrivals]]
"""What is measured: it runs until what it is given is done, and gives what arrived when."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What one side did."""

    sent: int
    arrived: int
    p50_ms: float
    p99_ms: float
    cpu_us: float


def address(tag: int) -> str:
    return f"C0:00:00:00:00:{tag:02X}"


async def transmit(rate: int, seconds: float) -> None:
    """The radio: a process of its own that says where its bus is, sends, and says when it sent what."""
    payloads = [encode_payload(IBeacon(UUID, 1, tag, -59)) for tag in range(TAGS)]
    sent: Arrivals = {tag: [] for tag in range(TAGS)}
    async with SimulatedBluez() as bluez:
        print(json.dumps({"address": bluez.address}), flush=True)
        while not bluez.scanning("hci0"):  # noqa: ASYNC110 - the simulation has no event for it
            await asyncio.sleep(0.05)
        await asyncio.sleep(SETTLE_S)
        began_s, number = time.monotonic(), 0
        while (at_s := time.monotonic() - began_s) < seconds:
            while number < at_s * rate:
                tag = number % TAGS
                if bluez.advertise("hci0", address(tag), -50 - number % 40, payloads[tag]):
                    sent[tag].append(time.monotonic_ns())
                number += 1
            await asyncio.sleep(BURST_S)
        await asyncio.sleep(SETTLE_S)
        print(json.dumps({"offered": number, "sent": sent}), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


def measured(side: Side, rate: int, seconds: float) -> Figure:
    """Run one side against a radio of its own."""
    return against(["-m", "benchmarks.ble", "--radio", f"--rate={rate}", f"--seconds={seconds}"], side)


def against(radio_arguments: Sequence[str], side: Side) -> Figure:
    """Run one side against the radio that Python is with these arguments."""
    command = [sys.executable, *radio_arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as radio:
        assert radio.stdout is not None
        assert radio.stdin is not None
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = json.loads(radio.stdout.readline())["address"]
        told: dict[str, Any] = {}
        reading = radio.stdout

        async def done() -> None:
            line = await asyncio.get_running_loop().run_in_executor(None, reading.readline)
            told.update(json.loads(line))

        async def run() -> tuple[Arrivals, float]:
            began_s = time.process_time()
            return await side(done), time.process_time() - began_s

        try:
            arrivals, cpu_s = asyncio.run(run())
            radio.stdin.close()
        except BaseException:
            radio.terminate()
            raise
    sent = {int(tag): times for tag, times in told["sent"].items()}
    return figure(told["offered"], sent, arrivals, cpu_s)


def figure(offered: int, sent: Arrivals, arrivals: Arrivals, cpu_s: float) -> Figure:
    """The n-th packet of a tag that arrived is the n-th that was sent, as nothing overtakes and nothing is lost."""
    waits_ms = sorted(
        (arrived - left) / 1e6 for tag in sent for left, arrived in zip(sent[tag], arrivals[tag], strict=False)
    )
    count = sum(len(times) for times in arrivals.values())
    return Figure(offered, count, _share(waits_ms, 0.5), _share(waits_ms, 0.99), cpu_s / max(1, count) * 1e6)


def _share(ordered: Sequence[float], share: float) -> float:
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else math.nan


async def bleak_alone(done: Callable[[], Awaitable[Any]]) -> Arrivals:
    arrivals: Arrivals = {tag: [] for tag in range(TAGS)}
    note = {address(tag): arrivals[tag].append for tag in range(TAGS)}

    def hear(device: Any, _advertisement: Any) -> None:
        note[device.address](time.monotonic_ns())

    passive = BleakScanner(
        lambda _device, _advertisement: None, scanning_mode="passive", bluez={"or_patterns": [*OR_PATTERNS]}
    )
    async with passive, BleakScanner(hear, bluez={"filters": {"RSSI": -127, "DuplicateData": True}}):
        await done()
    return arrivals


class TimedStore:
    """The store, and how long each commit took (milliseconds)."""

    def __init__(self, store: Store) -> None:
        self.took_ms: list[float] = []
        self.make_room = store.make_room
        self.sweep = store.sweep
        self._store = store

    async def commit(self, batch: Batch) -> None:
        began_s = time.monotonic()
        await self._store.commit(batch)
        self.took_ms.append(1000 * (time.monotonic() - began_s))


async def ask_on(inbox: Inbox, waits_ms: list[float]) -> None:
    """Ask every 50 ms, and note when the answer came (milliseconds)."""
    while True:
        began_s = time.monotonic()
        await inbox.ask(QUESTION)
        waits_ms.append(1000 * (time.monotonic() - began_s))
        await asyncio.sleep(ASK_EVERY_S)


class NotingEngine:
    """The engine, and when it was done with each packet."""

    def __init__(self, engine: Engine, arrivals: Arrivals) -> None:
        self._engine = engine
        self._note = {BeaconId(IBEACON, f"{UUID}/1/{tag}"): times.append for tag, times in arrivals.items()}

    @property
    def deadline_s(self) -> float | None:
        return self._engine.deadline_s

    def step(self, input: Any, now: Now) -> Step:
        step = self._engine.step(input, now)
        if isinstance(input, Sighting) and isinstance(input.token, BeaconId):
            self._note[input.token](time.monotonic_ns())
        return step


def no_document(_path: Path, _name: str) -> DocumentReady:
    raise NotADirectoryError


def plan() -> FloorPlan:
    tags = {f"t{tag}": Beacon(f"t{tag}", BeaconId(IBEACON, f"{UUID}/1/{tag}"), mobile=True) for tag in range(TAGS)}
    zones = {"shop": Zone("shop", "entrance")}
    return FloorPlan("bench", "bench", "UTC", ("en",), zones, {"gw-1": Receiver("gw-1", zone="shop")}, tags, {})


async def our_gateway(done: Callable[[], Awaitable[Any]]) -> Arrivals:
    arrivals: Arrivals = {tag: [] for tag in range(TAGS)}
    health, inbox, begin = Health(), Inbox(SystemClock()), asyncio.Event()
    with tempfile.TemporaryDirectory(prefix="proximity-bench-") as folder:
        async with open_store(Path(folder), bytes(32)) as store:
            engine = Engine(incarnation=store.incarnation, id_key=bytes(32), floorplan=plan())
            noting = NotingEngine(engine, arrivals)
            timed, waits_ms = TimedStore(store), list[float]()
            pipeline = Pipeline(inbox=inbox, engine=noting, store=timed, feed=Feed(), health=health)
            source = BleSource(BleOptions("gw-1", "hci0"), Surroundings(Path(folder), health, no_document))
            await inbox.put(Started("bench"))
            begin.set()
            running = asyncio.create_task(pipeline.run())
            edges = {asyncio.create_task(listen(source, inbox, begin)), asyncio.create_task(ask_on(inbox, waits_ms))}
            await done()
            for edge in edges:
                edge.cancel()
            await asyncio.wait(edges)
            inbox.close()
            await running
    for what, took_ms in (("asked to answered", waits_ms), ("of it the commit", timed.took_ms)):
        ordered = sorted(took_ms)
        print(
            f"{what:18} {len(ordered):6} times  p50 {_share(ordered, 0.5):6.2f} ms  p99 {_share(ordered, 0.99):6.2f} ms"
        )
    if source.lost or inbox.dropped:
        print(f"lost in the gateway: {source.lost} at the source, {inbox.dropped} at the inbox")
    return arrivals


def disturb() -> None:
    """Compute and sync, for ever."""
    with tempfile.NamedTemporaryFile(prefix="proximity-bench-") as file:
        while True:
            sum(range(300_000))
            file.write(bytes(65_536))
            file.flush()
            os.fsync(file.fileno())
            if file.tell() > 1 << 26:
                file.seek(0)


@contextmanager
def disturbed(wanted: bool) -> Iterator[None]:
    """While the block lasts, somebody else is at work on the other cores and on the disk."""
    if not wanted:
        yield
        return
    with subprocess.Popen([sys.executable, "-m", "benchmarks.ble", "--disturb"]) as other:
        try:
            yield
        finally:
            other.terminate()


def main() -> None:
    arguments = argparse.ArgumentParser(description="Adverts through D-Bus: loss, latency and cost on one core.")
    arguments.add_argument("--seconds", type=float, default=20.0)
    arguments.add_argument("--rate", type=int, default=1000, help="adverts a second")
    arguments.add_argument("--disturbed", action="store_true", help="beside a process that computes and syncs")
    arguments.add_argument("--disturb", action="store_true", help=argparse.SUPPRESS)
    arguments.add_argument("--radio", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.radio:
        asyncio.run(transmit(given.rate, given.seconds))
        return
    if given.disturb:
        disturb()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    beside = ", beside a process that computes and syncs" if given.disturbed else ""
    print(f"{given.rate} adverts/s of {TAGS} tags for {given.seconds:.0f} s, everything on one core{beside}")
    with disturbed(given.disturbed):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        figures = {
            "bleak alone": measured(bleak_alone, given.rate, given.seconds),
            "our gateway": measured(our_gateway, given.rate, given.seconds),
        }
    for name, each in figures.items():
        print(
            f"{name:12} {each.arrived:7} of {each.sent} ({each.sent - each.arrived} lost)  p50 {each.p50_ms:6.2f} ms"
            f"  p99 {each.p99_ms:6.2f} ms  {each.cpu_us:6.1f} us CPU an advert"
        )
    ours, peer = figures["our gateway"], figures["bleak alone"]
    quiet = peer.p99_ms < LONGEST_P99_MS
    if not quiet:
        print("something else keeps this core busy: bleak alone is late, so the latencies say nothing of the gateway")
    sys.exit(0 if ours.sent == ours.arrived and (ours.p99_ms < LONGEST_P99_MS or not quiet) else 1)


if __name__ == "__main__":
    main()
