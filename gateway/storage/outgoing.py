"""The outbox as its writer sees it: what is added, acknowledged and given up, and the tally of each stream."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

import aiosqlite

from gateway.model.event import Event
from gateway.model.health import Condition
from gateway.model.step import Stream
from gateway.storage.bounds import GIVEN_UP_FIRST, OutboxOptions
from gateway.storage.erasure import Search, Taking, erase_run, search
from gateway.storage.eviction import RUNS_AT_ONCE, DropReason, Taken, older, oldest, replace_runs, take
from gateway.storage.pace import HOUR_S, Pace
from gateway.storage.refusals import Corrupted
from gateway.storage.runs import ADD_RUN, run_rows, runs_of
from gateway.storage.sealing import DAY_S, Sealer
from gateway.storage.stream_ref import StreamKey, StreamRef
from gateway.storage.tally import ADD_STREAM, FORGET_STREAM, SAVE_TALLY, Tally, tally_rows

SLACK: Final = 16
"""At its bound a class gives up a 16th of it at once, so that not every commit has to."""

_OF_DAY: Final = "SELECT stream, last FROM outbox WHERE day = ? ORDER BY ordinal LIMIT ?"


class Outgoing:
    """Works within the store's transactions: `begin` before each, `keep` once it is on the disk."""

    def __init__(
        self,
        connection: aiosqlite.Connection,
        incarnation: str,
        tallies: dict[StreamRef, Tally],
        options: OutboxOptions,
        sealer: Sealer,
    ) -> None:
        self._connection = connection
        self._incarnation = incarnation
        self._bounds = options.bounds
        self._sealer = sealer
        self._kept = tallies
        self._now = dict(tallies)
        self._lost: Counter[tuple[str, DropReason]] = Counter()
        self._lost_now: Counter[tuple[str, DropReason]] = Counter()
        self._untold: dict[StreamRef, int] = {}
        self._untold_now: dict[StreamRef, int] = {}
        self._refs = {ref.key: ref for ref in tallies}
        self._numbered = max((ref.number for ref in tallies), default=0)

    def begin(self) -> None:
        """A transaction begins: what an earlier one did and did not keep never was."""
        self._now = dict(self._kept)
        self._lost_now.clear()
        self._untold_now = {}

    def keep(self) -> None:
        """The transaction is on the disk."""
        self._kept = self._now
        self._lost += self._lost_now
        self._untold |= self._untold_now

    def streams(self) -> list[Stream]:
        """The streams of this incarnation that ever carried something."""
        return [
            Stream(ref.name, each.next_sequence, each.acked)
            for ref, each in self._kept.items()
            if ref.incarnation == self._incarnation
        ]

    def conditions(self) -> Iterator[Condition]:
        """Of each class that lost events since the start: whether head office was told, and what to do."""
        for name in GIVEN_UP_FIRST:
            counts = {reason: count for (stream, reason), count in self._lost.items() if stream == name}
            if not counts:
                continue
            untold = [ref for ref, last in self._untold.items() if ref.name == name and self._acked(ref) < last]
            said = " and ".join(f"{count} {reason}" for reason, count in sorted(counts.items()))
            hint = f"events given up since the start: {said}; see why head office acknowledges none, and free the disk"
            if untold:
                yield Condition(f"outbox:{name}", "given_up", "warning", hint, {"count": sum(counts.values())})
            else:
                yield Condition(f"outbox:{name}", "told", "ok")

    async def add(self, events: Iterable[Event], now_utc_s: float) -> None:
        """Put events behind those of their streams; what is over a class's bound gives way.

        Raises:
            Corrupted: a sequence was given twice.
        """
        runs = [(self._ref(run[0].incarnation, run[0].stream), run) for run in runs_of(events)]
        if not runs:
            return
        added: Counter[StreamRef] = Counter()
        for ref, run in runs:
            tally = self._tally(ref)
            if run[0].sequence < tally.next_sequence:
                msg = f"sequence {run[0].sequence} of stream {ref.name} was given twice"
                raise Corrupted(msg)
            added[ref] += len(run)
            self._now[ref] = replace(tally, next_sequence=run[-1].sequence + 1, events=tally.events + len(run))
        weight: Counter[StreamRef] = Counter()
        await self._connection.executemany(ADD_RUN, run_rows(runs, self._sealer, weight))
        hour = int(now_utc_s // HOUR_S)
        for ref, size in weight.items():
            tally = self._now[ref]
            pace = (tally.pace or Pace(hour)).plus(hour, added[ref], size)
            self._now[ref] = replace(tally, bytes=tally.bytes + size, pace=pace)
        for name in {ref.name for ref in added}:
            await self._keep_bound(name, max(event.recorded_utc_s for _, run in runs for event in run))

    async def follow(self, streams: Mapping[str, Stream | None], acks: Mapping[StreamKey, int]) -> None:
        """Take over the records of this incarnation's streams (None: forgotten), and acks of earlier ones' streams.

        What head office has leaves the outbox, and a stream of an earlier incarnation that has nothing left is over.
        """
        for name, stream in streams.items():
            ref = self._ref(self._incarnation, name)
            if stream is None:
                self._now.pop(ref, None)
                continue
            if stream.acked > self._tally(ref).acked:
                await self._acknowledge(ref, stream.acked)
            tally = self._tally(ref)
            following = max(stream.next_sequence, tally.next_sequence if tally.events else 0)
            self._now[ref] = replace(tally, next_sequence=following, acked=stream.acked)
        for key, acked in acks.items():
            earlier = self._refs.get(key) if key[0] != self._incarnation else None
            if earlier is None or earlier not in self._now or acked <= self._now[earlier].acked:
                continue
            await self._acknowledge(earlier, acked)
            if not self._now[earlier].events:
                del self._now[earlier]

    async def make_room(self, now_utc_s: float) -> int:
        """Give up the older half of the first class that has anything to give; how many events went."""
        for name in GIVEN_UP_FIRST:
            lost = await self._give_up(name, max(2, self._waiting(name) // 2), now_utc_s)
            if lost:
                return lost
        return 0

    async def expire(self, now_utc_s: float) -> int:
        """Give up what waited longer than its class may, a bounded part of it; how many events went."""
        lost = 0
        for ref in self._kept:
            bound = self._bounds.get(ref.name)
            last = await older(self._connection, ref, now_utc_s - bound.days * DAY_S) if bound else 0
            if last:
                lost += (await self._replace(ref, (0, last), "expired", now_utc_s)).lost
        return lost

    async def forget_day(self, day: int, now_utc_s: float) -> bool:
        """Give up what is sealed under the key of `day`, a bounded part of it; whether nothing of it is left."""
        numbered = {ref.number: ref for ref in self._kept}
        rows = list(await self._connection.execute_fetchall(_OF_DAY, (day, RUNS_AT_ONCE)))
        for number, last in rows:
            await self._replace(numbered[number], (last, last), "expired", now_utc_s)
        return len(rows) < RUNS_AT_ONCE

    async def erase(self, taking: Taking, before: Search, now_utc_s: float) -> int:
        """Replace what is to go, in the runs that a search found and those added since; how many events went."""
        erased = 0
        for ref in list(self._now):
            searched = before.searched.get(ref.number, 0)
            since, _ = await search(self._connection, self._sealer, ref, taking.subject, searched)
            for last in (*before.runs.get(ref.number, ()), *since):
                events, grown = await erase_run(self._connection, self._sealer, ref, last, taking, now_utc_s)
                tally = self._tally(ref)
                self._now[ref] = replace(tally, bytes=tally.bytes + grown)
                erased += events
        return erased

    async def save(self) -> None:
        """Write the tallies that changed."""
        changed = {ref: each for ref, each in self._now.items() if self._kept.get(ref) != each}
        new = [(ref.number, *ref.key) for ref in changed if ref not in self._kept]
        gone = [(ref.number,) for ref in self._kept.keys() - self._now.keys()]
        if new:
            await self._connection.executemany(ADD_STREAM, new)
        if changed:
            await self._connection.executemany(SAVE_TALLY, tally_rows(changed))
        for statement in FORGET_STREAM if gone else ():
            await self._connection.executemany(statement, gone)

    async def _keep_bound(self, name: str, now_utc_s: float) -> None:
        bound = self._bounds.get(name)
        if bound is not None and self._waiting(name) > bound.events:
            excess = self._waiting(name) - bound.events
            await self._give_up(name, excess + bound.events // SLACK, now_utc_s)

    async def _give_up(self, name: str, events: int, now_utc_s: float) -> int:
        """Earlier incarnations' first."""
        refs = sorted((ref for ref in self._now if ref.name == name), key=lambda ref: ref.number)
        lost = 0
        for ref in refs:
            last = await oldest(self._connection, ref, events - lost) if lost < events else 0
            if last:
                lost += (await self._replace(ref, (0, last), "evicted", now_utc_s)).lost
        return lost

    async def _replace(self, ref: StreamRef, runs: tuple[int, int], reason: DropReason, now_utc_s: float) -> Taken:
        tally = self._tally(ref)
        taken = await replace_runs(
            self._connection, ref, runs, reason, acked=tally.acked, now_utc_s=now_utc_s, sealer=self._sealer
        )
        self._now[ref] = replace(tally, events=tally.events - taken.events, bytes=tally.bytes - taken.bytes)
        self._lost_now[ref.name, reason] += taken.lost
        self._untold_now[ref] = taken.last
        return taken

    async def _acknowledge(self, ref: StreamRef, acked: int) -> None:
        taken, tally = await take(self._connection, ref, acked), self._tally(ref)
        self._now[ref] = replace(
            tally, acked=acked, events=tally.events - taken.events, bytes=tally.bytes - taken.bytes
        )

    def _waiting(self, name: str) -> int:
        return sum(each.events for ref, each in self._now.items() if ref.name == name)

    def _tally(self, ref: StreamRef) -> Tally:
        return self._now.get(ref) or Tally()

    def _acked(self, ref: StreamRef) -> int:
        return self._kept[ref].acked if ref in self._kept else self._untold[ref]

    def _ref(self, incarnation: str, name: str) -> StreamRef:
        """The stream, with a number that is never given again while this process lives."""
        key = incarnation, name
        if key not in self._refs:
            self._numbered += 1
            self._refs[key] = StreamRef(*key, self._numbered)
        return self._refs[key]
