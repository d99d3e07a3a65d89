"""Satellites with other people's firmware, each in its own words, at the pace at which they speak."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from time import monotonic
from types import TracebackType
from typing import Final, Self

from simulators.link import Link
from simulators.satellites import Message, espresense, theengs

DIALECTS: Final[Mapping[str, Callable[[str, bytes, str, int], Message]]] = {
    "espresense": espresense,
    "theengs": theengs,
}
"""By the name that the gateway's settings have for it: what a receiver of that name publishes of a packet."""
TELLS_EVERY_S: Final = 1.0
"""Of one transmitter a satellite tells this often (seconds)."""
MOST_TRANSMITTERS: Final = 1_000


class ForeignSatellites:
    """Satellites on one connection; `receivers` says which dialect each speaks."""

    def __init__(self, url: str, receivers: Mapping[str, str]) -> None:
        self._receivers = receivers
        self._told: dict[tuple[str, str], float] = {}
        self._link = Link(url, (), lambda *_: None, self._live)

    async def __aenter__(self) -> Self:
        await self._link.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._link.__aexit__(kind, error, trace)

    def hear(self, receiver: str, payload: bytes, address: str, rssi_dbm: int) -> bool:
        """A packet arrives at the antenna of a satellite; whether it told of it: not of all it knows what to tell."""
        now_s = monotonic()
        if now_s - self._told.get((receiver, address), 0.0) < TELLS_EVERY_S:
            return False
        with suppress(ValueError):
            message = DIALECTS[self._receivers[receiver]](receiver, payload, address, rssi_dbm)
            if len(self._told) >= MOST_TRANSMITTERS:
                self._told.clear()
            self._told[receiver, address] = now_s
            return self._link.publish(message.topic, message.payload, retain=False)
        return False

    def _live(self) -> None:
        """Each says that it lives, as its firmware does when it connects."""
        for receiver, dialect in self._receivers.items():
            topic = f"espresense/rooms/{receiver}/status" if dialect == "espresense" else f"home/{receiver}/LWT"
            self._link.publish(topic, b"online", retain=True)
