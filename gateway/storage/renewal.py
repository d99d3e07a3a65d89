"""Renewal: a new incarnation in the same database, once others turn out to have more of its streams than it ever gave.

An older copy of a card, put back, would give sequences a second time, for other events; so would a card that lost what
it had said was written. Whoever has both takes the second for repetitions. So all that waits moves to the streams of a
new incarnation, numbered from 1: what others had already comes again, and nothing is taken for something else.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from typing import Final

import aiosqlite
import structlog

from gateway.model.event import Event
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.files import replace_file
from gateway.storage.connection import read_rows
from gateway.storage.outbox import Outbox
from gateway.storage.refusals import Corrupted
from gateway.storage.runs import ADD_RUN, run_rows, runs_of
from gateway.storage.sealing import DAY_S, Sealer
from gateway.storage.stream_ref import StreamRef
from gateway.storage.tally import ADD_STREAM, FORGET_STREAM, SAVE_TALLY, Tally, read_tallies, tally_rows

OUTDATED_FILE: Final = "gateway.db.outdated"
"""Names the incarnation that is to be followed by a new one, or was; its time says when that was asked for."""
EVERY_S: Final = DAY_S
"""No renewal is asked for sooner after another (seconds): who is wrong again and again is not believed."""
_AT_ONCE: Final = 256
"""Events moved between two reads."""

_FORGET_RUNS: Final = "DELETE FROM outbox WHERE stream = ?"
_SAVE_META: Final = "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)"
_ADD_DAY_KEY: Final = "INSERT INTO day_keys (day, wrapped) VALUES (?, ?)"

_log = structlog.get_logger(__name__)


def ask_for_renewal(directory: Path, incarnation: str, now_utc_s: float) -> bool:
    """Have the next start renew this incarnation; False where one was asked for lately, or the disk takes no note."""
    note = directory / OUTDATED_FILE
    try:
        if note.exists() and abs(now_utc_s - note.stat().st_mtime) < EVERY_S:
            return False
        replace_file(note, incarnation.encode())
    except OSError:
        return False
    return True


async def renew_if_asked(directory: Path, connection: aiosqlite.Connection, sealer: Sealer) -> None:
    """Renew where the incarnation in force is one that was to be; a disk that does not take it leaves all as it was."""
    ((current,),) = await read_rows(connection, "SELECT value FROM meta WHERE name = 'incarnation'")
    if _asked_for(directory) != current:
        return
    try:
        told = await _renewed(connection, str(current), sealer)
        await connection.executemany(_ADD_DAY_KEY, sealer.fresh())
        await connection.commit()
    except (sqlite3.Error, StorageUnavailable, Corrupted) as error:
        with suppress(sqlite3.Error):
            await connection.rollback()
        _log.error("incarnation_not_renewed", problem=str(error))
        return
    sealer.kept()
    _log.warning("incarnation_renewed", **told)


def _asked_for(directory: Path) -> str | None:
    try:
        return (directory / OUTDATED_FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


async def _renewed(connection: aiosqlite.Connection, old: str, sealer: Sealer) -> Mapping[str, object]:
    """Move what waits; what head office is to be told of it."""
    new, moved = token_hex(8), 0
    tallies = await read_tallies(connection)
    number = max((ref.number for ref in tallies), default=0)
    for ref in [ref for ref in tallies if ref.incarnation == old]:
        number += 1
        following = StreamRef(new, ref.name, number)
        tally = await _moved(connection, ref, tallies[ref].acked, following, sealer)
        for statement in (_FORGET_RUNS, *FORGET_STREAM):
            await connection.execute(statement, (ref.number,))
        if tally.events:
            await connection.execute(ADD_STREAM, (number, *following.key))
            await connection.executemany(SAVE_TALLY, tally_rows({following: tally}))
        moved += tally.events
    ((records,),) = await read_rows(connection, "SELECT count(*) FROM records")
    told = {"incarnation": new, "previous": old, "cause": "restored", "records": records, "events": moved, "lost": 0}
    await connection.executemany(_SAVE_META, [("incarnation", new), ("announcement", json.dumps(told))])
    return told


async def _moved(
    connection: aiosqlite.Connection, ref: StreamRef, acked: int, following: StreamRef, sealer: Sealer
) -> Tally:
    """Add what waits of a stream to the one that follows it; where that stands then."""
    outbox, weight = Outbox(connection, sealer), Counter[StreamRef]()
    reached, next_sequence, moved = acked, 1, 0
    while events := await outbox.after(*ref.key, reached, _AT_ONCE):
        renumbered = []
        for event in events:
            renumbered.append(_renumbered(event, acked, following.incarnation, next_sequence))
            next_sequence = renumbered[-1].sequence + 1
        runs = [(following, run) for run in runs_of(renumbered)]
        await connection.executemany(ADD_RUN, run_rows(runs, sealer, weight))
        reached, moved = events[-1].sequence, moved + len(events)
    return Tally(next_sequence, 0, moved, weight[following])


def _renumbered(event: Event, acked: int, incarnation: str, sequence: int) -> Event:
    """The event as the next of another incarnation; an `event.dropped` still answers for as many."""
    if event.type != "event.dropped":
        return replace(event, incarnation=incarnation, sequence=sequence)
    last = sequence + event.sequence - max(int(str(event.data["first"])), acked + 1)
    data = {**event.data, "first": f"{sequence:020d}", "last": f"{last:020d}"}
    return replace(event, incarnation=incarnation, sequence=last, data=data)
