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
from gateway.storage.eviction import RUNS_AT_ONCE, DropReason, Taken, older, oldest, replace_runs, take
from gateway.storage.pace import HOUR_S, Pace
from gateway.storage.refusals import Corrupted
from gateway.storage.runs import ADD_RUN, run_rows, runs_of
from gateway.storage.sealing import DAY_S, Sealer
from gateway.storage.tally import SAVE_TALLY, StreamKey, Tally, tally_rows

SLACK: Final = 16
"""At its bound a class gives up a 16th of it at once, so that not every commit has to."""

_FORGET_TALLY = "DELETE FROM streams WHERE incarnation = ? AND name = ?"
_OF_DAY = "SELECT incarnation, stream, last FROM outbox WHERE day = ? ORDER BY last LIMIT ?"


class Outgoing:
    """Works within the store's transactions: `begin` before each, `keep` once it is on the disk."""

    def __init__(
        self,
        connection: aiosqlite.Connection,
        incarnation: str,
        tallies: dict[StreamKey, Tally],
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
        self._untold: dict[StreamKey, int] = {}
        self._untold_now: dict[StreamKey, int] = {}

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
            Stream(name, each.next_sequence, each.acked)
            for (incarnation, name), each in self._kept.items()
            if incarnation == self._incarnation
        ]

    def conditions(self) -> Iterator[Condition]:
        """Of each class that lost events since the start: whether head office was told, and what to do."""
        for name in GIVEN_UP_FIRST:
            counts = {reason: count for (stream, reason), count in self._lost.items() if stream == name}
            if not counts:
                continue
            untold = [key for key, last in self._untold.items() if key[1] == name and self._acked(key) < last]
            said = " and ".join(f"{count} {reason}" for reason, count in sorted(counts.items()))
            hint = f"events given up since the start: {said}; see why head office acknowledges none, and free the disk"
            if untold:
                yield Condition(f"outbox:{name}", "given_up", "warning", hint)
            else:
                yield Condition(f"outbox:{name}", "told", "ok")

    async def add(self, events: Iterable[Event], now_utc_s: float) -> None:
        """Put events behind those of their streams; what is over a class's bound gives way.

        Raises:
            Corrupted: a sequence was given twice.
        """
        runs = runs_of(events)
        if not runs:
            return
        added: Counter[StreamKey] = Counter()
        for run in runs:
            last = run[-1]
            key, tally = (last.incarnation, last.stream), self._tally(last.incarnation, last.stream)
            if run[0].sequence < tally.next_sequence:
                msg = f"sequence {run[0].sequence} of stream {last.stream} was given twice"
                raise Corrupted(msg)
            added[key] += len(run)
            self._now[key] = replace(tally, next_sequence=last.sequence + 1, events=tally.events + len(run))
        weight: Counter[StreamKey] = Counter()
        await self._connection.executemany(ADD_RUN, run_rows(runs, self._sealer, weight))
        hour = int(now_utc_s // HOUR_S)
        for key, size in weight.items():
            tally = self._now[key]
            pace = (tally.pace or Pace(hour)).plus(hour, added[key], size)
            self._now[key] = replace(tally, bytes=tally.bytes + size, pace=pace)
        for stream in {key[1] for key in added}:
            await self._keep_bound(stream, max(event.recorded_utc_s for run in runs for event in run))

    async def follow(self, streams: Mapping[str, Stream | None], acks: Mapping[StreamKey, int]) -> None:
        """Take over the records of this incarnation's streams (None: forgotten), and acks of earlier ones' streams.

        What head office has leaves the outbox, and a stream of an earlier incarnation that has nothing left is over.
        """
        for name, stream in streams.items():
            key = self._incarnation, name
            if stream is None:
                self._now.pop(key, None)
                continue
            if stream.acked > self._tally(*key).acked:
                await self._acknowledge(key, stream.acked)
            tally = self._tally(*key)
            following = max(stream.next_sequence, tally.next_sequence if tally.events else 0)
            self._now[key] = replace(tally, next_sequence=following, acked=stream.acked)
        for key, acked in acks.items():
            if key[0] != self._incarnation and key in self._now and acked > self._now[key].acked:
                await self._acknowledge(key, acked)
                if not self._now[key].events:
                    del self._now[key]

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
        for key in self._kept:
            bound = self._bounds.get(key[1])
            last = await older(self._connection, key, now_utc_s - bound.days * DAY_S) if bound else 0
            if last:
                lost += (await self._replace(key, (0, last), "expired", now_utc_s)).lost
        return lost

    async def forget_day(self, day: int, now_utc_s: float) -> bool:
        """Give up what is sealed under the key of `day`, a bounded part of it; whether nothing of it is left."""
        rows = list(await self._connection.execute_fetchall(_OF_DAY, (day, RUNS_AT_ONCE)))
        for incarnation, stream, last in rows:
            await self._replace((incarnation, stream), (last, last), "expired", now_utc_s)
        return len(rows) < RUNS_AT_ONCE

    async def save(self) -> None:
        """Write the tallies that changed."""
        changed = {key: each for key, each in self._now.items() if self._kept.get(key) is not each}
        if changed:
            await self._connection.executemany(SAVE_TALLY, tally_rows(changed))
        gone = self._kept.keys() - self._now.keys()
        if gone:
            await self._connection.executemany(_FORGET_TALLY, gone)

    async def _keep_bound(self, name: str, now_utc_s: float) -> None:
        bound = self._bounds.get(name)
        if bound is not None and self._waiting(name) > bound.events:
            excess = self._waiting(name) - bound.events
            await self._give_up(name, excess + bound.events // SLACK, now_utc_s)

    async def _give_up(self, name: str, events: int, now_utc_s: float) -> int:
        """Earlier incarnations' first."""
        keys = sorted((key for key in self._now if key[1] == name), key=lambda key: key[0] == self._incarnation)
        lost = 0
        for key in keys:
            last = await oldest(self._connection, key, events - lost) if lost < events else 0
            if last:
                lost += (await self._replace(key, (0, last), "evicted", now_utc_s)).lost
        return lost

    async def _replace(self, key: StreamKey, runs: tuple[int, int], reason: DropReason, now_utc_s: float) -> Taken:
        tally = self._tally(*key)
        taken = await replace_runs(
            self._connection, key, runs, reason, acked=tally.acked, now_utc_s=now_utc_s, sealer=self._sealer
        )
        self._now[key] = replace(tally, events=tally.events - taken.events, bytes=tally.bytes - taken.bytes)
        self._lost_now[key[1], reason] += taken.lost
        self._untold_now[key] = taken.last
        return taken

    async def _acknowledge(self, key: StreamKey, acked: int) -> None:
        taken, tally = await take(self._connection, key, acked), self._tally(*key)
        self._now[key] = replace(
            tally, acked=acked, events=tally.events - taken.events, bytes=tally.bytes - taken.bytes
        )

    def _waiting(self, name: str) -> int:
        return sum(each.events for (_, stream), each in self._now.items() if stream == name)

    def _tally(self, incarnation: str, name: str) -> Tally:
        return self._now.get((incarnation, name)) or Tally()

    def _acked(self, key: StreamKey) -> int:
        return self._kept[key].acked if key in self._kept else self._untold[key]
