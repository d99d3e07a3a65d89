"""The one writer: inputs in, one timeline of steps, one transaction a batch; nothing leaves before its commit.

Two loops share one batch. One steps what comes and adds to the batch being gathered; the other takes that batch when it
is due, commits it and lets it out, one after another, while the next one gathers. So a slow disk delays what is seen
and never what is decided.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from math import ceil, inf
from typing import Final, Protocol

import structlog

from gateway.core.timeline import tick_due
from gateway.model.health import Condition
from gateway.model.inputs import Acked, DocumentReady, Input, Started, Stopping, Tick, WasDeaf
from gateway.model.meaning import KeptOut
from gateway.model.sighting import Sighting
from gateway.model.step import Step
from gateway.model.time import GRID_S, Now
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.feed import Committed, Feed
from gateway.runtime.health import Health
from gateway.runtime.inbox import Inbox, Stamped
from gateway.runtime.supervise import backoff
from gateway.storage.batch import Batch
from gateway.storage.gathering import Gathering

IDLE_S: Final = 1.0
"""The writer wakes at least this often (seconds), so that the watchdog is fed in a quiet shop."""
SHORTEST_WAIT_S: Final = 0.02
"""A clock that stands still (a capture between two lines) is not asked more often than this (seconds)."""
RETRY_PAUSES: Final = partial(backoff, 0.1, 1.0)
"""Pauses between attempts of a failing commit (seconds)."""
STEPS_A_TURN: Final = 64
"""Steps between two turns of the event loop: about 5 ms on a Raspberry Pi."""
SILENT: Final = StorageUnavailable("the disk does not answer", "look for disk errors in the kernel's log")
"""What is said of a commit that neither works nor fails."""

_log = structlog.get_logger("pipeline")


class Engine(Protocol):
    """Where decisions are made: `gateway.core.engine.Engine`, or a fake."""

    @property
    def deadline_s(self) -> float | None:
        """Monotonic time of the next thing that a tick must do."""

    def step(self, input: Input, now: Now) -> Step:
        """All that one input does."""


class Store(Protocol):
    """Where a batch becomes durable: `gateway.storage.database.Store`, or a fake."""

    async def commit(self, batch: Batch) -> None:
        """Write a batch in one transaction; raises StorageUnavailable when it cannot be written now."""

    async def make_room(self, now_utc_s: float) -> int:
        """Make room by giving up the least important events that nobody fetched; how many went."""

    async def sweep(self, now_utc_s: float) -> int:
        """Give up a part of what is too old; how much went, 0 = nothing is left to give up."""


@dataclass(frozen=True, slots=True)
class CommitOptions:
    """When a batch is committed, on the real clock. The lanes leave the rest of 50 ms and 3 s to the commit itself.

    Attributes:
        urgent_s: A batch that holds an ask, tap, scan or decision waits this long for company (seconds).
        radio_s: A batch of radio-only changes waits this long (seconds): a card wears by commits.
        max_steps: A batch is never larger. With one being committed and the next one full, inputs wait in the inbox.
        patience_s: A commit that takes longer (seconds), failing or silent: asks are refused and radio is dropped.
        silence_s: A commit that says nothing for longer (seconds) is taken for a hang: the watchdog is fed no more.
        sweep_after_s: What is too old is looked for so long after the start, or after it could not be (seconds),
        sweep_every_s: and then this often (seconds);
        sweep_on_s: where there is much of it, the next part goes after a pause in which the shop goes on (seconds).
    """

    urgent_s: float = 0.03
    radio_s: float = 2.5
    max_steps: int = 2_000
    patience_s: float = 5.0
    silence_s: float = 300.0
    sweep_after_s: float = 60.0
    sweep_every_s: float = 86_400.0
    sweep_on_s: float = 1.0


class Pipeline:
    """Takes inputs from the inbox, steps the engine, commits in batches, then lets the results out.

    It alone calls `Engine.step`, and `Store.commit` while it runs. While a commit runs it goes on stepping, up to one
    full batch. A commit that fails keeps its batch and is tried again, and nothing is stepped until it worked; an
    exception of the engine, or a corrupt database, leaves `run` and so ends the process.
    After `Stopping` it still takes what comes (acks), each commit at once, and time stands still.
    """

    def __init__(
        self,
        *,
        inbox: Inbox,
        engine: Engine,
        store: Store,
        feed: Feed,
        health: Health,
        committed: tuple[Callable[[Committed], None], ...] = (),
        alive: Callable[[], None] = lambda: None,
        counted: Callable[[], Mapping[str, int]] = dict,
        options: CommitOptions = CommitOptions(),
        pauses: Callable[[], Iterator[float]] = RETRY_PAUSES,
    ) -> None:
        self.ready = asyncio.Event()
        """Set once the first commit worked."""
        self._inbox = inbox
        self._engine = engine
        self._store = store
        self._feed = feed
        self._health = health
        self._committed = committed
        self._alive = alive
        self._counted = counted
        self._options = options
        self._pauses = pauses
        self._pending = self._gathering()
        self._room = asyncio.Event()  # the batch being gathered takes more
        self._room.set()
        self._well = asyncio.Event()  # storage works
        self._well.set()
        self._stir = asyncio.Event()  # what the next commit waits for may have changed
        self._stepped_all = False
        self._last: Now | None = None
        self._stopping = False
        self._dropped: int | None = None  # lossy inputs dropped before storage began to fail
        self._sweep_s = self._turned_s = inf
        self._counts: Counter[str] = Counter(inputs=0, ticks=0, events=0, decisions=0, commits=0, failed_commits=0)
        self._kept_out: Counter[str] = Counter()

    def counters(self) -> Mapping[str, int]:
        """Totals since the start.

        Inputs, ticks, events, decisions, commits, failed_commits, dropped (lossy inputs), kept_out (codes and tags),
        and what the engine counts.
        """
        return {**self._counts, "dropped": self._inbox.dropped, "kept_out": self._kept_out.total(), **self._counted()}

    async def run(self) -> None:
        """Work until the inbox is closed and empty and all of it is committed.

        Raises:
            Exception: a broken invariant in the engine, or `Corrupted` from storage: neither can be worked around.
        """
        self._turned_s = _real_s()
        self._sweep_s = self._turned_s + self._options.sweep_after_s
        feeding = asyncio.create_task(self._feed_watchdog(), name="pipeline:watchdog")
        loops = (
            asyncio.create_task(self._step_all(), name="pipeline:steps"),
            asyncio.create_task(self._commit_all(), name="pipeline:commits"),
        )
        try:
            await asyncio.gather(*loops)
        finally:
            for loop in (*loops, feeding):
                loop.cancel()
            await asyncio.wait((*loops, feeding))

    async def _feed_watchdog(self) -> None:
        """Say that all goes on; also for as long as a disk may say nothing that answers again: a kill mends no disk."""
        while True:
            if _real_s() - self._turned_s < self._options.silence_s:
                self._alive()
            await asyncio.sleep(IDLE_S)

    async def _step_all(self) -> None:
        """Step what comes, and time, until nothing will ever come."""
        turns = 0
        while not self._inbox.exhausted:
            if not len(self._inbox):
                await self._inbox.arrival(self._patience_s())
            await self._room.wait()
            await self._well.wait()
            self._hear_again()
            stamped = self._inbox.take()
            if stamped is not None:
                self._accept(stamped)
            elif not self._inbox.exhausted:
                self._tick(self._inbox.now())
            turns += 1
            if turns % STEPS_A_TURN == 0:
                await asyncio.sleep(0)
        self._stepped_all = True
        self._stir.set()

    async def _commit_all(self) -> None:
        """Commit what is stepped, each batch when it is due, until all of it is committed."""
        while not (self._stepped_all and self._pending.is_untouched):
            await self._rest()
            self._turned_s = _real_s()
            if self._stepped_all or self._pending.due(_real_s()):
                await self._commit()
            if _real_s() >= self._sweep_s:
                await self._sweep()

    async def _rest(self) -> None:
        """Wait until a batch or a sweep is due, or that may have changed; not long, for the watchdog must be fed."""
        self._stir.clear()
        if self._stepped_all or self._pending.is_full:
            return
        wait_s = min(IDLE_S, self._pending.due_s - _real_s(), self._sweep_s - _real_s())
        if wait_s > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._stir.wait()

    def _patience_s(self) -> float:
        """How long nothing has to be stepped if no input comes."""
        deadline_s = self._engine.deadline_s
        if deadline_s is None or self._last is None or self._stopping:
            return IDLE_S
        grid_s = ceil(deadline_s / GRID_S) * GRID_S
        return min(IDLE_S, max(SHORTEST_WAIT_S, grid_s - self._inbox.now().mono_s))

    def _hear_again(self) -> None:
        """Where radio was dropped while storage failed: before time goes on, that this was no silence is stepped."""
        dropped, self._dropped = self._dropped, None
        if dropped not in {None, self._inbox.dropped} and self._last is not None and not self._stopping:
            now = self._inbox.now()
            self._step(WasDeaf(round(now.mono_s - self._last.mono_s, 3)), now)

    def _accept(self, stamped: Stamped) -> None:
        stamped = self._in_time(stamped)
        self._tick(stamped.now)
        if stamped.input is None:
            self._gather(Step(), stamped, at_once=False)
            return
        self._counts["inputs"] += 1
        self._step(stamped.input, stamped.now, stamped)

    def _in_time(self, stamped: Stamped) -> Stamped:
        """What came in while the gateway was deaf is stepped after that, and is so much older."""
        last, now = self._last, stamped.now
        if last is None or last.boot_id != now.boot_id or now.mono_s >= last.mono_s:
            return stamped
        if not isinstance(stamped.input, Sighting):
            return replace(stamped, now=last)
        age_s = round(stamped.input.age_s + last.mono_s - now.mono_s, 3)
        return replace(stamped, now=last, input=replace(stamped.input, age_s=age_s))

    def _tick(self, now: Now) -> None:
        """Step the ticks that are due up to `now`; none before the first input of a boot, nor once deaf for good."""
        last = self._last
        if last is None or last.boot_id != now.boot_id or self._stopping:
            return
        last_s = last.mono_s
        while (due := tick_due(self._engine.deadline_s, last_s, now)) is not None:
            self._counts["ticks"] += 1
            self._step(Tick(), due)
            last_s = due.mono_s

    def _step(self, input: Input, now: Now, stamped: Stamped | None = None) -> None:
        step = self._engine.step(input, now)
        self._last = now
        self._stopping = self._stopping or isinstance(input, Stopping)
        at_once = step.urgent or self._stopping or isinstance(input, Started | DocumentReady)
        if isinstance(input, DocumentReady):
            self._pending.documents.append(input)
        if isinstance(step.answer, KeptOut):
            self._keep_out(step.answer)
        if isinstance(input, Acked):
            self._pending.acks[input.incarnation, input.stream] = input.sequence
        self._gather(step, stamped, at_once=at_once)

    def _keep_out(self, what: KeptOut) -> None:
        self._kept_out[what.reason] += 1
        counted = ", ".join(f"{reason} {count}" for reason, count in self._kept_out.most_common())
        self._health.report(Condition("codes", "kept_out", "ok", f"since the start: {counted}", {"reasons": counted}))
        _log.debug("code_kept_out", reason=what.reason)

    def _gathering(self) -> Gathering:
        options = self._options
        return Gathering(options.urgent_s, options.radio_s, options.max_steps)

    def _gather(self, step: Step, stamped: Stamped | None, *, at_once: bool) -> None:
        pending = self._pending
        due_s = pending.due_s
        pending.add(step, at_once=at_once, stamped=stamped, real_s=_real_s())
        if pending.is_full:
            self._room.clear()
        if pending.is_full or pending.due_s < due_s:
            self._stir.set()

    async def _commit(self) -> None:
        """Commit what was gathered, then let it out; what is stepped meanwhile is gathered in the next batch."""
        pending, self._pending = self._pending, self._gathering()
        self._room.set()
        if not pending.is_empty:
            await self._make_durable(pending)
            self._counts.update(commits=1, events=len(pending.events), decisions=len(pending.decisions))
            self.ready.set()
        pending.answer()
        if pending.is_empty and not pending.documents:
            return
        committed = pending.committed()
        self._feed.publish(committed)
        for hear in self._committed:
            hear(committed)

    async def _make_durable(self, pending: Gathering) -> None:
        """Commit, however long it takes. Once it failed nothing is stepped; the inbox keeps what must not be lost."""
        batch, began_s = pending.batch(), _real_s()
        for pause_s in self._pauses():
            try:
                with self._impatient(pending, began_s):
                    await self._store.commit(batch)
                break
            except StorageUnavailable as trouble:
                self._counts["failed_commits"] += 1
                self._endure(pending, trouble, began_s)
            with suppress(StorageUnavailable), self._impatient(pending, began_s):
                await self._store.make_room(self._inbox.now().utc_s)
            self._turned_s = _real_s()
            await asyncio.sleep(pause_s)
        self._recover()

    @contextmanager
    def _impatient(self, pending: Gathering, began_s: float) -> Iterator[None]:
        """Where storage says nothing for too long within the block, it counts as failing."""
        silence = asyncio.get_running_loop().call_later(
            self._options.patience_s, self._endure, pending, SILENT, began_s
        )
        try:
            yield
        finally:
            silence.cancel()

    def _endure(self, pending: Gathering, trouble: StorageUnavailable, began_s: float) -> None:
        """Storage fails, or says nothing: stop stepping; where that lasts, refuse whoever waits for an answer."""
        self._well.clear()
        hint = f"{trouble}; everything but radio is kept and written when storage works again"
        self._health.report(Condition("storage", "storage_unavailable", "error", hint, {"said": trouble.problem}))
        if _real_s() - began_s >= self._options.patience_s:
            pending.refuse(trouble)
            self._pending.refuse(trouble)
            self._dropped = self._inbox.dropped if self._dropped is None else self._dropped
            self._inbox.shed(trouble)

    def _recover(self) -> None:
        """Storage works, or is to show that it does."""
        if not self._well.is_set():
            self._well.set()
            self._inbox.resume()
            self._health.report(Condition("storage", "writable", "ok"))

    async def _sweep(self) -> None:
        """Let storage give up what is too old by the shop's clock; while that cannot be believed, soon again."""
        now, options, pause_s = self._inbox.now(), self._options, self._options.sweep_after_s
        if now.clock == "synced":
            with suppress(StorageUnavailable), self._impatient(self._pending, _real_s()):
                pause_s = options.sweep_on_s if await self._store.sweep(now.utc_s) else options.sweep_every_s
            self._recover()
        self._sweep_s = _real_s() + pause_s


def _real_s() -> float:
    return asyncio.get_running_loop().time()
