"""The composition root: settings to objects to one group of tasks; how the gateway starts, and how it stops."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from socket import socket
from typing import Final, cast

import structlog

from gateway import __version__
from gateway.core.engine import Engine
from gateway.documents.registry import load_signed
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
from gateway.model.documents import FloorPlan
from gateway.model.inputs import ClockChanged, DocumentReady, OperatorNotice, Started
from gateway.model.time import Now
from gateway.pipeline import Pipeline
from gateway.runtime.clock import ClockWatch, SystemClock
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.feed import Committed, Feed
from gateway.runtime.health import Health
from gateway.runtime.inbox import Inbox
from gateway.runtime.stop_signals import stop_signals
from gateway.runtime.supervise import Supervisor
from gateway.runtime.systemd import Notifier
from gateway.runtime.wear import written_bytes
from gateway.sensing.registry import SOURCES
from gateway.sensing.salts import renew_salts
from gateway.sensing.source import BestOffer, Source, Surroundings, listen
from gateway.settings import (
    Checked,
    InForce,
    Problem,
    Settings,
    SettingsRefused,
    library_of,
    settings_in_force,
)
from gateway.storage.database import ANNOUNCEMENT
from gateway.storage.ended_sessions import EndedSessions
from gateway.storage.invites import Invites
from gateway.storage.outbox import Outbox
from gateway.storage.personal import PersonalRows
from gateway.storage.upkeep import Upkeep
from gateway.uplink.commands.desk import Commands
from gateway.uplink.commands.reach import Reach
from gateway.uplink.commands.tape import Tape
from gateway.uplink.judge import InUse
from gateway.uplink.library import Library
from gateway.uplink.restore import documents_in_use
from gateway.uplink.tokens import TokenTables
from gateway.uplink.uplink import Life, Uplink
from gateway.uplink.wire import to_cloudevent
from gateway.web.routes import Inside, Keys, Site
from gateway.web.server import AddressRefused, bind, serve
from gateway.web.standing_watch import StandingWatch

FLUSH_S: Final = 5.0
"""At a stop, how long head office may take to acknowledge what waits (seconds); the rest waits for the next start."""
CLOCK_EVERY_S: Final = 1.0
"""How often the wall clock is compared with the monotonic one (seconds)."""

_log = structlog.get_logger("gateway")


async def run_gateway(settings: Settings, environ: Mapping[str, str]) -> None:
    """Run until a signal asks for the end.

    Raises:
        SettingsRefused: it cannot start with these settings, files or state; nothing was changed.
        ExceptionGroup: a fault in the core.
    """
    notifier = Notifier.from_environ(environ)
    async with unhurried(notifier):
        checked = await sound(settings, environ)
        library = library_of(settings, checked)
        with stop_signals() as stop, _listening(settings) as listening:
            in_force = await settings_in_force(settings, library)
            async with opened(in_force.running, environ) as state:
                gateway = await _composed(in_force, checked, library, state, notifier, stop.set)
                await gateway.live(stop, listening)


@dataclass(frozen=True, slots=True)
class Gateway:
    """The parts of a running gateway: no `uplink` without `[mqtt]`; the `clock` is the system's or a capture's."""

    clock: Callable[[], Now]
    inbox: Inbox
    pipeline: Pipeline
    feed: Feed
    health: Health
    notifier: Notifier
    sources: tuple[Source, ...]
    documents: tuple[DocumentReady, ...]
    outbox: Outbox
    site: Site
    uplink: Uplink | None
    upkeep: Upkeep
    tokens: TokenTables
    announcement: Mapping[str, object] | None

    async def live(self, stop: asyncio.Event, listening: socket | None) -> None:
        """Start everything in order, run until `stop` is set, stop everything in order."""
        async with Supervisor(self.health) as supervisor:
            edges = []
            if listening is not None:
                edges.append(supervisor.edge("http", partial(serve, self.site.app, listening, self.site.live.close)))
                edges.append(supervisor.edge("live", self.site.live.run))
            begin = asyncio.Event()
            sensing = [
                supervisor.edge(f"source:{source.name}", partial(listen, source, self.inbox, begin))
                for source in self.sources
            ]
            if await self._has_time(stop):
                pipeline = await self._begin(supervisor, begin)
                edges += self._start_edges(supervisor)
                await stop.wait()
                await self._end(supervisor, sensing, pipeline)
            await supervisor.release(*sensing, *edges)
        _log.info("stopped")

    async def _has_time(self, stop: asyncio.Event) -> bool:
        """Wait until there is a time to live by; False when the end was asked for before."""
        keepers = [source.timekeeper for source in self.sources if source.timekeeper is not None]
        if not keepers:
            return True
        known = asyncio.create_task(keepers[0].known(), name="time-known")
        stopped = asyncio.create_task(stop.wait(), name="stop-asked")
        try:
            await asyncio.wait({known, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            known.cancel()
            stopped.cancel()
        return not stop.is_set()

    async def _begin(self, supervisor: Supervisor, begin: asyncio.Event) -> asyncio.Task[None]:
        """The documents in use, then the start, are the first inputs of a run; then the sources may speak."""
        for document in self.documents:
            await self.inbox.put(document)
        await self.inbox.put(Started(__version__))
        if self.announcement is not None:
            await self.inbox.put(OperatorNotice("telemetry", ANNOUNCEMENT, self.announcement))
        pipeline = supervisor.core("pipeline", self.pipeline.run)
        begin.set()
        return pipeline

    def _start_edges(self, supervisor: Supervisor) -> list[asyncio.Task[None]]:
        edges = [supervisor.edge("ready", partial(tell_ready, self.pipeline, self.notifier))]
        edges.append(supervisor.core("upkeep", self.upkeep.run))
        edges.append(supervisor.edge("tokens", self.tokens.run))
        edges.append(supervisor.edge("salts", partial(renew_salts, self.inbox)))
        if isinstance(self.clock, SystemClock):
            edges.append(supervisor.edge("clock", self._watch_clock))
        if self.uplink is not None:
            edges.append(supervisor.edge("uplink", self.uplink.run))
        return edges

    async def _end(
        self, supervisor: Supervisor, sensing: list[asyncio.Task[None]], pipeline: asyncio.Task[None]
    ) -> None:
        """Close the sources, step what waits, commit, let head office have it, say goodbye."""
        await close_sources(supervisor, sensing, self.inbox, self.notifier)
        if self.uplink is not None and self.health.sound("mqtt"):
            with suppress(TimeoutError, StorageUnavailable):
                async with asyncio.timeout(FLUSH_S):
                    await self._flushed()
        await commit_last(supervisor, self.inbox, pipeline)
        if self.uplink is not None:
            await self.uplink.close(GOODBYE_S)

    async def _flushed(self) -> None:
        """Return when head office has acknowledged everything that is committed."""
        with self.feed.subscribe() as commits:
            while any(stream.depth for stream in await self.outbox.standing()):
                await anext(commits)

    async def _watch_clock(self) -> None:
        watch = ClockWatch()
        while True:
            if watch.changed(self.clock()):
                await self.inbox.put(ClockChanged())
            await asyncio.sleep(CLOCK_EVERY_S)


async def _composed(
    in_force: InForce, checked: Checked, library: Library, state: State, notifier: Notifier, stop: Callable[[], None]
) -> Gateway:
    """Every object, each given what it needs and nothing else."""
    settings, health, feed, loudness = in_force.running, Health(), Feed(), in_force.loudness()
    library = replace(library, device_key=state.keys.members)
    in_use = await documents_in_use(library, checked.floorplan, checked.documents, health.report)
    if in_force.trouble is not None:
        in_use.pop("settings", None)
        health.report(in_force.trouble)
    around = _surroundings(settings, state, health, lambda who: site.best_offer(who))  # noqa: PLW0108 - made below
    sources = tuple(SOURCES[source.kind].make(source.options, around) for source in settings.sources)
    clock = next((source.timekeeper for source in sources if source.timekeeper is not None), None) or SystemClock()
    inbox = Inbox(clock)
    plan = cast("FloorPlan", in_use["floorplan"].ready.content)
    engine = _make_engine(settings, checked, state, plan)
    tape, tokens = Tape(engine, plan), TokenTables(library, now=inbox.now, put=inbox.put, report=health.report)

    def tell(committed: Committed) -> None:
        _tell_edges(uplink, sources, committed)
        tokens.hear(committed)
        site.hear(committed)

    pipeline = Pipeline(
        inbox=inbox, engine=tape, store=state.store, feed=feed, health=health, committed=(tell,), alive=notifier.alive,
        counted=lambda: {"ambiguous_tokens": engine.ambiguous, "written_bytes": written_bytes(), **health.counters()},
    )  # fmt: skip
    reach = Reach(
        __version__, settings.state.directory, inbox, health, pipeline.counters, state.outbox, state.ledger,
        state.store.erasures, tape, loudness, stop,
    )  # fmt: skip
    uplink = await _make_uplink(in_force, state, library, in_use, reach, engine)
    site = _make_site(settings, state, inbox, pipeline, around, plan, engine)
    documents = tuple(in_use[name].ready for name in sorted(in_use))
    return Gateway(
        clock, inbox, pipeline, feed, health, notifier, sources, documents, state.outbox, site, uplink, Upkeep(
            settings.state.directory, lambda: (*state.store.conditions(), *engine.conditions(inbox.now())),
            health.report, aside_days=settings.ledger.days), tokens, state.store.announcement,
    )  # fmt: skip


def _make_engine(settings: Settings, checked: Checked, state: State, plan: FloorPlan) -> Engine:
    """The engine as the last run left it."""
    incarnation, id_key = state.store.incarnation, state.keys.ids
    engine = Engine(
        incarnation=incarnation, id_key=id_key, floorplan=plan,
        options=settings.presence, survey=checked.survey, privacy=settings.privacy,
    )  # fmt: skip
    engine.restore(state.restored.records)
    return engine


def _make_site(
    settings: Settings,
    state: State,
    inbox: Inbox,
    pipeline: Pipeline,
    around: Surroundings,
    plan: FloorPlan,
    engine: Engine,
) -> Site:
    inside = Inside(
        store=settings.store.ref,
        version=__version__,
        floorplan=plan,
        records=tuple(state.restored.records),
        health=around.health,
        counters=pipeline.counters,
        ready=pipeline.ready.is_set,
        ask=inbox.ask,
        offer=inbox.offer,
        now=inbox.now,
        decided_for=state.ledger.decisions,
        outbox=StandingWatch(state.outbox.by_class, around.health, has_broker=settings.mqtt is not None),
        envelope=partial(to_cloudevent, store=settings.store.ref),
        personal=PersonalRows(state.outbox, state.ledger, state.store.erasures),
        agreed=engine.agreed, privacy=settings.privacy, guests=lambda: engine.guests(inbox.now().mono_s),
        filmed=around.filmed,
    )  # fmt: skip
    directory = settings.state.directory
    keys = Keys(settings.trust, state.keys.sessions, Invites(directory), EndedSessions(directory))
    return Site(inside, keys, simulator=settings.http.simulator if settings.http else None)


def _surroundings(settings: Settings, state: State, health: Health, best_offer: BestOffer) -> Surroundings:
    def document(path: Path, name: str) -> DocumentReady:
        return load_signed(path, name, tenant=settings.store.tenant, store=settings.store.id, trust=settings.trust)

    return Surroundings(
        settings.state.directory, health, document, best_offer, positions=state.restored.positions, last=state.last,
        store=settings.store.ref, mqtt=settings.mqtt,
    )  # fmt: skip


async def _make_uplink(
    in_force: InForce, state: State, library: Library, in_use: Mapping[str, InUse], reach: Reach, engine: Engine
) -> Uplink | None:
    settings = in_force.running
    if settings.mqtt is None:
        return None
    return Uplink(
        settings.mqtt,
        Life(settings.store.ref, state.store.incarnation, __version__),
        outbox=state.outbox,
        standing=await state.outbox.standing(),
        library=library,
        in_use=in_use,
        put=reach.inbox.put,
        ask=reach.inbox.ask,
        report=reach.health.report,
        utc_s=lambda: reach.inbox.now().utc_s,
        records=state.restored.records,
        barred=engine.barred,
        outdated=partial(begin_anew, settings.state.directory, state.store.incarnation, reach.stop),
        settle=partial(in_force.take, reach.loudness),
        commands=partial(Commands, store=settings.store.ref, trust=settings.trust, reach=reach),
    )


def _tell_edges(uplink: Uplink | None, sources: tuple[Source, ...], committed: Committed) -> None:
    if uplink is not None and committed.events:
        uplink.wake()
    for source in sources:
        source.committed(committed.positions)


@contextmanager
def _listening(settings: Settings) -> Iterator[socket | None]:
    """The bound socket for HTTP, before anything else starts."""
    if settings.http is None:
        with nullcontext() as nothing:
            yield nothing
        return
    try:
        listening = bind(settings.http)
    except AddressRefused as refused:
        problem = f"{refused.listen} {refused.problem}"
        raise SettingsRefused([Problem(settings.file, "http.listen", problem, refused.hint)]) from refused
    with listening:
        yield listening
