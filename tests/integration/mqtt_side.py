"""A session with everything it says and hears noted."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from gateway.model.health import Condition
from gateway.mqtt.message import Message, Outgoing
from gateway.mqtt.options import MqttOptions
from gateway.mqtt.session import Session


class Noted:
    """A session, its messages and conditions."""

    def __init__(self, options: MqttOptions, client_id: str, subscriptions: Sequence[str], state_topic: str) -> None:
        self.messages: list[Message] = []
        self.conditions: list[Condition] = []
        self._state_topic = state_topic
        self.session = Session(
            options,
            client_id=client_id,
            state=self._state,
            subscriptions=subscriptions,
            on_message=self.messages.append,
            report=self.conditions.append,
        )

    @property
    def codes(self) -> list[str]:
        return [condition.code for condition in self.conditions if condition.part == "mqtt"]

    def payloads(self, topic: str) -> list[bytes]:
        return [message.payload for message in self.messages if message.topic == topic]

    def _state(self, session: str, online: bool) -> Outgoing:
        return Outgoing(self._state_topic, f"{session} {'online' if online else 'offline'}".encode(), retain=True)


def quick(url: str | tuple[str, ...], **options: object) -> MqttOptions:
    """Options under which a test need not wait."""
    return MqttOptions(url, **{"retry_min_s": 0.05, "retry_max_s": 0.2, "connect_timeout_s": 5.0} | options)  # type: ignore[arg-type]


@asynccontextmanager
async def session(
    options: MqttOptions, client_id: str = "gw-1", subscriptions: Sequence[str] = ()
) -> AsyncIterator[Noted]:
    """A running session; at the end it is cut, as if the gateway had died."""
    noted = Noted(options, client_id, subscriptions, f"state/{client_id}")
    running = asyncio.create_task(noted.session.run())
    try:
        yield noted
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def until(holds: Callable[[], bool], timeout_s: float = 60.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not holds():
            await asyncio.sleep(0.01)


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(talk: Talk) -> AsyncIterator[int]:
    """A free port where `talk` answers every connection; all of them are closed at the end."""
    talks: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await talk(reader, writer)
        except (asyncio.CancelledError, ConnectionError):
            pass
        finally:
            talks.discard(task)
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.sleep(0.02)
