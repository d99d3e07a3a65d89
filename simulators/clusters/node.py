"""One node of a cluster: a server as a child process that does not outlive us."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from simulators.leash import leashed

_STOP_S: Final = 10.0


@dataclass(slots=True)
class Node:
    """What runs it, where it says what it does, and where it takes MQTT connections on the loopback (0: nowhere).

    `first` = it takes clients before the others are there, and they join it only then.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    port: int
    first: bool = False
    _process: Process | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """What clients connect to."""
        return f"mqtt://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it; it takes connections some time later."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *leashed(self.command),
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )

    async def kill(self) -> None:
        """End it as a power cut would, with all that it started."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """End it in good order, within 10 s."""
        try:
            async with asyncio.timeout(_STOP_S):
                await self._end(signal.SIGTERM)
        except TimeoutError:
            await self.kill()

    async def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        if self.running:
            os.killpg(self._process.pid, number)
        await self._process.wait()
