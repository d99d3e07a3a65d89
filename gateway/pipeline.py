"""The one writer: inputs in, one timeline of steps, one transaction a batch; nothing leaves before its commit."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from math import ceil, inf
from typing import Final, Protocol

from gateway.core.timeline import tick_due
from gateway.model.decision import Decision
from gateway.model.event import Event
from gateway.model.health import Condition
from gateway.model.inputs import Acked, DocumentReady, Input, Started, Stopping, Tick
from gateway.model.step import Change, Purge, ReceiverState, Save, Step
from gateway.model.time import GRID_S, Now
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.feed import Committed, Feed
from gateway.runtime.health import Health
from gateway.runtime.inbox import Inbox, Origin, Stamped
from gateway.runtime.supervise import backoff
from gateway.storage.batch import Batch

IDLE_S: Final = 1.0
"""The writer wakes at least this often (seconds), so that the watchdog is fed in a quiet shop."""
SHORTEST_WAIT_S: Final = 0.02
"""A clock that stands still (a capture between two lines) is not asked more often than this (seconds)."""
RETRY_PAUSES: Final = partial(backoff, 0.1, 1.0)
"""Pauses between attempts of a failing commit (seconds)."""
STEPS_A_TURN: Final = 64
"""Steps between two turns of the event loop: about 5 ms on a Raspberry Pi."""


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
        max_steps: A batch is never larger.
        patience_s: While storage fails, asks wait this long (seconds) before they are refused and radio is dropped.
        sweep_after_s: What is too old is first looked for so long after the start (seconds),
        sweep_every_s: and then this often (seconds);
        sweep_on_s: where there is much of it, the next part goes after a pause in which the shop goes on (seconds).
    """

    urgent_s: float = 0.03
    radio_s: float = 2.5
    max_steps: int = 2_000
    patience_s: float = 5.0
    sweep_after_s: float = 60.0
    sweep_every_s: float = 86_400.0
    sweep_on_s: float = 1.0


class Pipeline:
    """Takes inputs from the inbox, steps the engine, commits in batches, then lets the results out.

    It alone calls `Engine.step`, and `Store.commit` while it runs. A commit that fails keeps its batch and is tried
    again; an exception of the engine, or a corrupt database, leaves `run` and so ends the process without a commit.
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
        self._options = options
        self._pauses = pauses
        self._pending = _Pending(options)
        self._last: Now | None = None
        self._stopping = False
        self._sweep_s = inf
        self._counts: Counter[str] = Counter(inputs=0, ticks=0, events=0, decisions=0, commits=0, failed_commits=0)

    def counters(self) -> Mapping[str, int]:
        """Totals since the start: inputs, ticks, events, decisions, commits, failed_commits, dropped (lossy inputs)."""
        return {**self._counts, "dropped": self._inbox.dropped}

    async def run(self) -> None:
        """Work until the inbox is closed and empty and all of it is committed.

        Raises:
            Exception: a broken invariant in the engine, or `Corrupted` from storage: neither can be worked around.
        """
        turns = 0
        self._sweep_s = _real_s() + self._options.sweep_after_s
        while not self._inbox.exhausted:
            stamped = await self._inbox.take(self._patience_s())
            self._alive()
            if stamped is not None:
                self._accept(stamped)
            elif not self._inbox.exhausted:
                self._tick(self._inbox.now())
            if self._pending.due(_real_s()):
                await self._commit()
            if _real_s() >= self._sweep_s:
                await self._sweep()
            turns += 1
            if turns % STEPS_A_TURN == 0:
                await asyncio.sleep(0)
        await self._commit()

    def _patience_s(self) -> float:
        """How long nothing has to be done if no input comes."""
        if len(self._inbox):
            return 0.0
        waits_s = [IDLE_S, self._pending.due_s - _real_s(), self._sweep_s - _real_s()]
        deadline_s = self._engine.deadline_s
        if deadline_s is not None and self._last is not None and not self._stopping:
            grid_s = ceil(deadline_s / GRID_S) * GRID_S
            waits_s.append(max(SHORTEST_WAIT_S, grid_s - self._inbox.now().mono_s))
        return max(0.0, min(waits_s))

    def _accept(self, stamped: Stamped) -> None:
        self._tick(stamped.now)
        if stamped.input is None:
            self._pending.add(Step(), at_once=False, stamped=stamped, real_s=_real_s())
            return
        self._counts["inputs"] += 1
        self._step(stamped.input, stamped.now, stamped)

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
        if isinstance(input, Acked):
            self._pending.acks[input.incarnation, input.stream] = input.sequence
        self._pending.add(step, at_once=at_once, stamped=stamped, real_s=_real_s())

    async def _commit(self) -> None:
        pending = self._pending
        if not pending.is_empty:
            await self._make_durable(pending)
            self._counts.update(commits=1, events=len(pending.events), decisions=len(pending.decisions))
            self.ready.set()
        self._pending = _Pending(self._options)
        pending.answer()
        if pending.is_empty and not pending.documents:
            return
        committed = pending.committed()
        self._feed.publish(committed)
        for hear in self._committed:
            hear(committed)

    async def _make_durable(self, pending: "_Pending") -> None:
        """Commit, however long it takes. While it fails nothing is stepped; the inbox keeps what must not be lost."""
        batch = pending.batch()
        failing_since_s: float | None = None
        for pause_s in self._pauses():
            try:
                await self._store.commit(batch)
                break
            except StorageUnavailable as trouble:
                self._counts["failed_commits"] += 1
                failing_since_s = _real_s() if failing_since_s is None else failing_since_s
                self._endure(pending, trouble, _real_s() - failing_since_s)
            await self._make_room()
            self._alive()
            await asyncio.sleep(pause_s)
        if failing_since_s is not None:
            self._inbox.resume()
            self._health.report(Condition("storage", "writable", "ok"))

    def _endure(self, pending: "_Pending", trouble: StorageUnavailable, failing_s: float) -> None:
        hint = f"{trouble}; everything but radio is kept and written when storage works again"
        self._health.report(Condition("storage", "storage_unavailable", "error", hint))
        if failing_s >= self._options.patience_s:
            pending.refuse(trouble)
            self._inbox.shed(trouble)

    async def _sweep(self) -> None:
        """Let storage give up what is too old by the shop's clock, if that can be believed."""
        now, swept = self._inbox.now(), 0
        if now.clock == "synced":
            with suppress(StorageUnavailable):
                swept = await self._store.sweep(now.utc_s)
        self._sweep_s = _real_s() + (self._options.sweep_on_s if swept else self._options.sweep_every_s)

    async def _make_room(self) -> None:
        with suppress(StorageUnavailable):
            await self._store.make_room(self._inbox.now().utc_s)


