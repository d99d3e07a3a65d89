"""The outbox of a long outage: what a busy shop has to tell, committed a few events at a time."""

import time
from collections import Counter
from pathlib import Path
from typing import Final

from gateway.model.event import Event
from gateway.model.step import Save, Stream
from gateway.model.store import StoreRef
from gateway.storage.batch import Batch
from gateway.storage.bounds import OutboxOptions
from gateway.storage.database import open_store
from gateway.uplink.topics import Topics
from gateway.uplink.wire import encode
from simulators.fleet.traffic import ShopTraffic

STORE: Final = StoreRef("acme", "0042", "gw-1")
SECRET: Final = bytes(32)
BOUNDS: Final = OutboxOptions(visit_events=5_000_000, offer_events=5_000_000)
"""Nothing of the backlog is given up."""

_PER_COMMIT: Final = 25
_RATE: Final = 10.0


async def fill(directory: Path, count: int, messages: Path) -> Counter[str]:
    """Commit `count` events in `directory` and write them, a topic and a payload a line, to `messages`.

    Ten events a second until now, a commit each 2.5 s, as radio is committed; gives the last sequence of each stream.
    """
    topics, began_utc_s = Topics(STORE), round(time.time() - count / _RATE, 1)
    last: Counter[str] = Counter()
    async with open_store(directory, SECRET, outbox=BOUNDS) as store:
        traffic = ShopTraffic(store.incarnation, seed=1)
        with messages.open("wb") as lines:
            for first in range(0, count, _PER_COMMIT):
                places = range(first, min(count, first + _PER_COMMIT))
                events = [traffic.next(began_utc_s + place / _RATE) for place in places]
                await store.commit(_batch(events, last))
                for event in events:
                    lines.write(b"%s %s\n" % (topics.events(event.stream).encode(), encode(event, STORE)))
    return last


def _batch(events: list[Event], last: Counter[str]) -> Batch:
    for event in events:
        last[event.stream] = event.sequence
    changes = tuple(Save(Stream(stream, last[stream] + 1)) for stream in {event.stream for event in events})
    return Batch(changes, tuple(events))
