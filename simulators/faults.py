"""Faults on purpose: the broker cut off, an adapter pulled out, each for a while; and whether all was well after."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Final, Self

from simulators.bluez import SimulatedBluez
from simulators.control import NotNow
from simulators.fault_proxy import FaultProxy
from simulators.head_office import HeadOffice

HEALS_S: Final = 60.0
"""How long a gateway may take to recover from a fault that is over (seconds)."""

_POLL_S: Final = 0.1


class Faults:
    """Injects each kind of fault one at a time, and counts those that the gateway recovered from.

    The broker is recovered when head office hears the gateway in a new session; an adapter when it is scanned again.

    Attributes:
        injected: Faults so far.
        recovered: Those that healed, and from which the gateway recovered within a minute.
    """

    def __init__(self, proxy: FaultProxy, bluez: SimulatedBluez, office: HeadOffice) -> None:
        self._proxy = proxy
        self._bluez = bluez
        self._office = office
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._over = asyncio.Event()
        self.injected = 0
        self.recovered = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        under_way = tuple(self._under_way.values())
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    @property
    def under_way(self) -> tuple[str, ...]:
        """What is broken, or not recovered from, now."""
        return tuple(self._under_way)

    def cut(self, seconds: float) -> None:
        """Cut the broker off.

        Raises:
            NotNow: it is.
        """
        self._begin("broker", partial(self._cut, seconds))

    def pull(self, adapter: str, seconds: float) -> None:
        """Pull an adapter out.

        Raises:
            NotNow: it is.
        """
        self._begin(adapter, partial(self._pull, adapter, seconds))

    async def settle(self) -> None:
        """End every fault now; return when each is recovered from, or given up."""
        self._over.set()
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    def _begin(self, what: str, fault: Callable[[], Awaitable[None]]) -> None:
        if what in self._under_way:
            msg = f"The {what} is out already; wait until the gateway has recovered."
            raise NotNow("out_already", msg)
        self.injected += 1
        task = asyncio.create_task(self._healed(fault), name=f"fault:{what}")
        self._under_way[what] = task
        task.add_done_callback(lambda _: self._under_way.pop(what))

    async def _healed(self, fault: Callable[[], Awaitable[None]]) -> None:
        with suppress(TimeoutError):
            await fault()
            self.recovered += 1

    async def _cut(self, seconds: float) -> None:
        session = self._state.get("session")
        self._proxy.cut()
        try:
            await self._lasting(seconds)
        finally:
            await self._proxy.mend()
        await self._office.until(
            lambda: self._state.get("online") is True and self._state["session"] != session, HEALS_S
        )

    async def _lasting(self, seconds: float) -> None:
        """The time that a fault lasts."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)

    @property
    def _state(self) -> Mapping[str, object]:
        """The gateway's last `state` at head office."""
        return self._office.states.get(self._office.store.gateway, {})

    async def _pull(self, adapter: str, seconds: float) -> None:
        self._bluez.unplug(adapter)
        try:
            await self._lasting(seconds)
        finally:
            self._bluez.plug(adapter)
        async with asyncio.timeout(HEALS_S):
            await self._scanned(adapter)

    async def _scanned(self, adapter: str) -> None:
        while True:
            if self._bluez.scanning(adapter):
                return
            await asyncio.sleep(_POLL_S)
