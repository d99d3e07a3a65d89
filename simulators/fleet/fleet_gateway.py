"""One gateway of a fleet: makes events at its rate and sends them until head office has them."""

import asyncio
import itertools
import json
import random
import secrets
from collections.abc import Sequence
from typing import Final

from gateway.model.store import StoreRef
from simulators.fleet.envelope import encode
from simulators.fleet.lane import Lane
from simulators.fleet.traffic import ShopTraffic
from simulators.link import Link, LinkOptions

_RETRY_MIN_S: Final = 0.2
_RETRY_MAX_S: Final = 1.0


class FleetGateway:
    """A gateway as a broker sees it, with an outbox in memory and a new incarnation each time.

    When its connection is lost it goes on to the next address, and begins again after what head office has.
    """

    def __init__(self, store: StoreRef, urls: Sequence[str], ack_timeout_s: float) -> None:
        """`urls` are the addresses of one broker or cluster, the one to begin with first."""
        self._urls = urls
        self._ack_timeout_s = ack_timeout_s
        self._store = store
        self._incarnation = secrets.token_hex(8)
        self._root = f"proximity/v1/{store.tenant}/{store.store}/{store.gateway}"
        self._traffic = ShopTraffic(self._incarnation, seed=int(self._incarnation, 16))
        self._lanes: dict[str, Lane] = {}
        self._link: Link | None = None

    @property
    def connected(self) -> bool:
        """Whether it can send now."""
        return self._link is not None and self._link.up

    @property
    def sent(self) -> int:
        """Events made, each sent at least once or waiting for its turn."""
        return sum(lane.made for lane in self._lanes.values())

    @property
    def acked(self) -> int:
        """Events that head office has."""
        return sum(lane.acked for lane in self._lanes.values())

    def longest_gap_s(self, now_s: float) -> float:
        """The longest wait for an ack, the one that is still open included (seconds)."""
        for lane in self._lanes.values():
            lane.look(now_s)
        return max((lane.longest_gap_s for lane in self._lanes.values()), default=0.0)

    def happen(self, utc_s: float) -> None:
        """Make the next event, at `utc_s`."""
        event = self._traffic.next(utc_s)
        lane = self._lanes.setdefault(event.stream, Lane(self._ack_timeout_s))
        lane.add(encode(event, self._store), asyncio.get_running_loop().time())

    def send(self, now_s: float) -> None:
        """Publish what is due, if there is a connection."""
        link = self._link
        if link is None or not link.up:
            return
        for stream, lane in self._lanes.items():
            for payload in lane.due(now_s):
                link.publish(f"{self._root}/events/{stream}", payload, retain=False)

    async def stay_connected(self) -> None:
        """Connect, and when the connection is lost connect to the next address, for ever."""
        for url in itertools.cycle(self._urls):
            try:
                options = LinkOptions(comes_back=False)
                async with Link(url, (f"{self._root}/acks/+/+",), self._hear, lambda: None, options) as self._link:
                    for lane in self._lanes.values():
                        lane.rewind()
                    await self._link.lost()
            except ConnectionError:
                pass  # counted by what is not acknowledged
            await asyncio.sleep(random.uniform(_RETRY_MIN_S, _RETRY_MAX_S))

    def _hear(self, topic: str, payload: bytes, _retained: bool) -> None:
        incarnation, stream = topic.split("/")[-2:]
        if incarnation == self._incarnation and stream in self._lanes:
            self._lanes[stream].ack(int(json.loads(payload)["acked"]), asyncio.get_running_loop().time())
