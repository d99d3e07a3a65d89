"""Publishing at QoS 1 beside bare paho: messages a second and CPU microseconds a message, same broker, same run.

The peer is paho-mqtt with its own thread (`loop_start`), 100 in flight, counting PUBACKs: the least that a Python
program on paho does. Ours is the session, 100 in flight, every PUBACK's reason code looked at; and the sender on it,
which encodes each event as a CloudEvent as well and keeps streams in order. Rounds are interleaved and medians taken,
for the machine may be shared. CPU is this process's, all threads; the broker's is not in it.

    python -m benchmarks.uplink [MESSAGES]
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from gateway.model.event import Event
from gateway.model.inputs import Acked, OperatorNotice
from gateway.model.store import StoreRef
from gateway.mqtt.message import Message, Outgoing, Published
from gateway.mqtt.options import MqttOptions
from gateway.mqtt.session import Session
from gateway.uplink.sender import Sender, SenderOptions
from gateway.uplink.wire import encode
from simulators.broker import free_port, mosquitto_path

IN_FLIGHT = 100
ROUNDS = 5
STORE = StoreRef("acme", "0042", "gw-1")
INCARNATION = "9f2c44d01b7ae583"
TOPIC = "proximity/v1/acme/0042/gw-1/events/visit"
UTC_S = 1_790_000_000.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One round of one side."""

    messages_per_s: float
    cpu_us: float


def event(sequence: int) -> Event:
    facts = {"visit": "v.k5zq3m2v7c4xw6ta", "zone": "shoes", "confidence": 0.93, "assurance": "proximate"}
    identity = f"019a0000-0000-7000-8000-{sequence:012x}"
    return Event(identity, INCARNATION, "visit", sequence, "zone.entered", "m.q3lzt7w2k5", UTC_S, UTC_S, facts)


@dataclass(frozen=True, slots=True)
class Stood:
    """A stream nobody has had anything of."""

    incarnation: str = INCARNATION
    stream: str = "visit"
    acked: int = 0
    next_sequence: int = 1


class MemoryOutbox:
    """As many events as asked for, made beforehand."""

    def __init__(self, count: int) -> None:
        self._events = [event(sequence) for sequence in range(1, count + 1)]

    async def after(self, incarnation: str, stream: str, sequence: int, limit: int) -> list[Event]:
        return self._events[sequence : sequence + limit]


def bare_paho(port: int, payload: bytes, count: int) -> None:
    acked = threading.Semaphore(0)
    connected = threading.Event()
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.max_inflight_messages_set(IN_FLIGHT)
    client.on_connect = lambda *_: connected.set()
    client.on_publish = lambda *_: acked.release()
    client.connect("127.0.0.1", port)
    client.loop_start()
    connected.wait()
    for _ in range(count):
        client.publish(TOPIC, payload, qos=1)
    for _ in range(count):
        acked.acquire()
    client.disconnect()
    client.loop_stop()


@asynccontextmanager
async def session(port: int) -> AsyncIterator[Session]:
    def state(session_id: str, online: bool) -> Outgoing:
        return Outgoing("bench/state", session_id.encode(), retain=online)

    def ignore(_message: Message) -> None:
        return

    ours = Session(
        MqttOptions(f"mqtt://127.0.0.1:{port}", in_flight=IN_FLIGHT),
        client_id="bench",
        state=state,
        subscriptions=(),
        on_message=ignore,
        report=lambda _condition: None,
    )
    running = asyncio.create_task(ours.run())
    await ours.connected()
    yield ours
    await ours.close()
    await running


async def our_session(port: int, payload: bytes, count: int) -> None:
    async with session(port) as ours:
        accepted = 0
        waiting: set[asyncio.Future[Published]] = set()
        left = count
        while accepted < count:
            for _ in range(min(left, ours.room)):
                waiting.add(ours.publish_nowait(TOPIC, payload))
                left -= 1
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            accepted += sum(answer.result().accepted for answer in done)


async def our_sender(port: int, outbox: MemoryOutbox, count: int) -> None:
    delivered = asyncio.Event()

    async def put(entry: Acked | OperatorNotice) -> None:
        if isinstance(entry, Acked) and entry.sequence == count:
            delivered.set()

    async with session(port) as ours:
        options = SenderOptions(acknowledge="broker")
        sender = Sender(ours, outbox, STORE, [Stood()], put=put, report=print, options=options)
        running = asyncio.create_task(sender.run())
        await delivered.wait()
        running.cancel()


def measure(run: Callable[[], None], count: int) -> Figure:
    began_s, cpu_s = time.perf_counter(), time.process_time()
    run()
    return Figure(count / (time.perf_counter() - began_s), (time.process_time() - cpu_s) / count * 1e6)


def compare(port: int, count: int) -> dict[str, list[Figure]]:
    payload = encode(event(1), STORE)
    outbox = MemoryOutbox(count)
    sides: dict[str, Callable[[], None]] = {
        "bare paho": lambda: bare_paho(port, payload, count),
        "our session": lambda: asyncio.run(our_session(port, payload, count)),
        "our sender": lambda: asyncio.run(our_sender(port, outbox, count)),
    }
    figures: dict[str, list[Figure]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, run in sides.items():
            figures[name].append(measure(run, count))
    return figures


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    program = mosquitto_path()
    if program is None:
        sys.exit("mosquitto is not installed: apt install mosquitto")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="proximity-bench-") as folder:
        settings = Path(folder, "mosquitto.conf")
        lines = [
            f"listener {port} 127.0.0.1",
            "allow_anonymous true",
            "max_inflight_messages 0",
            "set_tcp_nodelay true",
        ]
        settings.write_text("\n".join([*lines, *(["user root"] if os.geteuid() == 0 else []), ""]))
        with subprocess.Popen([program, "-c", settings], stderr=subprocess.DEVNULL) as broker:
            time.sleep(0.5)
            try:
                figures = compare(port, count)
            finally:
                broker.terminate()
    peer_cpu_us = statistics.median(figure.cpu_us for figure in figures["bare paho"])
    print(f"{count} events of {len(encode(event(1), STORE))} bytes, QoS 1, MQTT 5, {IN_FLIGHT} in flight")
    for name, rounds in figures.items():
        rate = statistics.median(figure.messages_per_s for figure in rounds)
        cpu_us = statistics.median(figure.cpu_us for figure in rounds)
        print(
            f"{name:12} {rate:8.0f} messages/s {cpu_us:6.1f} us CPU a message {cpu_us / peer_cpu_us:5.2f} x bare paho"
        )


if __name__ == "__main__":
    main()
