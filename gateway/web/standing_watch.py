"""Where the gateway stands: outbox and health, read at most once a second however many ask."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Final

from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.health import Health
from gateway.storage.standing import StreamStanding
from gateway.web.live_messages import Standing

EVERY_S: Final = 1.0


class StandingWatch:
    """Calling it gives the standing. While the disk does not answer, the outbox is as it was last."""

    def __init__(
        self, outbox: Callable[[], Awaitable[Iterable[StreamStanding]]], health: Health, *, has_broker: bool
    ) -> None:
        self._outbox = outbox
        self._health = health
        self._has_broker = has_broker
        self._streams: tuple[StreamStanding, ...] = ()
        self._read_s = float("-inf")

    async def __call__(self) -> Standing:
        """The standing now."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self._read_s >= EVERY_S:
            self._read_s = now_s
            with suppress(StorageUnavailable):
                self._streams = tuple(await self._outbox())
        online = self._health.sound("mqtt") if self._has_broker else None
        return Standing(self._streams, online, self._health.status, tuple(self._health.conditions()))
