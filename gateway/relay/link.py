"""What telling needs of a session with the shop's broker."""

import asyncio
from typing import Protocol

from gateway.mqtt.message import Published


class Link(Protocol):
    """`gateway.mqtt.session.Session`, or a fake."""

    @property
    def room(self) -> int:
        """How many messages may be added to those in flight; 0 while there is no connection."""

    async def connected(self) -> asyncio.Future[Exception]:
        """Wait for a connection; the future is done once it has ended."""

    def publish_nowait(self, topic: str, payload: bytes) -> asyncio.Future[Published]:
        """Publish at QoS 1; raises `NotConnected`."""
