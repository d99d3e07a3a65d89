"""How a gateway begins and ends, whichever its role: settings judged, state opened; sources closed, all committed."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from gateway import __version__
from gateway.model.inputs import Stopping
from gateway.model.step import Timeline
from gateway.model.time import Now
from gateway.pipeline import Pipeline
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.inbox import Inbox
from gateway.runtime.supervise import Supervisor
from gateway.runtime.systemd import Notifier
from gateway.settings import Checked, Problem, Settings, SettingsRefused, check_settings
from gateway.storage.batch import Restored
from gateway.storage.database import Store, open_store
from gateway.storage.ledger import Ledger, open_ledger
from gateway.storage.outbox import Outbox, open_outbox
from gateway.storage.refusals import Corrupted, Unreadable
from gateway.storage.renewal import ask_for_renewal
from gateway.storage.secret import DATABASE_FILE, OwnKeys, load_secret

START_S: Final = 1_800.0
"""The longest start (seconds): a large state is looked through, and saved where it is damaged; then systemd ends it."""
START_TOLD_S: Final = 60.0
"""A start that hangs, so that it says nothing for so long, is ended by systemd (seconds)."""
CLOSE_S: Final = 10.0
"""At a stop, how long sources may take to close (seconds); then the rest of the stop goes on without them."""
LAST_COMMIT_S: Final = 10.0
"""At a stop, how long a failing disk may take to recover (seconds); then the last batch is lost, as by a power cut."""
GOODBYE_S: Final = 2.0
"""At a stop, how long the broker may take to hear that the gateway is offline (seconds)."""

_log = structlog.get_logger("gateway")


@dataclass(frozen=True, slots=True)
class State:
    """What is on disk, open: the writer's side, the readers', what was restored, and own keys."""

    store: Store
    outbox: Outbox
    ledger: Ledger
    restored: Restored
    keys: OwnKeys

    @property
    def last(self) -> Now | None:
        """The last instant that an earlier run stepped."""
        for record in self.restored.records:
            if isinstance(record, Timeline):
                return Now(record.mono_s, record.utc_s, record.clock, record.boot_id)
        return None


@asynccontextmanager
async def unhurried(notifier: Notifier) -> AsyncIterator[None]:
    """Within the block systemd is told that the start goes on, until the gateway is ready."""
    telling = asyncio.create_task(_tell_starting(notifier), name="starting")
    try:
        yield
    finally:
        telling.cancel()
        await asyncio.wait({telling})


async def sound(settings: Settings, environ: Mapping[str, str]) -> Checked:
    """What the settings lead to; what is doubtful about it is logged.

    Raises:
        SettingsRefused: it cannot start with these settings, files or state; nothing was changed.
    """
    checked = await check_settings(settings, environ)
    if checked.problems:
        raise SettingsRefused(checked.problems)
    for warning in checked.warnings:
        facts = {"file": warning.file, "where": warning.key, "problem": warning.problem, "hint": warning.hint}
        _log.warning("settings_doubtful", **facts)
    return checked


@asynccontextmanager
async def opened(settings: Settings, environ: Mapping[str, str]) -> AsyncIterator[State]:
    """The state on disk, made at the first start.

    Raises:
        SettingsRefused: it cannot be read, or is not this gateway's.
    """
    directory = settings.state.directory
    try:
        secret = load_secret(directory, environ)
        async with (
            open_store(directory, secret, outbox=settings.outbox, ledger=settings.ledger) as store,
            open_outbox(directory, secret) as outbox,
            open_ledger(directory, secret) as ledger,
        ):
            yield State(store, outbox, ledger, await _restored(store, directory), OwnKeys.of(secret))
    except Unreadable as refused:
        raise SettingsRefused([Problem(str(refused.path), "", refused.problem, refused.hint)]) from refused


def begin_anew(directory: Path, incarnation: str, stop: Callable[[], None]) -> None:
    """Stop, and have the next start begin a new incarnation: this one's state is older than what others have of it."""
    if ask_for_renewal(directory, incarnation, time.time()):
        hint = "was an older copy of it put back, or did the card lose writes? It goes on under a new incarnation"
        _log.error("state_outdated", incarnation=incarnation, hint=hint)
        stop()


async def tell_ready(pipeline: Pipeline, notifier: Notifier) -> None:
    """Tell systemd and the log once the first commit worked."""
    await pipeline.ready.wait()
    notifier.ready()
    _log.info("ready", version=__version__)


async def close_sources(
    supervisor: Supervisor, sources: Iterable[asyncio.Task[None]], inbox: Inbox, notifier: Notifier
) -> None:
    """Stop hearing, and have the end stepped and committed, where storage still works."""
    _log.info("stopping")
    notifier.stopping()
    if not await supervisor.release(*sources, within_s=CLOSE_S):
        _log.error("sources_do_not_close", waited_s=CLOSE_S)
    with suppress(StorageUnavailable):
        await inbox.ask(Stopping(), bounded=False)


async def commit_last(supervisor: Supervisor, inbox: Inbox, pipeline: asyncio.Task[None]) -> None:
    """Take nothing more, and commit what waits."""
    inbox.close()
    await asyncio.wait({pipeline}, timeout=LAST_COMMIT_S)
    if not pipeline.done():
        _log.error("last_commit_given_up", waited_s=LAST_COMMIT_S)
        await supervisor.release(pipeline)


async def _tell_starting(notifier: Notifier) -> None:
    until_s = time.monotonic() + START_S
    while not notifier.is_ready and time.monotonic() < until_s:
        notifier.starting(START_TOLD_S)
        await asyncio.sleep(START_TOLD_S / 6)


async def _restored(store: Store, directory: Path) -> Restored:
    try:
        return await store.load()
    except Corrupted as corrupted:
        path = directory / DATABASE_FILE
        hint = "restore a backup, or move the file away and start anew"
        raise Unreadable(path, str(corrupted), hint) from corrupted
