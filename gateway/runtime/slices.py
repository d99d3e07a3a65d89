"""Long work on the event loop, which has its turn in between."""

import asyncio
from time import perf_counter
from typing import Final

from gateway.model.slices import Slices, Value

SLICE_S: Final = 0.004
"""How long the loop waits for a slice of work (seconds)."""


async def in_slices(work: Slices[Value], slice_s: float = SLICE_S) -> Value:
    """What `work` comes to; everything else that is due goes on between two slices of so many seconds.

    Beside a thread it costs the loop less: one that computes gives the interpreter up only every 5 ms, each time
    that the loop asks for it, and a turn of the loop asks several times.
    """
    while True:
        until_s = perf_counter() + slice_s
        try:
            next(work)
            while perf_counter() < until_s:
                next(work)
        except StopIteration as end:
            value: Value = end.value
            return value
        await asyncio.sleep(0)
