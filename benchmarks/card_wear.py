"""What a card is made to write: bytes an event on a shop's stream, in the pipeline's two lanes and one by one.

Ten events a second, nine of ten from radio alone, of sixty visitors. Each saves a presence, its stream and time;
every other of the rest is a decision as well. The lanes are the pipeline's (`CommitOptions`), their waits taken out:
the batches that they would gather are committed one after another. Bytes are the process's `write_bytes` in
/proc/PID/io (proc(5)), which counts pages of the page cache made dirty: log, database and all. `cut` has no head
office, so that everything stays; in `acked` it acknowledges with each commit what the one before it held.

    python -m benchmarks.card_wear [EVENTS]
"""

import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.storage import UTC_S, event
from gateway.model.decision import Withheld
from gateway.model.event import Event
from gateway.model.step import Change, Save, Stream, Timeline
from gateway.model.time import At
from gateway.model.visit import Presence
from gateway.pipeline import CommitOptions
from gateway.storage.batch import Batch
from gateway.storage.database import Store, open_store

EVENTS_A_SECOND = 10.0
URGENT_SHARE = 0.1
VISITORS = 60
ZONES = ("shoes", "coats", "checkout", "entrance", "fitting", "pickup")
TARGET_BYTES = 1500


@dataclass(slots=True)
class Moment:
    """One event of the shop with all that its step changed."""

    at_s: float
    urgent: bool
    event: Event
    changes: tuple[Change, ...]
    decisions: tuple[Withheld, ...] = ()


@dataclass(slots=True)
class Shop:
    """Makes the stream, the same every time."""

    chance: random.Random = field(default_factory=lambda: random.Random(1))
    next_sequence: dict[str, int] = field(default_factory=dict)

    def moments(self, count: int) -> Iterator[Moment]:
        """`count` events in order, at random times."""
        at_s = 0.0
        for number in range(count):
            at_s += self.chance.expovariate(EVENTS_A_SECOND)
            yield self._moment(number, at_s)

    def _moment(self, number: int, at_s: float) -> Moment:
        urgent = self.chance.random() < URGENT_SHARE
        decided = urgent and self.chance.random() < 0.5
        stream = "offer" if decided else "visit"
        subject, zone = f"m.{self.chance.randrange(VISITORS):010d}", self.chance.choice(ZONES)
        sequence = self.next_sequence.get(stream, 1)
        self.next_sequence[stream] = sequence + 1
        at, noise = At(at_s, UTC_S + at_s), f"{self.chance.getrandbits(74):019x}"
        told = replace(
            event(sequence), id=f"019a0000-0000-7{noise[:3]}-8{noise[3:6]}-{noise[6:18]}", stream=stream,
            subject=subject, time_utc_s=round(at.utc_s, 3), recorded_utc_s=round(at.utc_s, 3),
            data={**event(sequence).data, "visit": f"v.{noise[:16]}", "zone": zone},
        )  # fmt: skip
        level_dbm = round(self.chance.uniform(-90, -40), 1)
        presence = Presence(
            subject, "member", zone, at, at, f"v.{noise[:16]}", level_dbm, 1.02, ("b-7", "b-9"),
            (("b-7", level_dbm), ("b-9", level_dbm - 9)), at,
        )  # fmt: skip
        changes = (Save(presence), Save(Timeline("boot", at_s, at.utc_s, "synced", number)))
        withheld = Withheld(at, subject, f"v.{noise[:16]}", "welcome", "zone_entered", "cap", "Already greeted today.")
        return Moment(at_s, urgent, told, changes, (withheld,) if decided else ())


def in_lanes(moments: Iterable[Moment], lanes: CommitOptions) -> Iterator[list[Moment]]:
    """The batches that the pipeline would gather."""
    batch: list[Moment] = []
    due_s = 0.0
    for moment in moments:
        if batch and moment.at_s >= due_s:
            yield batch
            batch = []
        waits_s = lanes.urgent_s if moment.urgent else lanes.radio_s
        due_s = min(due_s, moment.at_s + waits_s) if batch else moment.at_s + waits_s
        batch.append(moment)
    yield batch


def one_by_one(moments: Iterable[Moment]) -> Iterator[list[Moment]]:
    """A transaction an event."""
    return ([moment] for moment in moments)


async def commit_all(store: Store, batches: Iterable[list[Moment]], *, acked: bool) -> int:
    """Commit every batch; how many there were."""
    held: dict[str, int] = {}
    count = 0
    for batch in batches:
        changes = [change for moment in batch for change in moment.changes]
        known = dict(held) if acked else {}
        events = tuple(replace(moment.event, incarnation=store.incarnation) for moment in batch)
        held |= {each.stream: each.sequence for each in events}
        changes += [Save(Stream(name, last + 1, known.get(name, 0))) for name, last in held.items()]
        await store.commit(Batch(tuple(changes), events, tuple(each for moment in batch for each in moment.decisions)))
        count += 1
    return count


async def wear(count: int, *, lanes: bool, acked: bool) -> dict[str, object]:
    """Commits, and bytes written an event until the database is closed."""
    moments = list(Shop().moments(count))
    batches = list(in_lanes(moments, CommitOptions()) if lanes else one_by_one(moments))
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as place:
        async with open_store(Path(place), bytes(32), clock=lambda: UTC_S) as store:
            before, cpu_s = written(), time.process_time()
            commits = await commit_all(store, batches, acked=acked)
        cpu_us = (time.process_time() - cpu_s) / count * 1e6
        return {
            "lanes": "pipeline" if lanes else "one by one",
            "link": "acked" if acked else "cut",
            "events": count,
            "commits": commits,
            "written_bytes_an_event": round((written() - before) / count),
            "file_bytes_an_event": round((Path(place) / "gateway.db").stat().st_size / count),
            "cpu_us_an_event": round(cpu_us, 1),
        }


def written() -> int:
    """What this process made the kernel write so far (bytes)."""
    facts = dict(line.split(": ") for line in Path("/proc/self/io").read_text(encoding="ascii").splitlines())
    return int(facts["write_bytes"])


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    worst = 0
    for lanes in (False, True):
        for acked in (False, True):
            found = asyncio.run(wear(count, lanes=lanes, acked=acked))
            print(json.dumps(found))
            if lanes:
                worst = max(worst, int(str(found["written_bytes_an_event"])))
    sys.exit(worst > TARGET_BYTES)


if __name__ == "__main__":
    main()
