"""What a moment's decision costs among ten thousand campaigns, beside judging every one of them, and what a swap costs.

`python -m benchmarks.decisions [DECISIONS]`. 10,000 campaigns, 100,000 members, 400 zones and 100 markers. Half of the
campaigns fire in one zone, a tenth at one marker, a fifth in every zone of a kind, a fifth anywhere; those of many
places are for one of 200 segments each. The peer: the same rules asked of every campaign, as without an index.
"""

import asyncio
import gc
import json
import sys
import threading
from collections.abc import Coroutine
from dataclasses import replace
from random import Random
from statistics import median, quantiles
from time import perf_counter, thread_time
from typing import Final

from gateway.core.offers.decide import decide
from gateway.core.offers.index import CampaignIndex
from gateway.core.offers.snapshot import Snapshot
from gateway.documents.campaigns import campaigns_in_slices, compile_campaigns, parts_of
from gateway.model.decision import Exposure, Moment
from gateway.model.documents import Campaigns, FloorPlan, Marker, Member, Zone
from gateway.model.time import At, Now
from gateway.model.visit import Assurance
from gateway.runtime.garbage import set_aside
from gateway.runtime.remains import Remains
from gateway.runtime.slices import in_slices

CAMPAIGNS, MEMBERS, ZONES, MARKERS, KINDS, SEGMENTS = 10_000, 100_000, 400, 100, 8, 200
ALL_DECISIONS: Final = 40
"""Moments judged by every campaign: the ratio needs no more of what takes so long."""
SWAPS: Final = 7
RULES: Final = ("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TU,WE", "FREQ=MONTHLY;BYDAY=1MO,-1SA", "FREQ=WEEKLY;BYDAY=MO,SU")
NOW: Final = Now(0.0, 1_767_603_600.0, "synced", "bench")


def plan() -> FloorPlan:
    zones = {f"z{number}": Zone(f"z{number}", f"k{number % KINDS}") for number in range(ZONES)}
    markers = {f"m{number}": Marker(f"m{number}", zone=f"z{number}") for number in range(MARKERS)}
    return FloorPlan("bench", "bench", "Europe/Paris", ("en",), zones, {}, {}, markers)


def trigger(number: int) -> dict[str, object]:
    match number % 10:
        case 0 | 1 | 2 | 3 | 4:
            return {"zone_entered": {"zone": f"z{number // 10 % ZONES}"}}
        case 5:
            return {"code_scanned": {"marker": f"m{number // 10 % MARKERS}"}}
        case 6 | 7:
            return {"zone_entered": {"kind": f"k{number // 10 % KINDS}"}}
        case _:
            return {"zone_entered": {}}


def document() -> bytes:
    """The campaigns as head office writes them."""
    campaigns = [
        {
            "id": f"c{number}",
            "trigger": trigger(number),
            "audience": f"'s{number // 10 % SEGMENTS}' in member.segments && !member.minor"
            if number % 10 > 5
            else None,
            "schedule": {"from": f"2025-0{number % 9 + 1}-01T00:00:00Z", "rrule": RULES[number % len(RULES)]},
            "priority": number * 7919 % 100,
            "category": f"g{number % 20}",
            "exclusive_group": f"x{number % 50}" if number % 3 == 0 else None,
            "caps": [{"scope": "member", "max": 1, "per": "day"}, {"scope": "visit", "max": 1}],
            "quiet_hours": {"push": ["20:00", "09:00"]},
            "control_per_10000": 1000,
            "budget": {"kind": "usage", "lease": 1000},
            "channels": ["push", "app"],
            "variants": [{"id": "a", "weight": 1, "content": f"w{number}"}],
        }
        for number in range(CAMPAIGNS)
    ]
    content = {f"w{number}": {"en": {"title": "Hello"}, "fr": {"title": "Bonjour"}} for number in range(CAMPAIGNS)}
    caps = [{"scope": "member", "max": 8, "per": "day"}]
    whole = {"document": "campaigns", "serial": 1, "caps": caps, "contacts_per_day": 9, "content": content}
    return json.dumps({**whole, "holdout": {"salt": "bench", "per_10000": 500}, "campaigns": campaigns}).encode()


def member(number: int) -> Member:
    dice = Random(number)
    segments = tuple(f"s{dice.randrange(SEGMENTS)}" for _ in range(6))
    purposes = frozenset({"presence", "offers"})
    return Member(f"h{number}", {}, ("fr",), purposes, segments, {"brand": number}, minor=number % 50 == 0)


def moment(dice: Random) -> Moment:
    subject, zone = f"m.h{dice.randrange(MEMBERS)}", f"z{dice.randrange(ZONES)}"
    at = At(0.0, NOW.utc_s)
    if dice.random() < 0.2:
        return Moment("code_scanned", at, subject, "v.1", zone, Assurance.PROXIMATE, f"m{dice.randrange(MARKERS)}")
    return Moment("zone_entered", at, subject, "v.1", zone, Assurance.PROXIMATE)


def counted(of: Moment, dice: Random) -> dict[str, Exposure]:
    """Thirty campaigns that the member was offered before."""
    names = {f"c{dice.randrange(CAMPAIGNS)}" for _ in range(30)}
    return {n: Exposure(of.subject or "", n, 1, "2026-01-04", 1, "v.0", 1, At(0.0, NOW.utc_s - 9e4)) for n in names}


