"""While storage fails radio is dropped: that the gateway heard nobody then is never that everybody left."""

import asyncio

from gateway.core.engine import Engine
from gateway.model.event import Event
from gateway.model.inputs import Started
from gateway.model.sighting import CodeText, Sighting
from gateway.pipeline import Pipeline
from gateway.runtime.feed import Feed
from gateway.runtime.health import Health
from gateway.runtime.inbox import Inbox
from tests.core.shops import heard, plan
from tests.integration.pipeline_shop import PROMPT, HandClock, ListStore, quickly, until


def events_of(store: ListStore) -> list[Event]:
    return [event for batch in store.batches for event in batch.events]


async def outage(outage_s: float, *, live: bool = True) -> tuple[list[Event], float]:
    """Somebody stands among the shoes while storage fails for so long; the events, and when it worked again (s)."""
    clock, health, failing = HandClock(), Health(), False
    inbox, store = Inbox(clock), ListStore(failing=lambda: failing)
    engine = Engine(incarnation="0" * 16, id_key=bytes(32), floorplan=plan())
    pipeline = Pipeline(
        inbox=inbox, engine=engine, store=store, feed=Feed(), health=health, options=PROMPT, pauses=quickly
    )

    async def hear_once() -> None:
        if live:
            inbox.offer(heard("rx-shoes", -50.0))
        else:
            await inbox.put(heard("rx-shoes", -50.0))

    async def hear(seconds: int) -> None:
        for _ in range(seconds):
            clock.mono_s += 1.0
            await hear_once()
            await until(lambda: not len(inbox))

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(pipeline.run())
        await inbox.put(Started("test"))
        await hear(30)
        await until(lambda: any(event.type == "zone.entered" for event in events_of(store)))
        failing = True
        clock.mono_s += 1.0
        await hear_once()
        await until(lambda: pipeline.counters()["failed_commits"] > 20)
        await hear_once()
        clock.mono_s += 10.0
        await inbox.put(Sighting("code", "rx-shoes", CodeText("qr_code", "A7")))
        clock.mono_s += outage_s - 10.0
        failing = False
        again_utc_s = inbox.now().utc_s
        await until(lambda: health.sound("storage"))
        await hear(60)
        inbox.close()
    return events_of(store), again_utc_s


async def test_nobody_leaves_while_storage_fails_and_what_was_scanned_then_keeps_its_time() -> None:
    told, again_utc_s = await outage(120.0)
    types = [event.type for event in told]
    assert {"zone.left", "visit.ended"}.isdisjoint(types)
    (scanned,) = (event for event in told if event.type == "code.scanned")
    assert scanned.time_utc_s == again_utc_s - 110.0


async def test_after_a_failure_longer_than_a_visit_may_be_silent_visits_end_at_their_last_evidence() -> None:
    told, again_utc_s = await outage(7200.0)
    (ended,) = (event for event in told if event.type == "visit.ended")
    assert ended.data["cause"] == "restart"
    assert ended.time_utc_s < again_utc_s - 7190.0


async def test_what_a_recording_says_meanwhile_is_kept_and_stepped_at_its_own_time() -> None:
    told, again_utc_s = await outage(120.0, live=False)
    assert [event.type for event in told].count("zone.left") == 1, "of this nothing was lost: it was a silence"
    (scanned,) = (event for event in told if event.type == "code.scanned")
    assert scanned.recorded_utc_s == scanned.time_utc_s == again_utc_s - 110.0
