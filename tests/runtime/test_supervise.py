"""Crash the core, retry the edges."""

import asyncio
import re
from collections.abc import Iterator

import pytest

from gateway.runtime.health import Health
from gateway.runtime.supervise import Supervisor, backoff


def at_once() -> Iterator[float]:
    while True:
        yield 0.0


async def forever() -> None:
    await asyncio.Event().wait()


async def broken() -> None:
    msg = "the timeline went back"
    raise RuntimeError(msg)


async def test_a_failing_core_task_ends_everything() -> None:
    edges = []

    async def daemon() -> None:
        async with Supervisor(Health()) as supervisor:
            edges.append(supervisor.edge("radio", forever))
            supervisor.core("pipeline", broken)

    with pytest.raises(ExceptionGroup) as raised:
        await daemon()
    assert raised.group_contains(RuntimeError, match="the timeline went back")
    assert edges[0].cancelled()


async def test_a_failing_edge_is_shown_and_started_again() -> None:
    health = Health()
    attempts = 0
    seen: list[str] = []

    async def flaky() -> None:
        nonlocal attempts
        seen.extend(condition.hint for condition in health.conditions())
        attempts += 1
        if attempts < 3:
            msg = "adapter hci0 is gone"
            raise OSError(msg)

    async with Supervisor(health, at_once) as supervisor:
        task = supervisor.edge("source:gw-1", flaky)
    assert task.get_name() == "source:gw-1"
    assert attempts == 3
    assert seen == ["OSError: adapter hci0 is gone; it is started again by itself"] * 2
    assert health.conditions() == []


async def test_an_edge_whose_wait_is_cancelled_under_it_is_started_again() -> None:
    attempts = 0

    async def waits_for_what_a_library_gives_up() -> None:
        nonlocal attempts
        attempts += 1
        answer = asyncio.get_running_loop().create_future()
        if attempts == 1:
            answer.cancel()
        else:
            answer.set_result(None)
        await answer

    health = Health()
    async with Supervisor(health, at_once) as supervisor:
        supervisor.edge("source:gw-1", waits_for_what_a_library_gives_up)
    assert attempts == 2
    assert health.conditions() == []


async def test_a_fault_of_the_program_is_told_by_its_place_for_its_message_may_name_somebody() -> None:
    health = Health()
    seen: list[str] = []

    async def faulty() -> None:
        seen.extend(condition.hint for condition in health.conditions())
        if not seen:
            places: dict[str, str] = {}
            async with asyncio.TaskGroup():
                places["m.q3lzt7"]

    async with Supervisor(health, at_once) as supervisor:
        supervisor.edge("live", faulty)
    (hint,) = seen
    assert re.fullmatch(r"KeyError at test_supervise\.py:\d+; it is started again by itself", hint)


async def test_a_released_edge_is_over() -> None:
    ended = False

    async def patient() -> None:
        nonlocal ended
        try:
            await forever()
        finally:
            ended = True

    async with Supervisor(Health()) as supervisor:
        task = supervisor.edge("mqtt", patient)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await supervisor.release(task)
        assert ended


async def test_edges_are_released_together_and_not_waited_for_longer_than_told() -> None:
    leaving = asyncio.Barrier(2)
    let_go = asyncio.Event()

    async def stays(until: asyncio.Barrier | asyncio.Event) -> None:
        try:
            await forever()
        finally:
            await until.wait()

    async with asyncio.timeout(10), Supervisor(Health()) as supervisor:
        tasks = [supervisor.edge(f"source:gw-{each}", lambda: stays(leaving)) for each in (1, 2)]
        stuck = supervisor.edge("source:gw-3", lambda: stays(let_go))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert await supervisor.release(*tasks)
        assert not await supervisor.release(stuck, within_s=0.01)
        let_go.set()
        assert await supervisor.release(stuck)
        assert await supervisor.release()


def test_backoff_doubles_to_its_bound_with_jitter() -> None:
    longest = backoff(1.0, 8.0, chance=lambda: 1.0)
    shortest = backoff(1.0, 8.0, chance=lambda: 0.0)
    assert [next(longest) for _ in range(6)] == [1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert [next(shortest) for _ in range(6)] == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0]
