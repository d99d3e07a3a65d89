"""Runs: consecutive events of one stream, kept in one row.

Events of a shop are alike, so a run is a fifth of its events' size, and one seal and one row serve them all. A run is
what one commit made of a stream; it is deleted once head office has its last event.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from gateway.model.event import Event
from gateway.storage.records import decode_events, encode_events
from gateway.storage.sealing import Sealer, day_of
from gateway.storage.stream_ref import StreamKey, StreamRef

EVENTS_A_RUN: Final = 32
"""Most events of a run: as many as the sender takes of a stream at once."""
ROW_BYTES: Final = 100
"""Room that a row takes beside its body, as measured: key, lengths, and its share of pages not full."""

Run = list[Event]
RunRow = tuple[int, int, int, int, int, bytes]

ADD_RUN: Final = "INSERT INTO outbox (stream, last, events, day, recorded_ms, body) VALUES (?, ?, ?, ?, ?, ?)"


def runs_of(events: Iterable[Event]) -> list[Run]:
    """`events` in runs, each of one stream, one day and consecutive sequences."""
    runs: list[Run] = []
    newest: dict[tuple[str, str, int], Run] = {}
    for event in events:
        place = event.incarnation, event.stream, day_of(event.recorded_utc_s)
        run = newest.get(place)
        if run is None or len(run) == EVENTS_A_RUN or event.sequence != run[-1].sequence + 1:
            run = newest[place] = []
            runs.append(run)
        run.append(event)
    return runs


def run_rows(runs: Iterable[tuple[StreamRef, Run]], sealer: Sealer, weight: Counter[StreamRef]) -> Iterator[RunRow]:
    """Rows of runs; `weight` gets the bytes by stream. SQLite's own thread consumes them, not the loop."""
    for ref, run in runs:
        first, last = run[0], run[-1].sequence
        day = day_of(first.recorded_utc_s)
        body = seal_run(ref.key, day, run, sealer)
        weight[ref] += len(body) + ROW_BYTES
        yield ref.number, last, len(run), day, round(first.recorded_utc_s * 1000), body


def seal_run(key: StreamKey, day: int, run: Run, sealer: Sealer) -> bytes:
    """A run's body, under the key of `day`."""
    return sealer.seal(day, _place(key, run[-1].sequence, len(run)), encode_events(run))


def open_run(key: StreamKey, last: int, events: int, day: int, body: bytes, sealer: Sealer) -> Run:
    """The events of a row.

    Raises:
        DayKeyGone: it was sealed on a day whose key is deleted.
        Corrupted: it is not as it was written.
    """
    opened = sealer.open(day, _place(key, last, events), body)
    return decode_events(*key, last - events + 1, opened)


def _place(key: StreamKey, last: int, events: int) -> bytes:
    incarnation, stream = key
    return f"outbox\0{incarnation}\0{stream}\0{last}\0{events}".encode()
