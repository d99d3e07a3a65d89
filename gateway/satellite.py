"""The other composition root: a gateway as a satellite, which hears and forwards, and decides nothing."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from gateway import __version__
from gateway.codecs.satellites.batch import sightings_topic
from gateway.codecs.satellites.life import LIFE, Life, encode
from gateway.codecs.satellites.reading import TAKEN
from gateway.core.forwarding import READING, Forwarding
from gateway.lifetime import (
    GOODBYE_S,
    State,
    begin_anew,
    close_sources,
    commit_last,
    opened,
    sound,
    tell_ready,
    unhurried,
)
from gateway.model.health import Condition
from gateway.model.inputs import DocumentReady, ReceiverHealth, Started
from gateway.model.sighting import CodeText, NfcTag, Sighting
from gateway.model.store import StoreRef
from gateway.mqtt.message import Outgoing
from gateway.mqtt.session import Session
from gateway.pipeline import Pipeline
from gateway.relay.air import Air
from gateway.relay.courier import Courier, Kept
from gateway.runtime.clock import SystemClock
from gateway.runtime.feed import Committed, Feed
from gateway.runtime.health import Health
from gateway.runtime.inbox import Inbox
from gateway.runtime.stop_signals import stop_signals
from gateway.runtime.supervise import Supervisor
from gateway.runtime.systemd import Notifier
from gateway.sensing.registry import SOURCES
from gateway.sensing.source import Source, Surroundings, until_it_fails
from gateway.settings import Settings
from gateway.storage.outbox import Outbox

_log = structlog.get_logger("satellite")


async def run_satellite(settings: Settings, environ: Mapping[str, str]) -> None:
    """Run until a signal asks for the end.

    Raises:
        SettingsRefused: it cannot start with these settings, files or state; nothing was changed.
        ExceptionGroup: a fault in the core.
    """
    notifier = Notifier.from_environ(environ)
    async with unhurried(notifier):
        await sound(settings, environ)
        with stop_signals() as stop:
            async with opened(settings, environ) as state:
                satellite = await _composed(settings, state, notifier, stop.set)
                await satellite.live(stop)


@dataclass(frozen=True, slots=True)
class Satellite:
    """The parts of a running satellite."""

    inbox: Inbox
    pipeline: Pipeline
    health: Health
    notifier: Notifier
    sources: tuple[Source, ...]
    session: Session
    courier: Courier
    air: Air

    async def live(self, stop: asyncio.Event) -> None:
        """Start everything in order, run until `stop` is set, stop everything in order."""
        async with Supervisor(self.health) as supervisor:
            await self.inbox.put(Started(__version__))
            pipeline = supervisor.core("pipeline", self.pipeline.run)
            jobs = {"session": self.session.run, "courier": self.courier.run, "air": self.air.run}
            jobs["life"] = self._tell_receivers
            edges = [supervisor.edge("ready", partial(tell_ready, self.pipeline, self.notifier))]
            edges += [supervisor.edge(name, job) for name, job in jobs.items()]
            sensing = [supervisor.edge(f"source:{source.name}", partial(self._hear, source)) for source in self.sources]
            await stop.wait()
            await self._end(supervisor, sensing, pipeline)
            await supervisor.release(*edges)
        _log.info("stopped")

    async def _hear(self, source: Source) -> None:
        """Readings are committed before anything else becomes of them; radio is told and forgotten."""
        async with source:
            async for sensed in until_it_fails(source):
                match sensed.input:
                    case Sighting(token=CodeText() | NfcTag()) as reading:
                        await self.inbox.put(reading)
                        self.air.live(reading.receiver)
                    case Sighting(medium="ble") as packet:
                        self.air.hear(packet)
                    case ReceiverHealth() as health:
                        self.air.turn(health)
                    case Sighting(medium="app"):
                        self.health.report(_left_to_the_app(source.name))

    async def _tell_receivers(self) -> None:
        """Whoever comes to know of another receiver tells it, so that the shop knows what is gone if this is."""
        while True:
            await self.air.grown()
            await self.session.announce()

    async def _end(
        self, supervisor: Supervisor, sensing: list[asyncio.Task[None]], pipeline: asyncio.Task[None]
    ) -> None:
        """Commit what waits, say that nothing is heard any more, say goodbye."""
        await close_sources(supervisor, sensing, self.inbox, self.notifier)
        await commit_last(supervisor, self.inbox, pipeline)
        self.air.leave()
        await self.session.close(GOODBYE_S)


async def _composed(settings: Settings, state: State, notifier: Notifier, stop: Callable[[], None]) -> Satellite:
    """Every object, each given what it needs and nothing else."""
    if settings.mqtt is None or settings.store.engine is None:
        msg = "a satellite without a broker or a gateway that decides: the settings are checked for this before"
        raise ValueError(msg)
    health, clock, here = Health(), SystemClock(), settings.store.ref
    inbox = Inbox(clock)
    forwarding = Forwarding(state.store.incarnation, state.keys.ids)
    forwarding.restore(state.restored.records)
    streams = await _streams(state.outbox, forwarding, state.store.incarnation)
    outdated = partial(begin_anew, settings.state.directory, state.store.incarnation, stop)
    topic = sightings_topic(StoreRef(here.tenant, here.store, settings.store.engine))
    session = Session(
        settings.mqtt,
        client_id=here.client_id,
        state=lambda session, online: _life(topic, here.gateway, session, online, air.receivers),
        subscriptions=[f"{topic}/{TAKEN}/{each.incarnation}" for each in streams],
        on_message=lambda message: courier.receive(message.topic, message.payload),
        report=health.report,
    )
    air = Air(session, topic)
    courier = Courier(
        session, state.outbox, streams, topic, now=inbox.now, put=inbox.put, report=health.report, outdated=outdated
    )

    def tell(committed: Committed) -> None:
        if committed.events:
            courier.wake()

    pipeline = Pipeline(
        inbox=inbox, engine=forwarding, store=state.store, feed=Feed(), health=health, committed=(tell,),
        alive=notifier.alive,
    )  # fmt: skip
    sources = _make_sources(settings, health)
    return Satellite(inbox, pipeline, health, notifier, sources, session, courier, air)


def _left_to_the_app(source: str) -> Condition:
    hint = "reports of the app come from a program here: send them to the gateway that decides; they are dropped"
    return Condition(f"source:{source}:app", "not_forwarded", "warning", hint)


def _life(topic: str, satellite: str, session: str, online: bool, receivers: tuple[str, ...]) -> Outgoing:
    told = Life("up" if online else "down", session, receivers)
    return Outgoing(f"{topic}/{LIFE}/{satellite}", encode(told), retain=True)


async def _streams(outbox: Outbox, forwarding: Forwarding, incarnation: str) -> list[Kept]:
    """What may wait, by incarnation: what earlier ones left goes first."""
    standing = [each for each in await outbox.standing() if each.stream == READING and each.incarnation != incarnation]
    earlier = [Kept(each.incarnation, each.acked, each.next_sequence - 1) for each in standing]
    return [*earlier, Kept(incarnation, forwarding.taken, forwarding.given)]


def _make_sources(settings: Settings, health: Health) -> tuple[Source, ...]:
    surroundings = Surroundings(
        settings.state.directory, health, _no_document, store=settings.store.ref, mqtt=settings.mqtt
    )
    return tuple(SOURCES[source.kind].make(source.options, surroundings) for source in settings.sources)


def _no_document(path: Path, name: str) -> DocumentReady:
    msg = f"a satellite has no {name}: {path.name} is of no use to it"
    raise LookupError(msg)
