"""A child that stays: frames to and from it for as long as it lives, as `child` describes them."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final

from gateway.runtime.child import LENGTH, OUT_OF_MEMORY, ChildFailed, confine, end_child, start_child

MOST_BYTES: Final = 1 << 20
"""The longest frame; a longer one ends its child."""
SEND_S: Final = 10.0
"""How long a child may leave a frame unread (seconds)."""


class ChildLink:
    """The parent's end. What a child says is read only when asked for: one that says too much waits."""

    def __init__(self, child: Process) -> None:
        self._child = child

    @property
    def pid(self) -> int:
        """The child's process."""
        return self._child.pid

    async def send(self, frame: bytes) -> None:
        """Hand the child a frame.

        Raises:
            ChildFailed: it is gone, or reads nothing.
        """
        if self._child.stdin is None:
            return
        try:
            async with asyncio.timeout(SEND_S):
                self._child.stdin.write(LENGTH.pack(len(frame)) + frame)
                await self._child.stdin.drain()
        except TimeoutError:
            raise ChildFailed("costly", f"it read nothing for {SEND_S:.0f} s") from None
        except (BrokenPipeError, ConnectionResetError):
            raise await self._failure() from None

    async def receive(self, within_s: float) -> bytes:
        """The next frame of the child.

        Raises:
            ChildFailed: it is gone (`killed`, `broken`), or said nothing for `within_s` (`costly`).
        """
        if self._child.stdout is None:
            return b""
        try:
            async with asyncio.timeout(within_s):
                (length,) = LENGTH.unpack(await self._child.stdout.readexactly(LENGTH.size))
                if length > MOST_BYTES:
                    raise ChildFailed("broken", f"it said {length} bytes at once")
                return await self._child.stdout.readexactly(length)
        except TimeoutError:
            raise ChildFailed("costly", f"it said nothing for {within_s:.0f} s") from None
        except asyncio.IncompleteReadError:
            raise await self._failure() from None

    async def ended(self) -> ChildFailed:
        """Return when it is gone by itself: why. Only while nothing is received: what it says meanwhile waits."""
        await self._child.wait()
        return await self._failure()

    async def _failure(self) -> ChildFailed:
        """Why a child whose pipe is closed is gone."""
        try:
            async with asyncio.timeout(1.0):
                status = await self._child.wait()
        except TimeoutError:
            return ChildFailed("broken", "it closed its pipe")
        if status == OUT_OF_MEMORY:
            return ChildFailed("costly", "it took more memory than it may")
        if status < 0:
            return ChildFailed("killed", f"its process was ended by signal {-status}")
        return ChildFailed("broken", f"its process ended with status {status}")


@asynccontextmanager
async def open_child(module: str, memory_bytes: int, told: Mapping[str, str]) -> AsyncIterator[ChildLink]:
    """`python -m MODULE`, whose `main` has to be `serve_parent`, until the end of the block.

    It may use `memory_bytes` of address space, and its environment is `told` alone.

    Raises:
        ChildFailed: it cannot be started.
    """
    child = await start_child(module, memory_bytes, 0, told)
    try:
        yield ChildLink(child)
    finally:
        await end_child(child)


def serve_parent(job: Callable[["ParentLink"], None]) -> None:
    """The whole life of a child that stays: bound itself, do its job, end."""
    link = ParentLink()
    try:
        job(link)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


class ParentLink:
    """The child's end, blocking. Made once, first of all: it confines the process."""

    def __init__(self) -> None:
        confine()
        self._out = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)  # what some library prints must not look like a frame

    def receive(self) -> bytes | None:
        """The next frame of the parent; None when there are no more."""
        length = sys.stdin.buffer.read(LENGTH.size)
        return sys.stdin.buffer.read(LENGTH.unpack(length)[0]) if len(length) == LENGTH.size else None

    def send(self, frame: bytes) -> None:
        """Tell the parent; waits while it does not listen. A parent that is gone ends the process."""
        left = memoryview(LENGTH.pack(len(frame)) + frame)
        try:
            while left:
                left = left[self._out.write(left) :]
        except BrokenPipeError:
            os._exit(0)
