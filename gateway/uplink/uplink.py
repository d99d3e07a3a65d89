"""The way to head office and back, put together: session, sender, acks, documents, feeds and commands."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from gateway.model.documents import SentSettings, SettingsEffect
from gateway.model.event import Event
from gateway.model.feeds import FeedBatch
from gateway.model.health import Condition
from gateway.model.inputs import Acked, DocumentReady, OperatorNotice
from gateway.model.step import Record
from gateway.model.store import StoreRef
from gateway.mqtt.message import Message, Outgoing
from gateway.mqtt.options import MqttOptions
from gateway.mqtt.session import Session
from gateway.uplink.acks import Acks
from gateway.uplink.commands.desk import Commands
from gateway.uplink.documents import Documents
from gateway.uplink.feeds import Feeds
from gateway.uplink.judge import InUse
from gateway.uplink.library import Library
from gateway.uplink.sender import Outbox, Sender, SenderOptions, Standing
from gateway.uplink.state import state_payload
from gateway.uplink.topics import AckTopic, CommandTopic, DocumentTopic, FeedTopic, Topics


@dataclass(frozen=True, slots=True)
class Life:
    """Which gateway this is, and which life of it: what the state tells head office."""

    store: StoreRef
    incarnation: str
    version: str


class Uplink:
    """Runs for as long as the gateway. Nothing here changes the shop's state but by what it `put`s into the inbox."""

    def __init__(
        self,
        options: MqttOptions,
        life: Life,
        *,
        outbox: Outbox,
        standing: Iterable[Standing],
        library: Library,
        in_use: Mapping[str, InUse],
        put: Callable[[Acked | OperatorNotice | DocumentReady], Awaitable[None]],
        ask: Callable[[FeedBatch], Awaitable[object]],
        report: Callable[[Condition], None],
        utc_s: Callable[[], float],
        records: Iterable[Record] = (),
        barred: Callable[[Event], str | None] = lambda _: None,
        outdated: Callable[[], None] = lambda: None,
        settle: Callable[[SentSettings], SettingsEffect] | None = None,
        commands: Callable[[Session], Commands] | None = None,
        sending: SenderOptions | None = None,
    ) -> None:
        """`standing` is where the streams stand, `in_use` what documents decide at the start, `records` what
        its engine was restored from; `barred` says why an event may not be sent, `outdated` is told that the state here
        is older than what head office has of it. `settle` does what a settings document says, `commands` makes who
        takes orders: without them nobody does. `sending` is for tests.
        """
        self._life = life
        self._topics = Topics(life.store)
        self._session = Session(
            options, client_id=life.store.client_id, state=self._state, subscriptions=self._topics.subscriptions,
            on_message=self._receive, report=report,
        )  # fmt: skip
        sending = sending or SenderOptions(acknowledge=options.acknowledge)
        self._sender = Sender(
            self._session, outbox, life.store, standing, put=put, report=report, options=sending, barred=barred
        )
        self._acks = Acks(self._sender, life.incarnation, put=put, report=report, outdated=outdated)
        self._documents = Documents(self._session, library, in_use, put=put, report=report, utc_s=utc_s, settle=settle)
        self._feeds = Feeds(self._session, library.store, library.trust, ask, records, report=report, utc_s=utc_s)
        self._commands = None if commands is None else commands(self._session)

    def wake(self) -> None:
        """Something was committed to the outbox."""
        self._sender.wake()

    async def run(self) -> None:
        """Keep the connection, send, and take what comes, until `close`."""
        async with asyncio.TaskGroup() as group:
            jobs = {"sender": self._sender.run, "acks": self._acks.run}
            jobs |= {"documents": self._documents.run, "feeds": self._feeds.run}
            if self._commands is not None:
                jobs["commands"] = self._commands.run
            tasks = [group.create_task(job(), name=f"uplink-{name}") for name, job in jobs.items()]
            await self._session.run()
            for task in tasks:
                task.cancel()

    async def close(self, deadline_s: float = 5.0) -> None:
        """Tell head office that the gateway is offline and say goodbye; `run` ends then (seconds)."""
        await self._session.close(deadline_s)

    def _state(self, session: str, online: bool) -> Outgoing:
        payload = state_payload(
            online=online,
            session=session,
            version=self._life.version,
            incarnation=self._life.incarnation,
            documents=self._documents.in_use,
        )
        return Outgoing(self._topics.state, payload, retain=True)

    def _receive(self, message: Message) -> None:
        match self._topics.parse(message.topic):
            case AckTopic() as topic:
                self._acks.receive(topic, message.payload)
            case DocumentTopic() as topic:
                self._documents.receive(topic, message.payload)
            case FeedTopic() as topic:
                self._feeds.receive(topic, message.payload)
            case CommandTopic() as topic if self._commands is not None:
                self._commands.receive(topic, message)
