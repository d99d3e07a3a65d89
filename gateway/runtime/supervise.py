"""Every task has an owner and a name: the core's end the process when they fail, the edges' are started again."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterator
from types import TracebackType
from typing import Any, Final, Self

import structlog

from gateway.model.health import Condition
from gateway.runtime.errors import said_of
from gateway.runtime.health import Health

STEADY_S: Final = 60.0
"""An edge that ran this long (seconds) starts its back-off anew."""

Job = Callable[[], Coroutine[Any, Any, None]]


class CutOff(Exception):
    """A job ended because what it waited for was cancelled under it: nobody asked the job itself to end."""


def backoff(first_s: float = 1.0, most_s: float = 60.0, chance: Callable[[], float] = random.random) -> Iterator[float]:
    """Pauses between attempts (seconds): doubling up to `most_s`, each between half and the whole of that, for ever."""
    pause_s = first_s
    while True:
        yield pause_s * (0.5 + 0.5 * chance())
        pause_s = min(most_s, pause_s * 2)


class Supervisor:
    """Owns the tasks of the daemon for the length of an `async with`.

    A core task that raises cancels all others and its error leaves the block (in an ExceptionGroup). An edge that
    raises is shown as a condition and started again after a pause. The block waits for every task; `release` ends some.
    """

    def __init__(self, health: Health, pauses: Callable[[], Iterator[float]] = backoff) -> None:
        self._health = health
        self._pauses = pauses
        self._group = asyncio.TaskGroup()
        self._log = structlog.get_logger("supervisor")

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._group.__aexit__(kind, error, trace)

    def core(self, name: str, job: Job) -> asyncio.Task[None]:
        """Run a job whose failure ends the process."""
        return self._group.create_task(job(), name=name)

    def edge(self, name: str, job: Job) -> asyncio.Task[None]:
        """Run a job that is started again, with back-off, when it fails; a job that returns is over."""
        return self._group.create_task(self._keep(name, job), name=name)

    async def release(self, *tasks: asyncio.Task[None], within_s: float | None = None) -> bool:
        """End tasks, all at once, and wait until they are over, at most so long (seconds); whether they are."""
        for task in tasks:
            task.cancel()
        return not tasks or not (await asyncio.wait(tasks, timeout=within_s))[1]

    async def _keep(self, name: str, job: Job) -> None:
        loop = asyncio.get_running_loop()
        pauses = self._pauses()
        while True:
            began_s = loop.time()
            error = await self._failure(name, job)
            if error is None:
                self._health.clear(name)
                return
            if loop.time() - began_s >= STEADY_S:
                pauses = self._pauses()
            pause_s = next(pauses)
            said = said_of(error)
            hint = f"{said}; it is started again by itself"
            self._health.report(Condition(name, "failed", "error", hint, {"said": said}))
            self._log.debug("edge_restarts", part=name, pause_s=round(pause_s, 2))
            await asyncio.sleep(pause_s)

    async def _failure(self, name: str, job: Job) -> Exception | None:
        """How one life of the job ended: None where it returned. What is no Exception ends the process."""
        task = asyncio.create_task(job(), name=f"{name}:job")
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait({task})
            raise
        if task.cancelled():
            return CutOff("something that it waited for was cancelled")
        error = task.exception()
        if error is not None and not isinstance(error, Exception):
            raise error
        return error