class _Pending:
    """The batch being gathered, everything in order."""

    def __init__(self, options: CommitOptions) -> None:
        self.due_s = inf
        self.changes: list[Change] = []
        self.events: list[Event] = []
        self.decisions: list[Decision] = []
        self.positions: dict[str, int] = {}
        self.documents: list[DocumentReady] = []
        self.acks: dict[tuple[str, str], int] = {}
        self._options = options
        self._replies: list[tuple[asyncio.Future[object], object]] = []
        self._steps = 0

    @property
    def is_empty(self) -> bool:
        return not (self.changes or self.events or self.decisions or self.positions or self.acks)

    def due(self, real_s: float) -> bool:
        return real_s >= self.due_s or self._steps >= self._options.max_steps

    def add(self, step: Step, *, at_once: bool, stamped: Stamped | None, real_s: float) -> None:
        self._steps += 1
        self.changes += step.changes
        self.events += step.events
        self.decisions += step.decisions
        if stamped is not None and stamped.reply is not None:
            self._replies.append((stamped.reply, step.answer))
            at_once = True
        if stamped is not None and stamped.origin is not None:
            self._cover(stamped.origin)
        if at_once:
            self.due_s = min(self.due_s, real_s + self._options.urgent_s)
        elif not self.is_empty:
            self.due_s = min(self.due_s, real_s + self._options.radio_s)

    def batch(self) -> Batch:
        parts = tuple(self.changes), tuple(self.events), tuple(self.decisions)
        return Batch(*parts, dict(self.positions), dict(self.acks))

    def committed(self) -> Committed:
        saved = (change.record for change in self.changes if isinstance(change, Save))
        receivers = tuple(record for record in saved if isinstance(record, ReceiverState))
        erased = tuple(change.subject for change in self.changes if isinstance(change, Purge))
        parts = tuple(self.events), tuple(self.decisions), self.positions, tuple(self.documents)
        return Committed(*parts, receivers, erased)

    def answer(self) -> None:
        for reply, answer in self._replies:
            if not reply.done():
                reply.set_result(answer)

    def refuse(self, trouble: Exception) -> None:
        for reply, _ in self._replies:
            if not reply.done():
                reply.set_exception(trouble)
        self._replies.clear()

    def _cover(self, origin: Origin) -> None:
        source, position = origin
        self.positions[source] = max(position, self.positions.get(source, 0))


def _real_s() -> float:
    return asyncio.get_running_loop().time()
