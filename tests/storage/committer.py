"""A process to kill: commits numbered batches to a store and prints each number once its commit returned."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from gateway.model.step import Save, Stream
from gateway.storage.batch import Batch
from gateway.storage.database import open_store
from tests.storage.values import NOON_UTC_S, event, presence, withheld

SECRET = bytes(range(32))
EVENTS_EACH = 3
ORIGIN = "capture:test"


async def commit_for_ever(directory: Path) -> None:
    """Batch n holds events 3n-2..3n, one presence, one decision, the stream's record and position n."""
    async with open_store(directory, SECRET) as store:
        done = (await store.load()).positions.get(ORIGIN, 0)
        tell("open")
        while True:
            n = done + 1
            sequences = range(done * EVENTS_EACH + 1, n * EVENTS_EACH + 1)
            changes = (Save(presence("m.walker", zone=f"z{n}")), Save(Stream("visit", n * EVENTS_EACH + 1)))
            events = tuple(replace(event(sequence), incarnation=store.incarnation) for sequence in sequences)
            decision = withheld("m.walker", "welcome", NOON_UTC_S + n)
            await store.commit(Batch(changes, events, (decision,), {ORIGIN: n}))
            tell(str(n))
            done = n


def tell(line: str) -> None:
    """Hand a line to whoever will kill this process, before anything else happens."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(commit_for_ever(Path(sys.argv[1])))
