"""Gathering: what steps do becomes one batch, with who waits for it and when it is due."""

import asyncio
from math import inf

from gateway.model.beacons import BeaconState
from gateway.model.decision import Decision
from gateway.model.event import Event
from gateway.model.inputs import DocumentReady
from gateway.model.step import Change, ReceiverState, Save, Step
from gateway.runtime.feed import Committed, changed_stock, forgotten_subjects
from gateway.runtime.inbox import Origin, Stamped
from gateway.storage.batch import Batch


class Gathering:
    """What steps did since the last batch, everything in order, and who waits for its commit. Times are real seconds.

    Attributes:
        due_s: When it is to be committed.
        documents: Those that are in use from its commit on.
        acks: How far streams are acknowledged, by incarnation and name.
    """

    def __init__(self, urgent_s: float, radio_s: float, max_steps: int) -> None:
        """It is due `urgent_s` after somebody began to wait, `radio_s` after anything changed, or at `max_steps`."""
        self.due_s = inf
        self.changes: list[Change] = []
        self.events: list[Event] = []
        self.decisions: list[Decision] = []
        self.positions: dict[str, int] = {}
        self.documents: list[DocumentReady] = []
        self.acks: dict[tuple[str, str], int] = {}
        self._urgent_s = urgent_s
        self._radio_s = radio_s
        self._max_steps = max_steps
        self._replies: list[tuple[asyncio.Future[object], object]] = []
        self._steps = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.changes or self.events or self.decisions or self.positions or self.acks)

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was stepped, so that nobody waits either."""
        return not self._steps

    @property
    def is_full(self) -> bool:
        """Whether it takes no more."""
        return self._steps >= self._max_steps

    def due(self, real_s: float) -> bool:
        """Whether it is to be committed now."""
        return real_s >= self.due_s or self.is_full

    def add(self, step: Step, *, at_once: bool, stamped: Stamped | None, real_s: float) -> None:
        """Add what a step did, and who waits for it; `at_once`: it is urgent."""
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
            self.due_s = min(self.due_s, real_s + self._urgent_s)
        elif not self.is_empty:
            self.due_s = min(self.due_s, real_s + self._radio_s)

    def batch(self) -> Batch:
        """What is to be written."""
        parts = tuple(self.changes), tuple(self.events), tuple(self.decisions)
        return Batch(*parts, dict(self.positions), dict(self.acks))

    def committed(self) -> Committed:
        """What is to be let out once it is written."""
        saved = [change.record for change in self.changes if isinstance(change, Save)]
        receivers = tuple(record for record in saved if isinstance(record, ReceiverState))
        erased = forgotten_subjects(self.changes)
        parts = tuple(self.events), tuple(self.decisions), self.positions, tuple(self.documents)
        beacons = tuple(record for record in saved if isinstance(record, BeaconState))
        return Committed(*parts, receivers, erased, beacons, changed_stock(self.changes))

    def answer(self) -> None:
        """It is written: whoever waited gets the answer."""
        for reply, answer in self._replies:
            if not reply.done():
                reply.set_result(answer)

    def refuse(self, trouble: Exception) -> None:
        """Whoever waits is told why they wait no longer; it may still be written."""
        for reply, _ in self._replies:
            if not reply.done():
                reply.set_exception(trouble)
        self._replies.clear()

    def _cover(self, origin: Origin) -> None:
        source, position = origin
        self.positions[source] = max(position, self.positions.get(source, 0))
