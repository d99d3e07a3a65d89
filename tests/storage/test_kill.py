"""kill -9 at any moment: what was reported committed is there, and nothing is there by half."""

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import TypeVar

import pytest

from gateway.model.step import Record, Stream
from gateway.model.visit import Presence
from gateway.storage.database import open_store
from gateway.storage.ledger import open_ledger
from gateway.storage.outbox import open_outbox
from tests.storage.committer import EVENTS_EACH, ORIGIN, SECRET

T = TypeVar("T")

KILLS = 12
ROOT = Path(__file__).parents[2]


@pytest.mark.slow
async def test_every_reported_batch_survives_kills_and_no_half_one_does(tmp_path: Path) -> None:
    moments = random.Random(7)
    committed = 0
    for _ in range(KILLS):
        reported = run_and_kill(tmp_path, after_s=moments.uniform(0.0, 0.3))
        found = await assert_whole(tmp_path)
        assert found >= max(reported, committed)
        assert found <= max(reported, committed) + 1, "more than the one batch under way was there"
        committed = found
    assert committed > KILLS


def run_and_kill(directory: Path, after_s: float) -> int:
    """Run the committer until `after_s` after it opened its store, then kill it; the last number it printed, or 0."""
    command = [sys.executable, "-m", "tests.storage.committer", str(directory)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        time.sleep(after_s)
        process.kill()
        numbers = [int(line) for line in process.stdout.read().splitlines()]
    return numbers[-1] if numbers else 0


async def assert_whole(directory: Path) -> int:
    """All parts of batches 1..n are there, and no part of another; n."""
    async with open_store(directory, SECRET) as store:
        restored = await store.load()
        n = restored.positions.get(ORIGIN, 0)
    async with open_outbox(directory, SECRET) as outbox, open_ledger(directory, SECRET) as ledger:
        events = await outbox.after(store.incarnation, "visit", 0, 1_000_000)
        decisions = await ledger.decisions("m.walker", limit=1_000_000)
    assert [event.sequence for event in events] == list(range(1, n * EVENTS_EACH + 1))
    assert len(decisions) == n
    if n:
        assert one(restored.records, Stream).next_sequence == n * EVENTS_EACH + 1
        assert one(restored.records, Presence).zone == f"z{n}"
    return n


def one(records: list[Record], kind: type[T]) -> T:
    (record,) = (record for record in records if isinstance(record, kind))
    return record