def decision_s(snapshot: Snapshot, dice: Random, members: list[Member]) -> float:
    """CPU seconds of deciding about one moment."""
    of = moment(dice)
    exposures = counted(of, dice)
    about = members[int((of.subject or "")[3:])]
    began_s = thread_time()
    decide(snapshot, of, about, exposures, snapshot.groups_used(of.visit, exposures), NOW)
    return thread_time() - began_s


class Every(CampaignIndex):
    """No index: whatever happens, every campaign is judged."""

    def candidates(self, keys: object, segments: object) -> tuple[object, ...]:  # type: ignore[override]
        return self.ranked


def swap(raw: bytes, floorplan: FloorPlan, members: list[Member], dice: Random) -> tuple[float, float, float]:
    """Seconds of CPU in the compiling thread, of the swap on the loop, and of the first decision after it."""
    compiled: list[Campaigns] = []
    spent: list[float] = []

    def compile_it() -> None:
        began_s = thread_time()
        with set_aside():
            compiled.append(compile_campaigns(raw))
        spent.append(thread_time() - began_s)

    worker = threading.Thread(target=compile_it)
    worker.start()
    worker.join()
    began_s = thread_time()
    snapshot = Snapshot.of(compiled[0], floorplan)
    swapped_s = thread_time() - began_s
    return spent[0], swapped_s, decision_s(snapshot, dice, members)


async def longest_waits_s(work: Coroutine[None, None, object]) -> tuple[float, float]:
    """How long at most a loop is kept from its turn while `work` is done: in all, and by its own thread (CPU)."""
    longest_s = busiest_s = 0.0
    working = asyncio.create_task(work)
    while not working.done():
        before_s, busy_s = perf_counter(), thread_time()
        await asyncio.sleep(0.001)
        longest_s = max(longest_s, perf_counter() - before_s - 0.001)
        busiest_s = max(busiest_s, thread_time() - busy_s)
    return longest_s, busiest_s


async def sliced(raw: bytes) -> Campaigns:
    """As the gateway compiles campaigns that a child found right."""
    with set_aside():
        return await in_slices(campaigns_in_slices(raw))


def given_back(raw: bytes) -> tuple[float, float]:
    """CPU seconds that the loop is kept by what was replaced: at once, and at most between two turns, in slices."""
    with set_aside():
        first, second = compile_campaigns(raw), compile_campaigns(raw)
    began_s = thread_time()
    del first
    at_once_s = thread_time() - began_s
    began_s = thread_time()
    remains = Remains(second, parts_of(second))
    del second
    taken_apart_s = thread_time() - began_s
    _, busy_s = asyncio.run(longest_waits_s(remains.let_go()))
    return at_once_s, max(taken_apart_s, busy_s)


def main() -> None:
    """Print the spread of a decision, its ratio to judging every campaign, and what a swap costs."""
    decisions = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    raw, floorplan = document(), plan()
    members = [member(number) for number in range(MEMBERS)]
    campaigns = compile_campaigns(raw)
    gc.collect()
    gc.freeze()
    ours = Snapshot.of(campaigns, floorplan)
    every = replace(ours, index=Every(**{name: getattr(ours.index, name) for name in CampaignIndex.__slots__}))

    def run(snapshot: Snapshot, count: int) -> list[float]:
        dice = Random(1)
        return [decision_s(snapshot, dice, members) * 1e3 for _ in range(count)]

    spread = run(ours, decisions)
    all_of_them = run(every, ALL_DECISIONS)
    same = run(ours, ALL_DECISIONS)
    swaps = [swap(raw, floorplan, members, Random(number)) for number in range(SWAPS)]
    idle_s, _ = asyncio.run(longest_waits_s(asyncio.sleep(2.0)))
    threaded_s, _ = asyncio.run(longest_waits_s(asyncio.to_thread(compile_campaigns, raw)))
    wait_s, busy_s = asyncio.run(longest_waits_s(sliced(raw)))
    at_once_s, slice_s = given_back(raw)
    p99 = quantiles(spread, n=100)[98]
    print(f"{CAMPAIGNS} campaigns, {MEMBERS} members, {ZONES} zones, {MARKERS} markers; {len(raw) / 2**20:.1f} MiB")
    print(f"decision   median {median(spread):7.3f}  p99 {p99:7.3f}  most {max(spread):7.3f} ms CPU ({decisions})")
    print(f"every one  median {median(all_of_them):7.3f} ms CPU (peer: the rules asked of all campaigns)")
    print(f"ratio      {median(all_of_them) / median(same):.0f}")
    first = [each[2] * 1e3 for each in swaps]
    print(
        f"after swap median {median(first):7.3f}  most {max(first):7.3f} ms CPU for the first decision ({SWAPS} swaps)"
    )
    print(f"swap       {max(each[1] for each in swaps) * 1e3:7.3f} ms CPU at most on the loop")
    print(f"compiling  {median(each[0] for each in swaps):7.3f} s CPU")
    print(f"in slices  {busy_s * 1e3:7.3f} ms CPU at most between two turns of the loop, {wait_s * 1e3:.0f} ms in all")
    print(f"given back {slice_s * 1e3:6.3f} ms CPU at most between two turns; {at_once_s * 1e3:.0f} ms at once")
    print(f"beside it  {threaded_s * 1e3:.0f} ms where a thread compiles, {idle_s * 1e3:.0f} ms with nothing to do")


if __name__ == "__main__":
    main()
