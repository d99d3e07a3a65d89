"""A long outage's backlog, drained while the shop goes on, beside bare paho sending the same messages in the same run.

The peer is paho-mqtt with its own thread, QoS 1, 100 in flight, which reads the messages from a file, encoded already:
the least that a Python program on paho does. Ours is the gateway's own pipeline, store and uplink on a real outbox: it
reads, opens and encodes each event, keeps streams in order, and deletes what head office acknowledges, while 500
sightings a second are heard and a redemption is made twice a second. Broker (mosquitto) and head office are processes
of their own, the same for both sides; the peer sends a part before and a part after.

    python -m benchmarks.backlog [EVENTS]
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from benchmarks.outage.backlog import fill
from simulators.broker import free_port, mosquitto_path

IN_FLIGHT = 100
PEER_EVENTS = 100_000
"""Most messages that the peer sends at a time: its rate does not depend on how many there are."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One side once: messages a second, and CPU microseconds a message of its process alone."""

    rate: float
    cpu_us: float


def bare_paho(port: int, messages: Path, count: int) -> None:
    """Publish the first `count` lines, and return when the broker took the last of them."""
    waiting = threading.Semaphore(10 * IN_FLIGHT)
    taken = threading.Semaphore(0)
    connected = threading.Event()

    def took(*_: object) -> None:
        waiting.release()
        taken.release()

    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.max_inflight_messages_set(IN_FLIGHT)
    client.on_connect = lambda *_: connected.set()
    client.on_publish = took
    client.connect("127.0.0.1", port)
    client.loop_start()
    connected.wait()
    with messages.open("rb") as lines:
        for line in islice(lines, count):
            topic, _, payload = line[:-1].partition(b" ")
            waiting.acquire()
            client.publish(topic.decode(), payload, qos=1)
    for _ in range(count):
        taken.acquire()
    client.disconnect()
    client.loop_stop()


def peer(port: int, messages: Path, count: int) -> Figure:
    """Bare paho in this process."""
    began_s, cpu_s = time.perf_counter(), time.process_time()
    bare_paho(port, messages, count)
    return Figure(count / (time.perf_counter() - began_s), (time.process_time() - cpu_s) / count * 1e6)


@contextmanager
def mosquitto(folder: Path) -> Iterator[int]:
    """A mosquitto that keeps whatever head office is late for; its port."""
    program = mosquitto_path()
    if program is None:
        sys.exit("mosquitto is not installed: apt install mosquitto")
    port, settings = free_port(), folder / "mosquitto.conf"
    lines = [f"listener {port} 127.0.0.1", "allow_anonymous true", "max_inflight_messages 0", "max_queued_messages 0"]
    settings.write_text("\n".join([*lines, "set_tcp_nodelay true", *(["user root"] if os.geteuid() == 0 else []), ""]))
    with subprocess.Popen([program, "-c", settings], stderr=subprocess.DEVNULL) as broker:
        time.sleep(0.5)
        try:
            yield port
        finally:
            broker.terminate()


@contextmanager
def office(port: int) -> Iterator[dict[str, Any]]:
    """A head office; what it saw, once the block is left."""
    seen: dict[str, Any] = {}
    command = [sys.executable, "-m", "benchmarks.outage.office", str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        time.sleep(0.5)
        try:
            yield seen
        finally:
            said, _ = process.communicate()
            seen.update(json.loads(said))


def ours(port: int, directory: Path, last: dict[str, int]) -> dict[str, Any]:
    """The gateway in a process of its own; what it prints."""
    command = [sys.executable, "-m", "benchmarks.outage.shop", str(directory), str(port), json.dumps(last)]
    figures: dict[str, Any] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return figures


def compare(folder: Path, directory: Path, messages: Path, last: dict[str, int], count: int) -> None:
    """Run both sides, each with a broker that knows nothing of the other's acks, and print."""
    part = min(count, PEER_EVENTS)
    with mosquitto(folder) as port, office(port):
        peers = [peer(port, messages, part)]
    with mosquitto(folder) as port, office(port) as seen:
        figures = ours(port, directory, last)
    with mosquitto(folder) as port, office(port):
        peers.append(peer(port, messages, part))
    rate, cpu_us = count / figures["took_s"], figures["cpu_s"] / count * 1e6
    peer_rate, peer_cpu_us = (statistics.mean(part) for part in zip(*map(_pair, peers), strict=True))
    size = messages.stat().st_size // count
    print(f"{count} events of {size} bytes with their topics, QoS 1, MQTT 5, {IN_FLIGHT} in flight")
    print(f"bare paho  {peer_rate:8.0f} messages/s {peer_cpu_us:6.1f} us CPU a message ({_words(peers)})")
    print(f"gateway    {rate:8.0f} messages/s {cpu_us:6.1f} us CPU a message, drained in {figures['took_s']:.1f} s")
    print(f"ratio      {rate / peer_rate:8.2f} of its rate      {cpu_us / peer_cpu_us:4.2f} x its CPU")
    print(f"memory     {figures['rss_mb']} MB at start, middle, end; most {figures['most_rss_mb']} MB")
    print(f"radio      {figures['sightings']} sightings heard, {figures['dropped']} dropped")
    late = sorted(seen["redemptions_ms"])
    if late:
        half_ms = statistics.median(late)
        print(f"redemption {len(late)} made; with head office after {half_ms:.0f} ms, at most {late[-1]:.0f} ms")
    print(f"head office received {seen['received']}, missing {seen['missing']}, twice {seen['duplicates']}")
    print(f"the event loop was late by {figures['late_ms']} ms at most")


def _pair(figure: Figure) -> tuple[float, float]:
    return figure.rate, figure.cpu_us


def _words(peers: list[Figure]) -> str:
    return "before and after " + ", ".join(f"{each.rate:.0f}" for each in peers)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    with tempfile.TemporaryDirectory(prefix="proximity-bench-") as name:
        folder = Path(name)
        directory, messages = folder / "state", folder / "messages"
        began_s = time.perf_counter()
        last = asyncio.run(fill(directory, count, messages))
        megabytes = sum(each.stat().st_size for each in directory.iterdir()) / 2**20
        print(f"filled in {time.perf_counter() - began_s:.0f} s; the outbox takes {megabytes:.0f} MB", flush=True)
        compare(folder, directory, messages, dict(last), count)


if __name__ == "__main__":
    main()
