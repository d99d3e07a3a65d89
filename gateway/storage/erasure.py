"""Erasure: what is kept of a subject beside the records, which is decisions, and events that wait to be sent.

Rows of the outbox are sealed and name nobody, so that finding a subject's events means opening every run. That is done
beside the writer, in small parts; what it found is handed over, and the writer opens only those runs and what is new.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import aiosqlite

from gateway.model.event import Event
from gateway.storage.connection import learn_keys, read_rows
from gateway.storage.eviction import stand_in
from gateway.storage.refusals import Corrupted
from gateway.storage.rows import subject_key
from gateway.storage.runs import Run, open_run, seal_run
from gateway.storage.sealing import DayKeyGone, Sealer
from gateway.storage.stream_ref import StreamKey, StreamRef

RUNS_AT_ONCE: Final = 16
"""Runs opened between two turns of the event loop: a few milliseconds on a Raspberry Pi."""
MOST_WAITING: Final = 16
"""Searches and outcomes that are kept for who asked; the oldest is forgotten: a search is only there to save time."""

_AFTER: Final = "SELECT last, events, day, body FROM outbox WHERE stream = ? AND last > ? ORDER BY last LIMIT ?"
_RUN: Final = "SELECT last, events, day, body FROM outbox WHERE stream = ? AND last = ?"
_REPLACE: Final = "UPDATE outbox SET body = ? WHERE stream = ? AND last = ?"
_FORGET_DECISIONS: Final = "DELETE FROM decisions WHERE subject = ? RETURNING ordinal"


@dataclass(frozen=True, slots=True)
class Search:
    """Which runs hold events of a subject, by the last sequence of each, and how far each stream was searched.

    Both by number of the stream, 0 = from the beginning.
    """

    runs: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    searched: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ErasedRows:
    """What went: decisions of the ledger, and events that head office did not have yet."""

    decisions: int
    events: int


class Erasures:
    """Between who asks for an erasure and the writer that does it: what was found before, what went."""

    def __init__(self) -> None:
        self._found: dict[str, Search] = {}
        self._done: dict[str, ErasedRows] = {}

    def expect(self, subject: str, search: Search) -> None:
        """An erasure of `subject` is about to come."""
        _keep(self._found, subject, search)

    def found(self, subject: str) -> Search:
        """What was found of `subject`; nothing was searched where nobody did."""
        return self._found.get(subject, Search())

    def done(self, outcome: Mapping[str, ErasedRows]) -> None:
        """These subjects were erased, durably."""
        for subject, rows in outcome.items():
            self._found.pop(subject, None)
            _keep(self._done, subject, rows)

    def outcome(self, subject: str) -> ErasedRows | None:
        """What went of `subject`, told once."""
        return self._done.pop(subject, None)


async def search(
    connection: aiosqlite.Connection, sealer: Sealer, ref: StreamRef, subject: str, after: int
) -> tuple[tuple[int, ...], int]:
    """The runs of a stream beyond `after` that hold events of `subject`, and how far it was searched.

    Raises:
        StorageUnavailable: the disk does not answer.
    """
    found: list[int] = []
    while rows := await read_rows(connection, _AFTER, (ref.number, after, RUNS_AT_ONCE)):
        await learn_keys(connection, sealer, {row[2] for row in rows})
        found += [row[0] for row in rows if any(each.subject == subject for each in _opened(ref.key, row, sealer))]
        after = rows[-1][0]
    return tuple(found), after


@dataclass(frozen=True, slots=True)
class Taking:
    """Which events of a subject go, and the reason that stands in their place."""

    subject: str
    reason: Literal["erased", "withdrawn"] = "erased"
    goes: Callable[[Event], bool] = lambda _: True

    def takes(self, event: Event) -> bool:
        """Whether this event goes."""
        return event.subject == self.subject and self.goes(event)


async def erase_run(
    connection: aiosqlite.Connection, sealer: Sealer, ref: StreamRef, last: int, taking: Taking, now_utc_s: float
) -> tuple[int, int]:
    """Put an `event.dropped` in the place of each event of a run that is to go, within the caller's transaction.

    Gives how many there were, and by how many bytes the run grew.
    """
    for row in await connection.execute_fetchall(_RUN, (ref.number, last)):
        run = _opened(ref.key, row, sealer)
        erased = sum(map(taking.takes, run))
        if erased:
            body = seal_run(ref.key, row[2], [_without(event, taking, now_utc_s, sealer) for event in run], sealer)
            await connection.execute(_REPLACE, (body, ref.number, last))
            return erased, len(body) - len(row[3])
    return 0, 0


async def forget_decided(connection: aiosqlite.Connection, sealer: Sealer, subject: str) -> int:
    """Delete what was decided for `subject`, within the caller's transaction; how much it was."""
    keys = (subject_key(subject, day, sealer) for day in sealer.days())
    return sum([len(list(await connection.execute_fetchall(_FORGET_DECISIONS, (key,)))) for key in keys])


def _opened(key: StreamKey, row: Any, sealer: Sealer) -> Run:
    """The events of a row; none where it does not open, for then nobody reads it."""
    last, events, day, body = row
    try:
        return open_run(key, last, events, day, body, sealer)
    except (Corrupted, DayKeyGone):
        return []


def _without(event: Event, taking: Taking, now_utc_s: float, sealer: Sealer) -> Event:
    if not taking.takes(event):
        return event
    place = event.incarnation, event.stream
    return stand_in(place, event.sequence, event.sequence, taking.reason, event.recorded_utc_s, now_utc_s, sealer)


def _keep(kept: dict[str, Any], subject: str, value: Any) -> None:
    kept.pop(subject, None)
    kept[subject] = value
    if len(kept) > MOST_WAITING:
        del kept[next(iter(kept))]
