"""Long work in slices: what is due meanwhile goes on, and the work comes to the same."""

import asyncio
from time import perf_counter

import pytest

from gateway.model.slices import Slices, done
from gateway.runtime.slices import in_slices


def counting(steps: int, each_s: float = 0.0) -> Slices[int]:
    for _ in range(steps):
        until_s = perf_counter() + each_s
        while perf_counter() < until_s:
            pass
        yield
    return steps


async def test_other_work_has_its_turn_between_slices() -> None:
    turns = 0

    async def turning() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(turning())
    assert await in_slices(counting(10, each_s=0.001), slice_s=0.0) == 10
    other.cancel()
    assert turns >= 10


async def test_work_of_no_steps_comes_to_its_value_and_trouble_comes_through() -> None:
    def failing() -> Slices[int]:
        yield
        raise LookupError

    assert await in_slices(counting(0)) == 0
    assert done(counting(3)) == 3
    with pytest.raises(LookupError):
        await in_slices(failing())
