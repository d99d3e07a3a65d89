"""Manifests that wait to be judged: the newest of each document, since an older one is of no account."""

import asyncio
from collections.abc import Coroutine


class Superseded(Exception):
    """Something newer came while an older one was worked on."""


class Newest:
    """One place to wait in. What is there when more comes is dropped: a retained message replaces the one before."""

    def __init__(self) -> None:
        self._waiting: bytes | None = None
        self._arrived = asyncio.Event()

    def put(self, payload: bytes) -> None:
        """Let this one wait."""
        self._waiting = payload
        self._arrived.set()

    async def take(self) -> bytes:
        """The one that waits; waits for it."""
        while self._waiting is None:
            self._arrived.clear()
            await self._arrived.wait()
        payload, self._waiting = self._waiting, None
        self._arrived.clear()
        return payload

    async def arrived_within(self, pause_s: float) -> bool:
        """Whether something came within so many seconds; it still waits."""
        try:
            async with asyncio.timeout(pause_s):
                await self._arrived.wait()
        except TimeoutError:
            return False
        return True

    async def unless_newer(self, work: Coroutine[None, None, None]) -> None:
        """Do `work` to its end, or drop it when something newer comes.

        Raises:
            Superseded: it was dropped.
        """
        working = asyncio.ensure_future(work)
        newer = asyncio.ensure_future(self._arrived.wait())
        try:
            await asyncio.wait({working, newer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            newer.cancel()
            if not working.done():
                working.cancel()
                await asyncio.wait({working})
        if working.cancelled():
            raise Superseded
        working.result()
