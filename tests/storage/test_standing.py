"""Where the streams stand, and how long the room lasts."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.event import STREAMS
from gateway.model.step import Save, Stream
from gateway.storage.batch import Batch
from gateway.storage.connection import open_reader
from gateway.storage.database import open_store
from gateway.storage.pace import HOUR_S, Pace
from gateway.storage.standing import StreamStanding, read_room, read_standing
from tests.storage.values import NOON_UTC_S, event

SECRET = bytes(range(32))


async def standing_of(directory: Path) -> dict[str, StreamStanding]:
    async with open_reader(directory) as connection:
        found = await read_standing(connection)
        assert [standing.stream for standing in found] == list(STREAMS)
        return {standing.stream: standing for standing in found}


async def test_a_new_store_has_six_empty_streams(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store:
        found = await standing_of(tmp_path)
    assert found["visit"] == StreamStanding(store.incarnation, "visit", 0, None, 1, 0, 0, None)


async def test_depth_age_and_pace_survive_acks_and_a_restart(tmp_path: Path) -> None:
    clock = NOON_UTC_S // HOUR_S * HOUR_S + 600
    for restart in range(2):
        async with open_store(tmp_path, SECRET, clock=lambda: clock) as store:
            for n in range(restart * 10 + 1, restart * 10 + 11):
                made = replace(event(n, utc_s=NOON_UTC_S + n), incarnation=store.incarnation)
                await store.commit(Batch((Save(Stream("visit", n + 1)),), (made,)))
    async with open_store(tmp_path, SECRET) as store:
        before = (await standing_of(tmp_path))["visit"]
        await store.commit(Batch((Save(Stream("visit", 21, acked=20)),)))
        after = (await standing_of(tmp_path))["visit"]
    assert (before.depth, before.oldest_utc_s, before.next_sequence) == (20, NOON_UTC_S + 1, 21)
    assert (after.depth, after.oldest_utc_s, after.acked, after.bytes) == (0, None, 20, 0)
    assert before.pace == after.pace
    assert after.pace is not None
    assert (after.pace.events, after.pace.bytes) == (20, before.bytes)
    assert after.hours_left(before.bytes * 5, clock) == pytest.approx(5.0)


async def test_room_is_what_the_disk_has(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET), open_reader(tmp_path) as connection:
        assert await read_room(connection, tmp_path) > 1 << 20


def test_nothing_written_lately_lasts_for_ever() -> None:
    quiet = StreamStanding("0" * 16, "visit", 0, None, 1, 0, 0, Pace(100, 5, 500))
    assert quiet.hours_left(1000, 102 * HOUR_S) is None
    assert replace(quiet, pace=None).hours_left(1000, 102 * HOUR_S) is None
    assert quiet.hours_left(1000, 100 * HOUR_S + 10) == 2.0


def test_the_hour_before_counts_by_the_part_that_is_recent() -> None:
    pace = Pace(100).plus(100, 10, 1000).plus(101, 1, 100)
    assert pace == Pace(101, 1, 100, 10, 1000)
    assert pace.bytes_an_hour(101 * HOUR_S + HOUR_S / 4) == 850.0
    assert pace.bytes_an_hour(102 * HOUR_S + HOUR_S / 4) == 75.0
    assert pace.bytes_an_hour(103 * HOUR_S) == 0.0


def test_a_gap_or_a_clock_that_steps_back_starts_anew() -> None:
    pace = Pace(100, 10, 1000)
    assert pace.plus(102, 1, 1) == Pace(102, 1, 1)
    assert pace.plus(99, 1, 1) == Pace(99, 1, 1)


@given(st.lists(st.floats(0, 4 * HOUR_S), min_size=1, max_size=50).map(sorted), st.floats(0, HOUR_S))
def test_the_estimate_counts_no_more_than_two_hours_events(times: list[float], later_s: float) -> None:
    pace = Pace(0)
    for time_s in times:
        pace = pace.plus(int(time_s // HOUR_S), 1, 10)
    now_s = times[-1] + later_s
    within = [time_s for time_s in times if now_s - time_s < 2 * HOUR_S]
    assert 0 <= pace.bytes_an_hour(now_s) <= 10 * len(within)
